"""Reminders of a rep who is away: put off, another's by policy, or waited for."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from shared.contracts.types import SamplePhase
from tests.in_force import changed
from tests.integration.followup.climbing import peopled, steps
from tests.integration.followup.house import (
    DAY,
    NOON,
    POLICY,
    TODAY,
    House,
    facts,
    leave,
    leave_cancelled,
    person,
    tier,
)
from tests.integration.followup.test_policy import follow

pytestmark = pytest.mark.backend


@pytest.mark.parametrize("ill_at_noon", [False, True])
async def test_who_gets_the_customer_of_a_rep_on_leave_does_not_wait_for_the_return(
    house: House, *, ill_at_noon: bool
) -> None:
    """P6, F8: issued before the leave was known or during it, it is on the new rep's list at once."""
    away = [person("ann", "field", "rep-1"), leave("L-1", "ann", TODAY, TODAY + 4 * DAY)]
    sample: tuple[SamplePhase, date] = ("confirming", TODAY - DAY)
    await house.told(*(away[:1] if ill_at_noon else away))
    await house.told(facts("S-1", sample=sample), tier("S-1", "sample", "asia_africa"))
    assert await house.dispatch() == 1
    await house.told(*away)
    await house.move_off_leave()
    listed = "SELECT rep, listed_on FROM reminders"
    assert [tuple(row) for row in await house.database.fetch(listed)] == [("rep-1", TODAY + 5 * DAY)]
    await house.told(facts("S-1", 2, sample=sample, rep="rep-2"))
    assert [tuple(row) for row in await house.database.fetch(listed)] == [("rep-2", TODAY)]


async def test_leave_puts_steps_off_and_its_cancellation_brings_them_back(house: House) -> None:
    """A week away does not count; an hour later it turns out that the rep is there."""
    await peopled(house)
    await house.told(leave("L-1", "ann", TODAY + DAY, TODAY + 5 * DAY))
    house.clock.set(NOON + 4 * DAY)
    assert await house.escalate() == 0
    await house.told(leave_cancelled("L-1", "ann"))
    assert await house.escalate() == 1
    assert [to_role for _, to_role, _ in await steps(house)] == ["rep"]


async def test_a_cancellation_that_comes_first_still_cancels(house: House) -> None:
    """The leave's own event was a dead letter, and is replayed afterwards."""
    await peopled(house)
    await house.told(leave_cancelled("L-1", "ann"))
    await house.told(leave("L-1", "ann", TODAY + DAY, TODAY + 5 * DAY))
    async with house.database.transaction() as tx:
        assert await house.stores.leave.days_off(tx, ["rep-1"], TODAY, TODAY + 9 * DAY) == {"rep-1": frozenset()}


async def test_the_deputy_gets_what_falls_due_meanwhile(house: House) -> None:
    """By policy, on the deputy's own list, as the event says."""
    await follow(house, changed(POLICY, "deputies", working_time__leave="deputy"), 2)
    await house.replan_contacts()
    await house.told(person("ann", "field", "rep-1"), leave("L-1", "ann", TODAY, TODAY + 4 * DAY, "bob"))
    await house.many_due(1)
    await house.dispatch()
    [event] = await house.published("reminder.due")
    assert event["data"]["rep"] == "bob"
    assert "rep-1 is away until 2026-03-06; bob stands in." in event["data"]["why"]["en"]


async def test_who_has_left_stands_in_for_nobody(house: House) -> None:
    """P6: named as the deputy, and gone before the leave began: the rep is waited for."""
    await follow(house, changed(POLICY, "deputies", working_time__leave="deputy"), 2)
    await house.replan_contacts()
    await peopled(house)
    await house.told(person("bob", "field", active=False), leave("L-1", "ann", TODAY, TODAY + 4 * DAY, "bob"))
    assert await house.move_off_leave() == 1
    rows = await house.database.fetch("SELECT rep, listed_on FROM reminders")
    assert [tuple(row) for row in rows] == [("rep-1", TODAY + 5 * DAY)]


