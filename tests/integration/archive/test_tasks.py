"""Tasks: raised once, told to their person, cleared once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.archive.domain.tasks import Task
from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.words import Text
from tests.integration.archive.house import NOW, Archive

pytestmark = pytest.mark.backend

SIGN = Task("meng", "request.sign", "request", "R-1", Text(zh="请签批", en="Please sign"), file="customer:C-1")


async def test_a_task_is_raised_once_and_cleared_once(archive: Archive) -> None:
    """Whoever asks again, even after it was done, asks nothing new; nobody is told of a clearing twice."""
    tell = archive.ground.tell
    other = Task("yu", "request.sign", "request", "R-1", SIGN.words)
    async with archive.database.transaction() as tx:
        await tell.ask(tx, [SIGN, other])
        await tell.ask(tx, [SIGN])
    async with archive.database.transaction() as tx:
        await tell.clear(tx, "request", "R-1", kind="request.approve")
        await tell.clear(tx, "request", "R-1", person="meng")
        await tell.clear(tx, "request", "R-1", person="meng")
        await tell.ask(tx, [SIGN])
    told = [(event["type"], event["data"]["person"]) for event in await archive.sent("archive.v1")]
    assert sorted(told[:2]) == [("task.raised", "meng"), ("task.raised", "yu")]
    assert told[2:] == [("task.cleared", "meng")]


async def test_who_holds_a_role_works_here(archive: Archive) -> None:
    """By department where one is given; who left holds nothing. A rep's code is known, too."""
    await archive.staff(
        PersonRecorded(person="li", role="rep", department="d1", rep_code="rep-7", active=True),
        PersonRecorded(person="qi", role="rep", department="d2", active=True),
        PersonRecorded(person="wu", role="rep", department="d1", active=True),
    )
    await archive.staff(PersonDeparted(person="wu", departed_at=NOW), at=NOW + timedelta(minutes=1))
    people = archive.ground.people
    async with archive.database.transaction() as tx:
        everywhere = await people.with_role(tx, "rep")
        here = await people.with_role(tx, "rep", "d1")
    assert [one.person for one in everywhere] == ["li", "qi"]
    assert [(one.person, sorted(one.codes)) for one in here] == [("li", ["li", "rep-7"])]
