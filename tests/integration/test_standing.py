"""A token outlives the day on which its holder moved: every service asks the organisation what they are now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
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


def events(*told: PersonRecorded | PersonDeparted) -> list[Event]:
    """What the organisation tells, an hour between events."""
    kinds = {PersonRecorded: "person.recorded", PersonDeparted: "person.departed"}
    return [
        Event(f"e-{hours}", "/hr", kinds[type(data)], NOON + timedelta(hours=hours), "", data, 0)
        for hours, data in enumerate(told)
    ]


async def hear(doors: Doors, *heard: Event) -> None:
    """Let the service read these events in one poll."""
    handler = next(s.handler for s in doors.built.subscriptions if "organisation.v1" in s.topics)
    async with doors.database.transaction() as tx:
        work = await handler.load(tx, heard)
        for event in heard:
            handler.decide(work, event, event.time)
        await handler.save(tx, work)


@pytest.mark.parametrize("at_once", [True, False])
async def test_the_newest_word_on_somebody_holds_in_whatever_order_words_come(doors: Doors, *, at_once: bool) -> None:
    """A dead letter is replayed late, or two acts met: who left is not back by what was said of them before."""
    for number, order in enumerate(permutations(range(3))):
        gone, back = f"gone-{number}", f"back-{number}"
        for person, (rep, left, moved) in ((gone, (0, 2, 1)), (back, (0, 1, 2))):
            told: list[PersonRecorded | PersonDeparted] = [PersonDeparted(person=person, departed_at=NOON)] * 3
            told[rep] = PersonRecorded(person=person, role="rep", department="d1", active=True)
            told[left] = PersonDeparted(person=person, departed_at=NOON + timedelta(hours=left))
            told[moved] = PersonRecorded(person=person, role="hr", department="d2", active=True)
            heard = [events(*told)[place] for place in order]
            for poll in [heard] if at_once else [[event] for event in heard]:
                await hear(doors, *poll)
        stands = await doors.built.standing(gone)
        assert stands is not None
        assert not stands.active
        assert await doors.built.standing(back) == (True, "hr", "d2")


async def test_an_old_token_opens_what_its_holder_is_now(doors: Doors) -> None:
    """Who was the GM yesterday is refused what no rep does, and is a rep to the audit, whatever the token says."""
    await doors.tell(
        PersonRecorded(person="wei", role="gm", active=True),
        PersonRecorded(person="wei", role="rep", department="d1", active=True),
        since=NOON,
    )
    assert (await doors.ask("new", Role.GM, "GET", "/dead-letters")).status_code == 200
    assert (await doors.ask("wei", Role.GM, "GET", "/dead-letters")).json()["code"] == "role_not_allowed"
    assert {(denial["actor"], denial["role"]) for denial in await doors.denials(0)} == {("wei", "rep")}


async def test_an_old_token_says_nothing_of_the_department(doors: Doors) -> None:
    """Who moved is of the department that is recorded, for rules and audit alike."""
    await doors.tell(PersonRecorded(person="wei", role="rep", department="d2", active=True), since=NOON)
    refused = await doors.ask("wei", Role.REP, "GET", "/dead-letters", department="d1")
    assert refused.json()["code"] == "role_not_allowed"
    assert [denial["department"] for denial in await doors.denials(0)] == ["d2"]
