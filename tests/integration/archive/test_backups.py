"""Backups by HTTP: told by operations, sealed, asked for when they are not made (A8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from services.archive.parts import Backups
from shared.contracts.organisation import PersonRecorded
from shared.roles import Role
from tests.integration.archive.house import NOW, Archive

pytestmark = pytest.mark.backend

MADE: dict[str, Any] = {
    "backup": "tierline-20260302T040000Z-00aa", "made_at": NOW.isoformat(), "place": "/backups", "size": 1000,
    "sha256": "ab" * 32, "signer": "tierline/backup/00aa", "rows": 7, "entries": 3, "head": "cd" * 32,
}  # fmt: skip
OPERATORS = {Role.OPS}
READERS = {Role.OPS, Role.ARCHIVIST, Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR, Role.INSPECTOR}


class Room:
    """The doors of backups over one archive."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.registry = CollectorRegistry()
        self.backups = Backups.over(archive.ground, self.registry)
        self.doors = self.backups.routers()

    def client(self, role: Role = Role.OPS) -> httpx.AsyncClient:
        # Whoever is recorded acts in the recorded role.
        person = "wang" if role is Role.OPS else f"a {role}"
        return self.archive.client(person, role, doors=self.doors)

    def measured(self, name: str) -> float:
        value = self.registry.get_sample_value(f"tierline_backup_{name}")
        assert value is not None, generate_latest(self.registry)
        return value

    async def told(self, topic: str) -> list[dict[str, Any]]:
        return [event["data"] for event in await self.archive.sent(topic)]


@pytest.fixture
async def room(archive: Archive) -> Room:
    """Somebody who operates the system."""
    await archive.staff(PersonRecorded(person="wang", role="ops", active=True))
    return Room(archive)


async def test_every_step_of_a_backup_is_in_the_audit(room: Room) -> None:
    """Made → proved → listed with both; each step sealed with its reason, the schedule satisfied, the metric young."""
    async with room.client() as client:
        assert (await client.get("/backups/due")).json()["due"]
        assert (await client.post("/backups", json=MADE)).status_code == 201
        assert (await client.get("/backups/due")).json()["due"], "it has not come back yet"
        proved = await client.post(f"/backups/{MADE['backup']}/drills", json={"sound": True, "found": "7 rows"})
        assert proved.status_code == 201
        assert not (await client.get("/backups/due")).json()["due"]
        (listed,) = (await client.get("/backups")).json()
    assert (listed["backup"], listed["sound"], listed["head"], listed["found"]) == (
        MADE["backup"], True, MADE["head"], "7 rows",
    )  # fmt: skip
    deeds = await room.told("audit.v1")
    assert [(deed["action"], deed["file"], deed["actor"]) for deed in deeds] == [
        ("backup.made", f"backup:{MADE['backup']}", "wang"),
        ("backup.drilled", f"backup:{MADE['backup']}", "wang"),
    ]
    assert MADE["head"] in deeds[0]["reason"]
    assert "signed by tierline/backup/00aa" in deeds[0]["reason"]
    assert (room.measured("age_seconds"), room.measured("drill_sound"), room.measured("due")) == (0, 1, 0)


async def test_who_signed_is_listed_and_that_nobody_did(room: Room) -> None:
    """One of an earlier release is told without, and stays without."""
    async with room.client() as client:
        await client.post("/backups", json=MADE)
        old = {name: value for name, value in MADE.items() if name != "signer"} | {"backup": "tierline-old"}
        assert (await client.post("/backups", json=old)).status_code == 201
        listed = {each["backup"]: each["signer"] for each in (await client.get("/backups")).json()}
        assert (await client.post("/backups", json=MADE | {"backup": "x", "signer": ""})).status_code == 422
    assert listed == {MADE["backup"]: MADE["signer"], "tierline-old": None}
    assert "not signed" in (await room.told("audit.v1"))[1]["reason"]


async def test_a_backup_that_does_not_come_back_is_somebodys_task(room: Room) -> None:
    """Once a month's backup; the task goes when one came back."""
    room.archive.clock.set(NOW - timedelta(hours=20))  # before it would be overdue
    async with room.client() as client:
        await client.post("/backups", json=MADE)
        for _ in range(2):
            await client.post(f"/backups/{MADE['backup']}/drills", json={"sound": False, "found": "cut off"})
        (asked,) = await room.told("archive.v1")
        assert (asked["person"], asked["kind"], asked["subject"]["id"]) == ("wang", "backup.failed", "2026-03-01")
        assert (room.measured("drill_sound"), room.measured("due")) == (0, 1)
        await client.post(f"/backups/{MADE['backup']}/drills", json={"sound": True, "found": "7 rows"})
    cleared = (await room.archive.sent("archive.v1"))[-1]
    assert (cleared["type"], cleared["data"]["person"]) == ("task.cleared", "wang")
    assert {deed["action"] for deed in await room.told("audit.v1")} >= {"backup.drill_failed", "backup.drilled"}


async def test_an_overdue_backup_is_asked_for_once(room: Room) -> None:
    """Since the first of the month nobody made one: whoever operates the system hears of it, once."""
    await room.backups.keep.look()
    await room.backups.keep.look()
    (asked,) = await room.told("archive.v1")
    assert (asked["kind"], asked["person"]) == ("backup.overdue", "wang")
    assert room.measured("age_seconds") == float("inf")


async def test_old_ones_go_by_the_policy_and_that_is_noted_first(room: Room) -> None:
    """Twelve are kept; what nobody told of is left alone."""
    names = []
    async with room.client() as client:
        for number in range(14):
            name = f"tierline-{number:02}"
            names.append(name)
            room.archive.clock.set(NOW + timedelta(hours=number))
            assert (await client.post("/backups", json={**MADE, "backup": name})).status_code == 201
        gone = (await client.post("/backups/removals", json={"here": [*names, "somebody-elses"]})).json()["remove"]
    assert gone == names[:2]
    removed = [deed["file"] for deed in await room.told("audit.v1") if deed["action"] == "backup.removed"]
    assert removed == [f"backup:{name}" for name in names[:2]]


@pytest.mark.parametrize("role", Role)
async def test_who_may_tell_and_who_may_read(room: Room, role: Role) -> None:
    """Operations tells; those who may prove the audit read."""
    async with room.client(role) as client:
        answers = {
            "read": (await client.get("/backups")).status_code,
            "due": (await client.get("/backups/due")).status_code,
            "made": (await client.post("/backups", json=MADE)).status_code,
            "drilled": (await client.post("/backups/x/drills", json={"sound": True, "found": "x"})).status_code,
            "removals": (await client.post("/backups/removals", json={"here": []})).status_code,
        }
    told = role in OPERATORS
    read = 200 if role in READERS else 403
    assert answers == {
        "read": read,
        "due": read,
        "made": 201 if told else 403,
        "drilled": 201 if told else 403,
        "removals": 200 if told else 403,
    }


async def test_nothing_that_was_noted_is_changed(room: Room, superuser: Any) -> None:
    """Told twice it is refused; the database refuses a change to everybody, and its login may not even try."""
    async with room.client() as client:
        await client.post("/backups", json=MADE)
        again = await client.post("/backups", json=MADE | {"size": 5})
    assert (again.status_code, again.json()["code"]) == (409, "told_before")
    for statement in ("UPDATE backups SET size = 5", "DELETE FROM backups", "TRUNCATE backup_drills"):
        with pytest.raises(Exception, match="append-only"):
            await superuser.execute(statement)
