"""End reminders that nobody needs to answer any more, other than by what customers tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from services.followup.domain.endings import WORDS
from services.followup.domain.reminders import OpenReminder
from services.followup.ports import Desk, Ended, ReminderStore, Stores
from shared.contracts.reminders import EndReason, ReminderEnded
from shared.contracts.types import Words
from shared.engine.model import Outgoing, Transaction

log = structlog.get_logger()


class EndPast:
    """Ends what comes too late to be of use: the holiday is over, the customer has fallen."""

    def __init__(self, desk: Desk, stores: Stores, *, reminders_per_batch: int) -> None:
        self._desk = desk
        self._schedules = stores.schedules
        self._reminders = stores.reminders
        self._reminders_per_batch = reminders_per_batch

    async def __call__(self) -> None:
        total = 0
        while ended := await self.batch():
            total += ended
        if total:
            log.info("reminders_ended", reason="too_late", reminders=total)

    async def batch(self) -> int:
        """One transaction's worth; how many reminders that were."""
        now, today = self._desk.clock.now(), self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            found = await self._reminders.past(tx, today, self._reminders_per_batch)
            if not found:
                return 0
            # Whoever ends reminders holds their customers, so that nobody else does at the same moment.
            customers = {reminder.customer_id for reminder in found}
            await self._schedules.load(tx, customers)
            still = await self._reminders.open_of(tx, customers)
            past = {reminder.reminder_id for reminder in found}
            # A contact that was reported meanwhile comes round, and ends it.
            ending = [
                each
                for waiting in still.values()
                for each in waiting
                if each.reminder_id in past and each.contact_id is None
            ]
            await self._desk.outbox.append(tx, await end_all(tx, self._reminders, ending, "too_late", now), now=now)
        return len(found)


async def end_all(
    tx: Transaction, store: ReminderStore, reminders: Sequence[OpenReminder], reason: EndReason, now: datetime
) -> list[Outgoing]:
    """End reminders that are locked; what there is to tell of it."""
    ended = [Ended(reminder.reminder_id, reason, now) for reminder in reminders]
    await store.end(tx, ended)
    return [reminder_ended(reminder, end) for reminder, end in zip(reminders, ended, strict=True)]


def reminder_ended(reminder: OpenReminder, ended: Ended) -> Outgoing:
    words = WORDS[ended.reason]
    data = ReminderEnded(
        reminder_id=reminder.reminder_id,
        customer_id=reminder.customer_id,
        rep=reminder.rep,
        ended_at=ended.ended_at,
        reason=ended.reason,
        words=Words(zh=words.zh, en=words.en),
    )
    return Outgoing("reminders.v1", reminder.rep, "reminder.ended", f"{reminder.reminder_id}:ended", data)
