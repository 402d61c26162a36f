"""Overdue reminders take each of their steps once, whoever looks and whatever falls over."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import asyncpg
import pytest

from services.followup.usecases.escalation import EscalateOverdue
from services.followup.usecases.handing import Receiving
from shared.contracts.types import SamplePhase
from shared.engine.model import Outgoing, Transaction
from shared.engine.outbox import Outbox
from shared.identity import Principal, Role
from tests.in_force import changed
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

ANN = Principal("ann", Role.REP, "field")
MIA = Principal("mia", Role.DEPARTMENT_MANAGER, "field")


@dataclass
class CutOutbox:
    """An outbox that appends, and then the connection is gone before the commit."""

    outbox: Outbox

    async def append(self, tx: Transaction, outgoings: Sequence[Outgoing], *, now: datetime) -> None:
        await self.outbox.append(tx, outgoings, now=now)
        await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        raise AssertionError("the server ended this connection")


def escalator(house: House, outbox: object, batch: int = 20) -> EscalateOverdue:
    desk = replace(house.desk, outbox=outbox)  # type: ignore[arg-type]
    return EscalateOverdue(desk, house.stores, house.in_force, house.intake, reminders_per_batch=batch)


async def steps(house: House) -> list[tuple[str, str, str | None]]:
    """Customer, whom to, and who, of every step that was published."""
    return [
        (event["data"]["customer_id"], event["data"]["to_role"], event["data"].get("to"))
        for event in await house.published("reminder.escalated")
    ]


async def peopled(house: House) -> None:
    """A rep, the manager, and one reminder of Monday 2 March."""
    await house.told(person("ann", "field", "rep-1", manager="mia"), person("mia", "field", role="department_manager"))
    await house.many_due(1)
    await house.database.execute("UPDATE schedules SET department = 'field'")
    assert await house.dispatch() == 1


async def test_a_reminder_climbs_with_the_working_days(house: House) -> None:
    """Thursday, Saturday, Tuesday; on the days between nothing, and in the end it only waits."""
    await peopled(house)
    came = {}
    for after in range(12):
        house.clock.set(NOON + after * DAY)
        if await house.escalate():
            came[house.clock.today()] = (await steps(house))[-1]
    assert came == {
        date(2026, 3, 5): ("C-00000", "rep", "rep-1"),
        date(2026, 3, 7): ("C-00000", "manager", "mia"),
        date(2026, 3, 10): ("C-00000", "reassignment", None),
    }
    [first, *_] = await house.published("reminder.escalated")
    assert first["data"]["overdue_working_days"] == 3
    assert first["data"]["words"]["zh"] == "C-00000：已逾期 3 个工作日，请尽快跟进。"
    rows = await house.database.fetch("SELECT escalated, escalate_on FROM reminders")
    assert [tuple(row) for row in rows] == [(3, date.max)]


async def test_several_processes_take_each_step_once(house: House) -> None:
    """Four at once, over reminders that have all three steps behind them."""
    await house.many_due(200)
    await house.dispatch()
    house.clock.set(NOON + 30 * DAY)
    counts = await asyncio.gather(*(escalator(house, house.outbox)() for _ in range(4)))
    assert sum(counts) == 400  # nobody's manager is known: the list is the second step
    assert set(Counter(await steps(house)).values()) == {1}
    assert await house.escalate() == 0


async def test_one_that_dies_in_the_middle_repeats_and_loses_nothing(house: House) -> None:
    """Its connection breaks after the append: nothing of it is true, and the next one takes all, once."""
    await peopled(house)
    await house.many_due(50)
    await house.dispatch()
    house.clock.set(NOON + 3 * DAY)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await escalator(house, CutOutbox(house.outbox))()
    assert await steps(house) == []
    assert await house.escalate() == 50
    assert set(Counter(await steps(house)).values()) == {1}


async def test_a_clock_that_jumps_back_repeats_nothing(house: House) -> None:
    """Forth by days, back by days, and forth again."""
    await peopled(house)
    for after in (6, 3, 0, 5, 6, 4):
        house.clock.set(NOON + after * DAY)
        await house.escalate()
    assert [to_role for _, to_role, _ in await steps(house)] == ["rep", "manager"]


async def test_what_was_done_never_climbs(house: House) -> None:
    """The contact came round; whatever day comes."""
    await peopled(house)
    house.clock.set(NOON + DAY)
    await house.told(facts("C-00000", 2, contacted_at=house.clock.now(), orders=1, last_order_on=date(2026, 2, 2)))
    house.clock.set(NOON + 30 * DAY)
    assert await house.escalate() == 0


async def reminder_id(house: House) -> str:
    [row] = await house.database.fetch("SELECT reminder_id FROM reminders")
    return str(row["reminder_id"])


async def test_what_was_left_out_never_climbs(house: House) -> None:
    """With a reason, by the rep."""
    await peopled(house)
    await house.skip(ANN, await reminder_id(house), "asked_not_to", None, None)
    house.clock.set(NOON + 30 * DAY)
    assert await house.escalate() == 0


async def test_what_was_put_off_climbs_from_its_new_day(house: House) -> None:
    """Put off to Friday: nothing before Tuesday, three working days later."""
    await peopled(house)
    await house.snooze(ANN, await reminder_id(house), TODAY + 4 * DAY, None)
    house.clock.set(NOON + 7 * DAY)
    assert await house.escalate() == 0
    house.clock.set(NOON + 8 * DAY)
    assert await house.escalate() == 1


async def test_who_got_it_yesterday_is_not_late_since_last_week(house: House) -> None:
    """Handed over on Thursday: the next step's days count from there, and no step is taken twice."""
    await peopled(house)
    await house.told(person("bob", "field", "rep-2", manager="mia"))
    house.clock.set(NOON + 3 * DAY)
    assert await house.escalate() == 1
    await house.hand_over(MIA, await reminder_id(house), Receiving("rep-2", "ann is busy"), None)
    house.clock.set(NOON + 8 * DAY)
    assert await house.escalate() == 0
    house.clock.set(NOON + 9 * DAY)
    assert await house.escalate() == 1
    assert [to_role for _, to_role, _ in await steps(house)] == ["rep", "manager"]


