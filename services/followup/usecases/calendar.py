"""Notice that the calendar is another one than plans were made under, and let them be made anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from hashlib import sha256

import structlog

from services.followup.ports import Desk, Stores, WatchStore
from shared.in_force import InForce
from shared.policy import Policy
from shared.working_time import WorkingTime

log = structlog.get_logger()

ESCALATION = "escalation"


class WatchCalendar:
    """A policy with other working time, or a release whose library knows next year's make-up days (F8).

    Years that were not looked at before are no change: they come within sight with time.
    """

    def __init__(
        self, desk: Desk, stores: Stores, watch: WatchStore, policy: InForce[Policy], *, reminders_per_batch: int
    ) -> None:
        self._desk = desk
        self._schedules = stores.schedules
        self._watch = watch
        self._policy = policy
        self._reminders_per_batch = reminders_per_batch
        self._made: tuple[Policy, date, Mapping[str, str]] | None = None

    async def __call__(self) -> None:
        """Compare, and go on until everything that waits is marked to be looked at by what holds now."""
        today = self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            now = self._digests(await self._policy(tx), today)
            kept = await self._watch.lock(tx)
            if kept != now:
                changed = sorted(name for name in now if kept is not None and kept.get(name, now[name]) != now[name])
                await self._watch.keep(tx, now, look_again=bool(changed))
                if any(name != ESCALATION for name in changed):
                    await self._schedules.begin_replanning(tx)
                if changed:
                    log.info("calendar_changed", changed=changed)
        while await self._batch():
            pass

    async def _batch(self) -> int:
        async with self._desk.database.transaction() as tx:
            return await self._watch.look_at_next(tx, self._reminders_per_batch)

    def _digests(self, policy: Policy, today: date) -> Mapping[str, str]:
        if self._made is None or self._made[:2] != (policy, today):
            steps = sha256(policy.escalation.model_dump_json().encode()).hexdigest()
            self._made = policy, today, WorkingTime(policy).digests(today) | {ESCALATION: steps}
        return self._made[2]
