"""Issue what is due: once each, by however many dispatchers."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import structlog

from services.followup.domain.cadence import Paces
from services.followup.domain.reminders import Reminder, issue
from services.followup.ports import Desk, Stores
from services.followup.usecases.endings import end_all
from services.followup.usecases.intake import Intake
from shared.contracts.reminders import ReminderDue
from shared.contracts.types import Words
from shared.engine.model import Outgoing
from shared.in_force import InForce

log = structlog.get_logger()


class Batch(NamedTuple):
    """How many customers were claimed, and how many reminders were issued to their reps."""

    customers: int
    reminders: int


class DispatchDue:
    """Takes due lines in batches, each a transaction: claim, issue, plan the next date, append to the outbox."""

    def __init__(
        self, desk: Desk, stores: Stores, paces: InForce[Paces], intake: Intake, *, lines_per_batch: int
    ) -> None:
        self._desk = desk
        self._schedules = stores.schedules
        self._reminders = stores.reminders
        self._paces = paces
        self._intake = intake
        self._lines_per_batch = lines_per_batch

    async def __call__(self) -> int:
        """Issue all that is due by today and return how many reminders that made; none while history is read in."""
        total = 0
        while self._intake.is_settled(self._desk.clock.now()):
            batch = await self.batch()
            total += batch.reminders
            if not batch.customers:
                break
        if total:
            log.info("reminders_issued", day=self._desk.clock.today().isoformat(), reminders=total)
        return total

    async def batch(self) -> Batch:
        """One transaction's worth; no customers when nothing is due that nobody else holds."""
        now, today = self._desk.clock.now(), self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            paces = await self._paces(tx)
            # What the policy before has planned is not owed any more.
            if await self._schedules.is_being_replanned(tx):
                return Batch(0, 0)
            before = await self._schedules.claim_due(tx, today, self._lines_per_batch)
            if not before:
                return Batch(0, 0)
            after, reminders = {}, list[Reminder]()
            for customer_id, schedule in before.items():
                after[customer_id], issued = issue(schedule, paces, today)
                reminders += issued
            await self._schedules.save(tx, before, after)
            new = await self._reminders.add(tx, reminders)
            # What stands in the table has been published: the id is the contact's.
            outgoings = [reminder_due(reminder, now) for reminder in reminders if reminder.reminder_id in new]
            # One reminder waits on a line at a time: the newest.
            repeated = await self._reminders.repeat(tx, new)
            outgoings += await end_all(tx, self._reminders, repeated, "repeated", now)
            await self._desk.outbox.append(tx, outgoings, now=now)
        return Batch(len(before), len(new))


def reminder_due(reminder: Reminder, now: datetime) -> Outgoing:
    """The event that says a reminder was issued."""
    data = ReminderDue(
        reminder_id=reminder.reminder_id,
        customer_id=reminder.customer_id,
        rep=reminder.rep,
        rule=reminder.rule,
        customer_class=reminder.customer_class,
        level=reminder.level,
        channel=reminder.channel,
        template=reminder.template,
        minutes=reminder.minutes,
        plan_required=reminder.plan_required,
        due_on=reminder.due_on,
        due_at=reminder.due_at,
        why=Words(zh=reminder.why_zh, en=reminder.why_en),
        last_order_on=reminder.last_order_on,
        contacted_at=reminder.contacted_at,
        kind=reminder.kind,
        line=reminder.line,
        department=reminder.department,
        latest_on=reminder.latest_on,
    )
    return Outgoing(
        "reminders.v1",
        reminder.rep,
        "reminder.due",
        f"{reminder.reminder_id}:due",
        data,
        time=now,
        trace=reminder.trace or None,
    )