async def test_who_got_the_customer_is_late_from_then_on(house: House) -> None:
    """It came to the list, was given away, and the new rep does nothing either: the steps begin again with the line."""
    await peopled(house)
    await house.told(person("bob", "field", "rep-2", manager="mia"))
    for after in range(9):
        house.clock.set(NOON + after * DAY)
        await house.escalate()
    assert [to_role for _, to_role, _ in await steps(house)] == ["rep", "manager", "reassignment"]
    given = facts("C-00000", 2, orders=1, last_order_on=date(2026, 2, 2), rep="rep-2", department="field")
    await house.told(given)
    assert await house.escalate() == 0
    [row] = await house.database.fetch("SELECT rep, overdue_since FROM reminders")
    assert tuple(row) == ("rep-2", TODAY + 8 * DAY)
    house.clock.set(NOON + 31 * DAY)
    assert await house.dispatch() == 1
    assert await house.escalate() == 3
    assert (await steps(house))[3:] == [
        ("C-00000", "rep", "rep-2"), ("C-00000", "manager", "mia"), ("C-00000", "reassignment", None),
    ]  # fmt: skip
    rows = await house.database.fetch("SELECT escalated, overdue_since FROM reminders WHERE state = 'due'")
    assert [tuple(row) for row in rows] == [(3, TODAY + 8 * DAY)]


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


async def test_what_a_person_put_off_stays_put_off_whose_ever_it_is(house: House) -> None:
    """F7: the customer had asked to be called on Friday."""
    await peopled(house)
    await house.snooze(ANN, await reminder_id(house), TODAY + 4 * DAY, None)
    await house.told(facts("C-00000", 2, orders=1, last_order_on=date(2026, 2, 2), rep="rep-2", department="field"))
    rows = await house.database.fetch("SELECT rep, listed_on FROM reminders")
    assert [tuple(row) for row in rows] == [("rep-2", TODAY + 4 * DAY)]


