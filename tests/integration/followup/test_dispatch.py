"""Exactly one reminder for each due contact, whoever dispatches and whatever falls over."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import asyncpg
import pytest

from services.followup.usecases.dispatch import DispatchDue
from shared.engine.model import Outgoing, Transaction
from shared.engine.outbox import Outbox
from tests.integration.followup.house import DAY, NOON, QUIET, TODAY, TRACE, House, facts, tier

pytestmark = pytest.mark.backend


@dataclass
class HeldOutbox:
    """An outbox that stops in the middle of a transaction until it is let go."""

    outbox: Outbox
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def append(self, tx: Transaction, outgoings: Sequence[Outgoing], *, now: datetime) -> None:
        self.reached.set()
        await self.let_go.wait()
        await self.outbox.append(tx, outgoings, now=now)


@dataclass
class CutOutbox:
    """An outbox that appends, and then the connection is gone before the commit."""

    outbox: Outbox

    async def append(self, tx: Transaction, outgoings: Sequence[Outgoing], *, now: datetime) -> None:
        await self.outbox.append(tx, outgoings, now=now)
        await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        raise AssertionError("the server ended this connection")


def dispatcher(house: House, outbox: object) -> DispatchDue:
    desk = replace(house.desk, outbox=outbox)  # type: ignore[arg-type]
    return DispatchDue(desk, house.stores, house.paces, house.intake, lines_per_batch=100)


async def issued(house: House) -> Counter[str]:
    """How often each customer was reminded of, by what was published."""
    return Counter(event["data"]["customer_id"] for event in await house.published("reminder.due"))


async def test_a_due_contact_is_published_with_all_that_a_rep_needs(house: House) -> None:
    """The event of F3: who, when, why, how long, and that a plan is asked for."""
    await house.told(facts("C-1", contacted_at=datetime.fromisoformat("2026-01-02T10:00:00+08:00")))
    await house.told(tier("C-1", "potential", "high"))
    assert await house.dispatch() == 1
    [event] = await house.published("reminder.due")
    assert event["id"] == f"{event['data']['reminder_id']}:due"
    assert event["traceparent"] == TRACE
    assert {name: event["data"][name] for name in ("rep", "rule", "minutes", "plan_required", "due_on", "due_at")} == {
        "rep": "rep-1",
        "rule": "F3",
        "minutes": 30,
        "plan_required": True,
        "due_on": "2026-03-02",
        "due_at": "2026-03-02T00:30:00Z",
    }
    assert event["data"]["why"]["zh"].startswith("潜力客户（重潜）：上次联系在 59 天前")
    assert (await house.due_of("C-1"))["F3"] == date(2026, 5, 2)


async def test_two_dispatchers_at_once_issue_each_line_once(house: House) -> None:
    """Both work through the same thousand lines, and each line is one's or the other's."""
    await house.many_due(1000)
    counts = await asyncio.gather(*(dispatcher(house, house.outbox)() for _ in range(4)))
    assert sum(counts) == 1000
    assert await issued(house) == Counter({f"C-{number:05}": 1 for number in range(1000)})


async def test_a_dispatcher_passes_over_what_another_holds(house: House) -> None:
    """While one sits in its transaction, another issues the rest without waiting, and nothing is issued twice."""
    await house.many_due(250)
    held = HeldOutbox(house.outbox)
    sitting = asyncio.create_task(dispatcher(house, held)())
    await held.reached.wait()
    assert await dispatcher(house, house.outbox)() == 150
    held.let_go.set()
    assert await sitting == 100
    assert set((await issued(house)).values()) == {1}
    assert len(await issued(house)) == 250


async def test_a_dispatcher_that_dies_loses_nothing(house: House) -> None:
    """Its connection breaks after the append: nothing of it is true, and the next one issues all, once."""
    await house.many_due(250)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await dispatcher(house, CutOutbox(house.outbox))()
    assert await issued(house) == Counter()
    assert await house.dispatch() == 250
    assert await issued(house) == Counter({f"C-{number:05}": 1 for number in range(250)})


async def test_a_contact_that_is_being_planned_is_not_reminded_of(house: House) -> None:
    """A batch that holds the customer is passed over; what it says decides."""
    await house.many_due(2)
    contact = facts("C-00000", 2, contacted_at=NOON, orders=1, last_order_on=date(2026, 2, 2))
    async with house.database.transaction() as tx:
        work, _ = await house.fold(house.plan_contacts, tx, [contact])
        assert await house.dispatch() == 1
        await house.plan_contacts.save(tx, work)
    assert await house.dispatch() == 0
    assert await issued(house) == Counter({"C-00001": 1})


async def test_a_day_is_issued_once_however_often_it_is_dispatched(house: House) -> None:
    """A restart, or a clock that was set back by an hour, repeats nothing."""
    await house.many_due(3)
    assert await house.dispatch() == 3
    house.clock.set(NOON - DAY / 24)
    assert await house.dispatch() == 0
    house.clock.set(NOON + DAY)
    assert await house.dispatch() == 0


async def test_after_a_month_off_each_line_is_issued_once(house: House) -> None:
    """A sample's daily line as well, and all lines have a date ahead of them then."""
    await house.many_due(2)
    await house.told(facts("S-1", sample=("confirming", TODAY)), tier("S-1", "sample", "europe_america"))
    house.clock.set(NOON + 29 * DAY)
    assert await house.dispatch() == 3
    assert await house.due_of("S-1") == {"F2.confirming": TODAY + 30 * DAY, "F2.quiet": TODAY + 90 * DAY}
    assert await house.due_of("C-00000") == {"F1": date(2026, 4, 2)}


async def test_a_line_that_stood_in_the_table_is_not_published_again(house: House) -> None:
    """The reminder's id says which contact it is; should a line ever come back, the id is taken."""
    await house.many_due(1)
    await house.dispatch()
    await house.database.execute("UPDATE schedule_lines SET due_on = '2026-03-02', reminded_until = NULL")
    assert await house.dispatch() == 0
    assert await issued(house) == Counter({"C-00000": 1})
    assert await house.due_of("C-00000") == {"F1": date(2026, 4, 2)}


async def test_nothing_is_issued_while_history_is_read_in(house: House) -> None:
    """In an import the next event may make a reminder pointless: the dispatch waits for a quiet moment."""
    await house.many_due(1)
    old = facts("C-9", last_order_on=date(2025, 2, 2), orders=1, entry_dated=date(2025, 2, 2))
    await house.told(old)
    assert await house.dispatch() == 0
    house.clock.advance(QUIET)
    assert await house.dispatch() == 1


async def test_a_trickle_of_old_events_does_not_hold_the_day_back_for_ever(house: House) -> None:
    """After ten minutes of nothing but history the reminders go out."""
    await house.many_due(1)
    for number in range(301):
        house.clock.advance(2 * DAY / 86_400)
        await house.told(facts("C-9", number + 1, occurred_at=NOON - 30 * DAY))
        if await house.dispatch():
            break
    assert number == 300
    assert house.clock.now() - NOON >= 10 * DAY / 1440
