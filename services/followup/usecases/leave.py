"""Take reminders off the lists of reps who are away, also those that were issued before anybody knew of the leave."""

from __future__ import annotations

from datetime import datetime

import structlog

from services.followup.domain.leave import HORIZON, Move, moved
from services.followup.domain.reminders import OpenReminder
from services.followup.ports import Desk, Given, Stores
from services.followup.usecases.handing import handed_over
from shared.contracts.reminders import ReminderMoved
from shared.contracts.types import Words
from shared.engine.model import Outgoing
from shared.in_force import InForce
from shared.policy import Policy
from shared.working_time import WorkingTime

log = structlog.get_logger()


class MoveOffLeave:
    """Moves what waits to the day of the return, or to the deputy, in batches, each a transaction (F8)."""

    def __init__(self, desk: Desk, stores: Stores, policy: InForce[Policy], *, reminders_per_batch: int) -> None:
        self._desk = desk
        self._stores = stores
        self._policy = policy
        self._reminders_per_batch = reminders_per_batch

    async def __call__(self) -> int:
        """Move all that waits today for somebody who is away, and return how many that were."""
        total = 0
        while moves := await self.batch():
            total += moves
        if total:
            log.info("moved_off_leave", reminders=total)
        return total

    async def batch(self) -> int:
        """One transaction's worth; 0 when nothing is left that nobody else holds."""
        now, today = self._desk.clock.now(), self._desk.clock.today()
        stores = self._stores
        async with self._desk.database.transaction() as tx:
            policy = await self._policy(tx)
            names = await stores.leave.names_away(tx, today)
            left = await stores.leave.claim_left(tx, names, today, self._reminders_per_batch) if names else ()
            if not left:
                return 0
            leaves = await stores.leave.of(tx, {reminder.rep for reminder in left}, today, today + HORIZON)
            working_time = WorkingTime(policy)
            found = (moved(reminder, leaves, working_time, today) for reminder in left)
            moves = [move for move in found if move is not None]
            await stores.leave.move(tx, {m.left.reminder_id: m.until for m in moves})
            given = [Given(m.left.reminder_id, m.to, m.left.department) for m in moves if m.to is not None]
            await stores.acts.give(tx, given)
            await self._desk.outbox.append(tx, [_told(move, now) for move in moves], now=now)
        return len(moves)


def _told(move: Move, now: datetime) -> Outgoing:
    left, words = move.left, move.words
    if move.to is not None:
        reminder = OpenReminder(left.reminder_id, left.customer_id, left.rep, left.answered_after, None)
        # Of the leave and the day: a deputy may be away in turn, and what was given back moves again. Never an act's.
        event_id = f"{left.reminder_id}:away:{move.leave.leave_id}:{now:%Y-%m-%d}"
        return handed_over(reminder, move.to, event_id, now, (None, f"{words.zh} · {words.en}"))
    data = ReminderMoved(
        reminder_id=left.reminder_id,
        customer_id=left.customer_id,
        rep=left.rep,
        from_on=left.listed_on,
        to_on=move.until,
        reason="leave",
        words=Words(zh=words.zh, en=words.en),
    )
    event_id = f"{left.reminder_id}:moved:{move.leave.leave_id}:{move.until}"
    return Outgoing("reminders.v1", left.rep, "reminder.moved", event_id, data, time=now, trace=left.trace or None)
