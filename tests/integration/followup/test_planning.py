"""Facts and levels become a schedule in the database, and contacts end reminders."""

from __future__ import annotations

from datetime import date, datetime

import asyncpg
import pytest

from services.followup.ports import CustomerAppearedError
from shared.contracts.reminders import ReminderDone
from tests.integration.followup.house import DAY, NOON, TODAY, TRACE, House, facts, tier

pytestmark = pytest.mark.backend


async def test_a_customer_is_scheduled_once_facts_and_level_are_known(house: House) -> None:
    """Whichever comes first, in batches of their own or in one."""
    order = facts("C-1", last_order_on=date(2026, 2, 20), orders=1)
    level = tier("C-1", "contract", "ordinary")
    await house.told(order)
    assert await house.due_of("C-1") == {}
    await house.told(level)
    await house.told(tier("C-2", "contract", "ordinary"), facts("C-2", last_order_on=date(2026, 2, 20), orders=1))
    assert await house.due_of("C-1") == await house.due_of("C-2") == {"F1": date(2026, 3, 20)}


async def test_all_that_is_known_survives_the_database(house: House) -> None:
    """Rows read back are the schedule that was saved."""
    await house.told(
        facts(
            "客户/1",
            7,
            sample=("delivered", TODAY),
            contacted_at=NOON,
            rep=None,
            department="north",
            orders=4,
            last_order_on=TODAY,
        ),
        tier("客户/1", "sample", "middle_east", sequence=3),
    )
    async with house.database.transaction() as tx:
        work = await house.plan_contacts.load(tx, [tier("客户/1", "sample", "middle_east", sequence=3)])
        schedule = work.before["客户/1"]
        assert house.plan_contacts.decide(work, facts("客户/1", 6, rep="late"), NOON) == ()
        assert work.after["客户/1"] is schedule
    assert schedule.facts is not None
    assert schedule.standing is not None
    assert (schedule.facts.version, schedule.facts.contacted_at, schedule.facts.contacted_on) == (7, NOON, TODAY)
    assert (schedule.standing.level, schedule.standing.since) == ("middle_east", TODAY)
    assert {name: line.due_on for name, line in schedule.lines.items()} == {
        "F2.delivered": TODAY + 2 * DAY,
        "F2.reminding": TODAY + 6 * DAY,
        "F2.quiet": TODAY + 90 * DAY,
    }
    assert {line.trace for line in schedule.lines.values()} == {TRACE}


async def test_a_contact_ends_the_reminder_and_moves_the_schedule(house: House) -> None:
    """F7: `reminder.done` names the reminder and the contact, once."""
    await house.many_due(2)
    await house.dispatch()
    contact = facts("C-00001", 2, last_order_on=date(2026, 2, 2), orders=1, contacted_at=NOON, cause="contact.made")
    [done] = await house.told(contact)
    assert (done.type, done.key) == ("reminder.done", "rep-1")
    assert isinstance(done.data, ReminderDone)
    assert done.data.contact_id == "contact.made:C-00001:2"
    assert await house.due_of("C-00001") == {"F1": date(2026, 4, 2)}
    assert await house.told(facts("C-00001", 3, last_order_on=TODAY, orders=2, contacted_at=NOON)) == []
    states = await house.database.fetch("SELECT customer_id, state, done_at FROM reminders ORDER BY customer_id")
    assert [tuple(row) for row in states] == [("C-00000", "due", None), ("C-00001", "done", NOON)]


async def test_an_old_contact_that_is_told_late_ends_nothing(house: House) -> None:
    """A contact from before the cycle is not the one that the reminder asks for."""
    await house.many_due(1)
    await house.dispatch()
    last_year = datetime.fromisoformat("2025-03-01T10:00:00+08:00")
    old = facts("C-00000", 2, last_order_on=date(2026, 2, 2), orders=1, contacted_at=last_year, cause="contact.made")
    assert await house.told(old) == []


async def test_a_contact_before_the_due_date_leaves_nothing_to_remind_of(house: House) -> None:
    """What was done in time is not asked for."""
    await house.many_due(1)
    await house.told(facts("C-00000", 2, contacted_at=NOON - DAY, orders=1, last_order_on=date(2026, 2, 2)))
    assert await house.dispatch() == 0


async def test_a_customer_new_to_two_transactions_is_not_half_written(house: House) -> None:
    """The later one fails as a transient error does, and finds the other's half when it tries again."""
    order, level = facts("C-1", last_order_on=date(2026, 2, 20), orders=1), tier("C-1", "contract", "ordinary")

    async def plan_while_the_order_comes() -> None:
        async with house.database.transaction() as tx:
            work, _ = await house.fold(house.plan_contacts, tx, [level])
            await house.told(order)
            await house.plan_contacts.save(tx, work)

    with pytest.raises(CustomerAppearedError):
        await plan_while_the_order_comes()
    await house.told(level)
    assert await house.due_of("C-1") == {"F1": date(2026, 3, 20)}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM reminders",
        "DELETE FROM schedules",
        "DELETE FROM schedule_lines",
        "TRUNCATE reminders",
        "ALTER TABLE reminders DROP COLUMN state",
    ],
)
async def test_the_everyday_login_cannot_unmake_what_was_issued(house: House, statement: str) -> None:
    """Least privilege: a reminder that was published stays on record."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await house.database.execute(statement)
