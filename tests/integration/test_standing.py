"""A token outlives the day on which its holder left or moved: every door of every service asks the organisation."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.engine.model import Event
from shared.roles import Role
from tests.backends import Databases
from tests.doors import Doors, open_doors
from tests.integration.tables import tables_of

pytestmark = pytest.mark.backend

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(params=["customers", "scoring", "followup", "archive"])
async def doors(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> AsyncIterator[Doors]:
    """Each of the four services, as its `__main__` puts it together."""
    opened = open_doors(request.param, await databases.copy_of(request.param, tables_of(request.param)), tmp_path)
    yield opened
    await opened.close()


async def tell(doors: Doors, *told: PersonRecorded | PersonDeparted) -> None:
    """Let the service read `organisation.v1`, an hour between events."""
    handler = next(s.handler for s in doors.built.subscriptions if "organisation.v1" in s.topics)
    for hours, data in enumerate(told):
        at = NOON + timedelta(hours=hours)
        kind = "person.recorded" if isinstance(data, PersonRecorded) else "person.departed"
        event = Event(f"e-{hours}", "/hr", kind, at, "", data, 0)
        async with doors.database.transaction() as tx:
            work = await handler.load(tx, [event])
            handler.decide(work, event, at)
            await handler.save(tx, work)


async def answers(doors: Doors, person: str, role: Role) -> set[str]:
    """What somebody is told at every door that asks for a token: the problems' codes."""
    told = set()
    for path, item in doors.app.openapi()["paths"].items():
        for method, operation in item.items():
            if "security" in operation:
                answer = await doors.ask(person, role, method.upper(), re.sub(r"\{\w+\}", "1", path))
                told.add(answer.json().get("code", "") if answer.is_client_error else str(answer.status_code))
    return told


@pytest.mark.parametrize("recorded", [True, False])
async def test_who_left_is_let_in_by_no_door(doors: Doors, *, recorded: bool) -> None:
    """P6: the doors of ops among them, and also of who was never recorded while they were there; each is noted."""
    person = PersonRecorded(person="wei", role="ops", active=True)
    await tell(doors, *[person][: int(recorded)], PersonDeparted(person="wei", departed_at=NOON + timedelta(hours=1)))
    assert await answers(doors, "wei", Role.OPS) == {"left_the_company"}
    denials = await doors.denials(0)
    assert {denial["reason"].split()[0] for denial in denials} == {"left_the_company"}
    assert "/dead-letters" in {denial["action"] for denial in denials}


async def test_an_old_token_opens_what_its_holder_is_now(doors: Doors) -> None:
    """Who was the GM yesterday is refused what no rep does, and is a rep to the audit, whatever the token says."""
    await tell(
        doors,
        PersonRecorded(person="wei", role="gm", active=True),
        PersonRecorded(person="wei", role="rep", department="d1", active=True),
    )
    assert (await doors.ask("new", Role.GM, "GET", "/dead-letters")).status_code == 200
    assert (await doors.ask("wei", Role.GM, "GET", "/dead-letters")).json()["code"] == "role_not_allowed"
    assert {(denial["actor"], denial["role"]) for denial in await doors.denials(0)} == {("wei", "rep")}


async def test_an_old_token_says_nothing_of_the_department(doors: Doors) -> None:
    """Who moved is of the department that is recorded, for rules and audit alike."""
    await tell(doors, PersonRecorded(person="wei", role="rep", department="d2", active=True))
    refused = await doors.ask("wei", Role.REP, "GET", "/dead-letters", department="d1")
    assert refused.json()["code"] == "role_not_allowed"
    assert [denial["department"] for denial in await doors.denials(0)] == ["d2"]
