"""Take the steps of reminders that nobody answers: once each, by however many processes."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import structlog

from services.followup.domain.escalation import Escalated, Ladder, Organisation
from services.followup.domain.leave import HORIZON, days_off
from services.followup.ports import Desk, Stores
from services.followup.usecases.intake import Intake
from shared.contracts.reminders import ReminderEscalated
from shared.contracts.types import Words
from shared.engine.model import Outgoing
from shared.in_force import InForce
from shared.policy import Policy
from shared.working_time import WorkingTime

log = structlog.get_logger()


class Looked(NamedTuple):
    """How many reminders were looked at, and how many steps were taken."""

    reminders: int
    steps: int


class EscalateOverdue:
    """Looks at overdue reminders in batches, each a transaction: claim, decide, keep the steps, publish them."""

    def __init__(
        self, desk: Desk, stores: Stores, policy: InForce[Policy], intake: Intake, *, reminders_per_batch: int
    ) -> None:
        self._desk = desk
        self._stores = stores
        self._policy = policy
        self._intake = intake
        self._reminders_per_batch = reminders_per_batch

    async def __call__(self) -> int:
        """Take every step that is due by today, and return how many; none while history is read in."""
        total = 0
        # The contact that is asked for may be among what is being read.
        while self._intake.is_settled(self._desk.clock.now()):
            looked = await self.batch()
            total += looked.steps
            if not looked.reminders:
                break
        if total:
            log.info("reminders_escalated", steps=total)
        return total

    async def batch(self) -> Looked:
        """One transaction's worth; no reminders when there is nothing to look at that nobody else holds."""
        now, today = self._desk.clock.now(), self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            policy = await self._policy(tx)
            overdue = await self._stores.escalations.claim(tx, today, self._reminders_per_batch)
            if not overdue:
                return Looked(0, 0)
            away_today = await self._stores.leave.away_on(tx, today)
            organisation = Organisation.of(await self._stores.people.everybody(tx), away_today)
            first = min(reminder.due_on for reminder in overdue)
            leaves = await self._stores.leave.of(tx, {reminder.rep for reminder in overdue}, first, today + HORIZON)
            ladder = Ladder(policy.escalation, organisation, WorkingTime(policy), today)
            looks = {
                reminder.reminder_id: ladder.look(reminder, days_off(leaves.get(reminder.rep, ())))
                for reminder in overdue
            }
            await self._stores.escalations.save(tx, looks, now)
            outgoings = [_escalated(step, now) for found in looks.values() for step in found.steps]
            if outgoings:
                await self._desk.outbox.append(tx, outgoings, now=now)
        return Looked(len(overdue), len(outgoings))


def _escalated(step: Escalated, now: datetime) -> Outgoing:
    overdue = step.overdue
    data = ReminderEscalated(
        reminder_id=overdue.reminder_id,
        customer_id=overdue.customer_id,
        rep=overdue.rep,
        step=step.step,
        to=step.to,
        to_role=step.to_role,
        escalated_at=now,
        overdue_working_days=step.days,
        words=Words(zh=step.words.zh, en=step.words.en),
    )
    # Of the reminder and the kind of step alone: nothing makes a second event of one step.
    event_id = f"{overdue.reminder_id}:{step.to_role}"
    return Outgoing(
        "reminders.v1", overdue.rep, "reminder.escalated", event_id, data, time=now, trace=overdue.trace or None
    )