async def test_a_rep_on_leave_is_waited_for(house: House) -> None:
    """What cannot be put off is due when work begins on the first day back, and no step before that day is overdue."""
    await house.told(person("ann", "field", "rep-1"), leave("L-1", "ann", TODAY, TODAY + 4 * DAY))
    await house.told(facts("S-1", sample=("confirming", TODAY - DAY)))
    await house.told(tier("S-1", "sample", "asia_africa"))
    await house.dispatch()
    [event] = await house.published("reminder.due")
    assert (event["data"]["rep"], event["data"]["due_at"]) == ("rep-1", "2026-03-07T00:30:00Z")
    for after, taken in ((4, 0), (8, 0), (9, 1)):
        house.clock.set(NOON + after * DAY)
        assert await house.escalate() == taken, after


async def test_leave_that_comes_up_later_takes_reminders_off_todays_list(house: House) -> None:
    """Issued in the morning, ill at noon: it stands on the list of the return, once, and everybody hears of it."""
    await house.told(person("ann", "field", "rep-1"))
    await house.many_due(20)
    await house.dispatch()
    assert await house.move_off_leave() == 0
    await house.told(leave("L-1", "ann", TODAY, TODAY + 4 * DAY))
    assert sum(await asyncio.gather(house.move_off_leave(), house.move_off_leave())) == 20
    assert await house.move_off_leave() == 0
    rows = await house.database.fetch("SELECT DISTINCT rep, listed_on FROM reminders")
    assert [tuple(row) for row in rows] == [("rep-1", TODAY + 5 * DAY)]
    events = await house.published("reminder.moved")
    assert len({event["id"] for event in events}) == len(events) == 20
    told = {name: events[0]["data"][name] for name in ("from_on", "to_on", "reason", "rep")}
    assert told == {"from_on": "2026-03-02", "to_on": "2026-03-07", "reason": "leave", "rep": "rep-1"}
    house.clock.set(NOON + 9 * DAY)
    assert await house.escalate() == 20


async def test_what_waits_goes_to_the_deputy_by_policy(house: House) -> None:
    """On today's list, from which its days count anew."""
    await follow(house, changed(POLICY, "deputies", working_time__leave="deputy"), 2)
    await peopled(house)
    house.clock.set(NOON + 2 * DAY)
    await house.told(leave("L-1", "ann", TODAY + 2 * DAY, TODAY + 4 * DAY, "mia"))
    assert await house.move_off_leave() == 1
    [event] = await house.published("reminder.handed_over")
    assert ":handed:" not in event["id"], "that is how acts are numbered, and a leave may be called 1"
    assert (event["data"]["from_rep"], event["data"]["to_rep"]) == ("rep-1", "mia")
    rows = await house.database.fetch("SELECT rep, listed_on FROM reminders")
    assert [tuple(row) for row in rows] == [("mia", TODAY + 2 * DAY)]
    assert await house.move_off_leave() == 0
    house.clock.set(NOON + 4 * DAY)
    assert await house.escalate() == 0
    house.clock.set(NOON + 5 * DAY)
    assert await house.escalate() == 1


async def test_what_would_come_too_late_waits_no_longer_than_it_helps(house: House) -> None:
    """Its last day comes before the rep does; on that day it stays."""
    await peopled(house)
    await house.database.execute("UPDATE reminders SET latest_on = $1", TODAY + 2 * DAY)
    await house.told(leave("L-1", "ann", TODAY, TODAY + 4 * DAY))
    assert await house.move_off_leave() == 1
    house.clock.set(NOON + 2 * DAY)
    assert await house.move_off_leave() == 0
    [row] = await house.database.fetch("SELECT listed_on FROM reminders")
    assert row["listed_on"] == TODAY + 2 * DAY
