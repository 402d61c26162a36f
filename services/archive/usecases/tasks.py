"""Tasks raised and cleared, in the transaction of what makes them so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from services.archive.domain.tasks import Task, task_cleared, task_raised
from services.archive.ports.tasks import TaskBook
from services.archive.usecases.desk import Desk
from shared.engine.model import Transaction


class TellTasks:
    """The one way in which archive asks something of people: followup keeps the list and sends the messages."""

    def __init__(self, desk: Desk, tasks: TaskBook) -> None:
        self._desk = desk
        self._tasks = tasks

    async def ask(self, tx: Transaction, tasks: Collection[Task]) -> None:
        """Raise tasks; one that was raised before, whatever became of it, is not raised again."""
        now = self._desk.clock.now()
        new = await self._tasks.add(tx, tasks, now)
        await self._desk.publish(tx, [task_raised(task, now) for task in new])

    async def clear(
        self,
        tx: Transaction,
        subject_type: str,
        subject_id: str,
        *,
        kind: str | None = None,
        person: str | None = None,
    ) -> None:
        """Clear what is open of a subject: all of it, or one kind, or one person's."""
        now = self._desk.clock.now()
        await self._told(tx, await self._tasks.clear(tx, subject_type, subject_id, now, kind=kind, person=person))

    async def clear_older(self, tx: Transaction, subject_type: str, before: datetime) -> None:
        """Clear what was raised before a moment, of all subjects of a type: news that wait for nothing."""
        await self._told(tx, await self._tasks.clear_older(tx, subject_type, before, self._desk.clock.now()))

    async def open_for(self, tx: Transaction, subject_type: str, subject_id: str) -> Sequence[str]:
        """Whom a subject waits for."""
        return await self._tasks.open_for(tx, subject_type, subject_id)

    async def open_subjects(self, tx: Transaction, subject_type: str) -> Sequence[str]:
        """Which subjects of a type wait for anybody."""
        return await self._tasks.open_subjects(tx, subject_type)

    async def _told(self, tx: Transaction, cleared: Collection[tuple[str, str]]) -> None:
        now = self._desk.clock.now()
        await self._desk.publish(tx, [task_cleared(task_id, person, now) for task_id, person in cleared])
