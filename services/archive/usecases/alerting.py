"""An alarm that stands asks operations to look, once; when it is over, nobody needs to any more."""

from __future__ import annotations

from collections.abc import Collection

from services.archive.domain.alarms import SUBJECT, alarm_in, alarm_task
from services.archive.ports import People
from services.archive.usecases.desk import Desk
from services.archive.usecases.tasks import TellTasks
from shared.roles import Role


class AskAboutAlarms:
    """Keeps the open tasks what the standing alarms are; of several processes the one that can tell calls it."""

    def __init__(self, desk: Desk, people: People, tell: TellTasks) -> None:
        self._desk = desk
        self._people = people
        self._tell = tell
        # Nothing stands, and every task is cleared.
        self._quiet = False

    async def __call__(self, standing: Collection[str]) -> None:
        """Ask about what stands and was not asked about, and clear what is over."""
        if self._quiet and not standing:
            return
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            asked = {alarm_in(subject): subject for subject in await self._tell.open_subjects(tx, SUBJECT)}
            if new := [alarm for alarm in sorted(standing) if alarm not in asked]:
                operators = await self._people.with_role(tx, Role.OPS)
                await self._tell.ask(tx, [alarm_task(each.person, alarm, now) for each in operators for alarm in new])
            for alarm, subject in sorted(asked.items()):
                if alarm not in standing:
                    await self._tell.clear(tx, SUBJECT, subject)
        self._quiet = not standing
