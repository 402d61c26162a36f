"""Time alone moves levels (K6): the day's end, one transaction a day, and what earlier transactions left to decide."""

from __future__ import annotations

from services.scoring.ports import Desk, Lease
from services.scoring.usecases.deciding import DecideLevels
from services.scoring.usecases.memory import Memory


class PassDays:
    """Brings the levels to today, day by day and in order, however long the service was off."""

    def __init__(self, *, memory: Memory, decide_levels: DecideLevels, lease: Lease, desk: Desk) -> None:
        self._memory = memory
        self._decide_levels = decide_levels
        self._lease = lease
        self._desk = desk

    async def __call__(self) -> None:
        if not self._lease.held:
            self._memory.forget()
            return
        while not self._memory.is_settled(self._desk.clock.today()):
            await self._step()

    async def _step(self) -> None:
        decide = self._decide_levels
        try:
            async with self._desk.database.transaction() as tx:
                await self._lease.check(tx)
                work = await decide.begin(tx)
                # Whoever a day moved is decided on that day: its rest comes before the next day.
                if work.board.day < self._desk.clock.today() and not work.waiting:
                    await decide.pass_day(tx, work)
                await decide.fetch(tx, work, ())
                now = self._desk.clock.now()
                outgoings = decide.conclude(work, now)
                await decide.save(tx, work)
                await self._desk.outbox.append(tx, outgoings, now=now)
        except BaseException:
            decide.rolled_back()
            raise
        decide.committed(work)