async def test_a_contact_on_its_way_is_waited_for(house: House) -> None:
    """Reported and not yet come round: no step, and the next look is tomorrow's."""
    await peopled(house)
    await house.database.execute("UPDATE reminders SET contact_id = 'reminder:x'")
    house.clock.set(NOON + 3 * DAY)
    assert await house.escalate() == 0
    await house.database.execute("UPDATE reminders SET contact_id = NULL")
    assert await house.escalate() == 0
    house.clock.set(NOON + 4 * DAY)
    assert await house.escalate() == 1


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


async def test_nobody_is_hurried_while_history_is_read(house: House) -> None:
    """The contact may be among the events that still come in."""
    await peopled(house)
    house.clock.set(NOON + 3 * DAY)
    await house.told(facts("H", cause="contact.made", occurred_at=NOON - 5 * DAY, contacted_at=NOON - 5 * DAY))
    assert await house.escalate() == 0
    house.clock.set(NOON + 3 * DAY + DAY / 24)
    assert await house.escalate() == 1


async def test_other_steps_hold_for_what_waits_already(house: House) -> None:
    """A policy with a step on the first day is looked at at once, in batches; steps taken are not repeated."""
    await peopled(house)
    await house.told(*(facts(f"D-{n}", last_order_on=date(2026, 2, 2), orders=1) for n in range(20)))
    await house.told(*(tier(f"D-{n}", "contract", "ordinary") for n in range(20)))
    await house.dispatch()
    await house.watch_calendar()
    house.clock.set(NOON + 3 * DAY)
    assert await house.escalate() == 21
    await follow(
        house, changed(POLICY, "hasty", escalation__steps=[{"after": 1, "to": "rep"}, {"after": 2, "to": "manager"}]), 2
    )
    await house.watch_calendar()
    assert await house.escalate() == 21
    assert Counter(to_role for _, to_role, _ in await steps(house)) == {"rep": 21, "manager": 21}
    async with house.database.transaction() as tx:
        assert not await house.stores.schedules.is_being_replanned(tx)


async def test_another_calendar_plans_everybody_anew(house: House) -> None:
    """A year's make-up days become known, or the company closes for a day; a restart and a new day change nothing."""
    await peopled(house)
    await house.watch_calendar()
    house.clock.set(NOON + DAY)
    await House(house.database).watch_calendar()
    await house.watch_calendar()

    async def replans() -> bool:
        async with house.database.transaction() as tx:
            return await house.stores.schedules.is_being_replanned(tx)

    assert not await replans()
    closed = changed(POLICY, "closed", working_time__exceptions=[{"from": "2026-03-05", "is": "off"}])
    await follow(house, closed, 2)
    await house.watch_calendar()
    assert await replans()
    await house.replan_contacts()
    await house.watch_calendar()
    assert not await replans()
    house.clock.set(NOON + 3 * DAY)
    assert await house.escalate() == 0
    house.clock.set(NOON + 4 * DAY)
    assert await house.escalate() == 1


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


async def test_a_contact_asked_for_every_other_day_climbs_all_the_same(house: House) -> None:
    """F2: each reminder ends when the next of its line is issued; what is overdue is the contact, not the reminder."""
    await follow(house, changed(POLICY, "often", cadences__contract__ordinary__every={"days": 2}), 2)
    await house.replan_contacts()
    await peopled(house)
    came = {}
    for after in range(1, 15):
        house.clock.set(NOON + after * DAY)
        await house.dispatch()
        if await house.escalate():
            came[house.clock.today()] = (await steps(house))[-1][1:]
    assert came == {
        date(2026, 3, 5): ("rep", "rep-1"),
        date(2026, 3, 7): ("manager", "mia"),
        date(2026, 3, 10): ("reassignment", None),
    }
    rows = await house.database.fetch("SELECT escalated, overdue_since FROM reminders WHERE state = 'due'")
    assert [tuple(row) for row in rows] == [(3, TODAY)]
