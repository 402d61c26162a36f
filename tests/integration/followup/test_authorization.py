"""Every role at every door: who comes in, who is turned away, and that the table leaves no door out."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from fastapi.routing import APIRoute

from services.followup.api import (
    acts_router,
    capacity_router,
    desk_router,
    messages_router,
    plans_router,
    preferences_router,
    products_router,
    reminders_router,
    reports_router,
    schedule_router,
)
from shared.identity import Role
from tests.integration.followup.guests import ANN, BOSS, MIA, OP, Asker, Door
from tests.integration.followup.house import House

pytestmark = pytest.mark.backend

WEEK = "2026-W10"
MADE = {"made_at": "2026-03-02T11:00:00+08:00", "channel": "phone"}

READERS = {Role.REP, Role.DEPARTMENT_MANAGER, Role.GM, Role.OPS}
CONTACTORS = READERS - {Role.OPS}
MANAGERS = CONTACTORS - {Role.REP}
"""Contents are not for those who run the machines."""


class DoorPlate(NamedTuple):
    """A route, how it is called on the reminder of ann's customer A, and who may."""

    method: str
    route: str
    path: str
    allowed: set[Role]
    body: Any = None


PLATES = [
    DoorPlate("GET", "/reminders", "/reminders", READERS),
    DoorPlate("GET", "/reminders/summary", "/reminders/summary", READERS),
    DoorPlate("GET", "/reminders/choices", "/reminders/choices", READERS),
    DoorPlate("GET", "/reminders/{reminder_id}", "/reminders/{id}", CONTACTORS),
    DoorPlate("POST", "/reminders/{reminder_id}/done", "/reminders/{id}/done", CONTACTORS, MADE),
    DoorPlate("POST", "/reminders/{reminder_id}/snooze", "/reminders/{id}/snooze", CONTACTORS, {"until": "2026-03-05"}),
    DoorPlate("POST", "/reminders/{reminder_id}/skip", "/reminders/{id}/skip", CONTACTORS, {"reason": "on_leave"}),
    DoorPlate(
        "POST",
        "/reminders/{reminder_id}/hand-over",
        "/reminders/{id}/hand-over",
        CONTACTORS,
        {"to": "eve", "reason": "so"},
    ),
    DoorPlate("POST", "/handovers", "/handovers", MANAGERS, {"customer_id": "A", "to": "eve", "reason": "so"}),
    DoorPlate("GET", "/desk/day", "/desk/day", READERS),
    DoorPlate("GET", "/desk/week", "/desk/week", READERS),
    DoorPlate("GET", "/desk/reminders", "/desk/reminders", READERS),
    DoorPlate("GET", "/desk/overdue", "/desk/overdue", READERS),
    DoorPlate("GET", "/desk/ahead", "/desk/ahead", READERS),
    DoorPlate("GET", "/desk/statistics", "/desk/statistics", READERS),
    DoorPlate("PUT", "/plans/{customer_id:path}", "/plans/A", CONTACTORS, {"text": "Call."}),
    DoorPlate("GET", "/plans/{customer_id:path}", "/plans/A", CONTACTORS),
    DoorPlate("GET", "/weekly-reports", f"/weekly-reports?week={WEEK}", MANAGERS),
    DoorPlate("GET", "/weekly-reports/{rep}/{week}", f"/weekly-reports/ann/{WEEK}", CONTACTORS),
    DoorPlate("PUT", "/weekly-reports/{rep}/{week}", f"/weekly-reports/ann/{WEEK}", CONTACTORS, {"summary": "Good."}),
    DoorPlate("POST", "/weekly-reports/{rep}/{week}/file", f"/weekly-reports/ann/{WEEK}/file", CONTACTORS),
    DoorPlate("GET", "/department-reports/{department}/{week}", f"/department-reports/north/{WEEK}", MANAGERS),
    DoorPlate(
        "POST",
        "/department-reports/{department}/{week}/pass-on",
        f"/department-reports/north/{WEEK}/pass-on",
        MANAGERS,
        {"note": "so"},
    ),
]
ASKERS = [ANN, MIA, BOSS, OP, *(Asker("x", role) for role in Role if role not in READERS)]


def test_no_door_is_left_out(house: House) -> None:
    """Whoever adds a route says here who may use it."""
    routers = [
        reminders_router(house.read_reminders, house.report_contact),
        acts_router(None),  # type: ignore[arg-type]
        desk_router(house.read_desk),
        plans_router(house.keep_plans),
        reports_router(house.keep_reports, house.clock.now),
    ]
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    assert {(method, route.path) for route in routes for method in route.methods or ()} == {
        (plate.method, plate.route) for plate in PLATES
    }


def test_every_door_says_what_it_is_for(house: House) -> None:
    """In both languages, where whoever builds on it looks: OpenAPI."""
    described = [acts_router(None), reminders_router(house.read_reminders, house.report_contact)]  # type: ignore[arg-type]
    described += [capacity_router(None, None)]  # type: ignore[arg-type]
    described += [messages_router(None), preferences_router(None), products_router(None)]  # type: ignore[arg-type]
    described += [desk_router(house.read_desk), plans_router(house.keep_plans)]
    described += [reports_router(house.keep_reports, house.clock.now), schedule_router(house.read_schedule)]
    for route in (route for router in described for route in router.routes if isinstance(route, APIRoute)):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in route.description), route.path
        assert any(letter.isascii() and letter.isalpha() for letter in route.description), route.path


@pytest.mark.parametrize("asker", ASKERS, ids=lambda asker: asker.role)
@pytest.mark.usefixtures("staffed")
async def test_each_role_has_its_doors(house: House, door: Door, asker: Asker) -> None:
    """Those whose door it is get an answer, for the others there is a problem, and nothing happens."""
    reminder = await door.only(ANN)
    await door.ask(ANN, "PUT", "/plans/A", {"text": "Before."})
    events = len(await house.database.fetch("SELECT FROM outbox"))
    for plate in PLATES:
        path = plate.path.replace("{id}", reminder["reminder_id"])
        answer = await door.ask(asker, plate.method, path, plate.body)
        if asker.role in plate.allowed:
            # An act that another one has overtaken is refused for its state alone.
            assert answer.is_success or answer.status_code == 409, (plate, answer.text)
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed"), plate
    if asker.role not in READERS:
        assert len(await house.database.fetch("SELECT FROM outbox")) == events


@pytest.mark.usefixtures("staffed")
async def test_nothing_of_anothers_is_reached(house: House, door: Door) -> None:
    """A rep of another department: what is not theirs is not there, and no event says otherwise."""
    reminder = await door.only(ANN)
    bo = Asker("bo", Role.REP)
    for plate in PLATES:
        if Role.REP not in plate.allowed or not any(part in plate.path for part in ("{id}", "/plans/", "ann")):
            continue
        answer = await door.ask(bo, plate.method, plate.path.replace("{id}", reminder["reminder_id"]), plate.body)
        assert answer.status_code == 404, plate
    assert await house.published("contact.made") == []
    assert (await door.only(ANN)) == reminder


async def test_without_a_token_nothing_is_told(door: Door) -> None:
    """Every door asks who is there."""
    for plate in PLATES:
        answer = await door.client.request(plate.method, plate.path, json=plate.body)
        assert answer.status_code == 401, plate
