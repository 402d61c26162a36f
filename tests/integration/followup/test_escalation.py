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
from shared.engine.model import Outgoing, Transaction
from shared.engine.outbox import Outbox
from tests.in_force import changed
from tests.integration.followup.climbing import ANN, MIA, peopled, reminder_id, steps
from tests.integration.followup.house import (
    DAY,
    NOON,
    POLICY,
    TODAY,
    House,
    facts,
    person,
    tier,
)
from tests.integration.followup.test_policy import follow

pytestmark = pytest.mark.backend


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
