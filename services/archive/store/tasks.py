"""Rows of tasks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from services.archive.domain.tasks import Task
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class TaskStore:
    """Implements `TaskBook` in `tasks`."""

    async def add(self, tx: Transaction, tasks: Collection[Task], now: datetime) -> Sequence[Task]:
        by_id = {task.task_id: task for task in tasks}
        if not by_id:
            return []
        rows = await tx.fetch(
            SQL["insert_tasks"],
            list(by_id),
            [task.person for task in by_id.values()],
            [task.kind for task in by_id.values()],
            [task.subject_type for task in by_id.values()],
            [task.subject_id for task in by_id.values()],
            now,
        )
        return [by_id[row["task_id"]] for row in rows]

    async def clear(  # noqa: PLR0913 - which tasks, and when
        self,
        tx: Transaction,
        subject_type: str,
        subject_id: str,
        now: datetime,
        *,
        kind: str | None = None,
        person: str | None = None,
    ) -> Sequence[tuple[str, str]]:
        rows = await tx.fetch(SQL["clear_tasks"], subject_type, subject_id, kind, now, person)
        return [(row["task_id"], row["person"]) for row in rows]

    async def clear_older(
        self, tx: Transaction, subject_type: str, before: datetime, now: datetime
    ) -> Sequence[tuple[str, str]]:
        rows = await tx.fetch(SQL["clear_old_tasks"], subject_type, before, now)
        return [(row["task_id"], row["person"]) for row in rows]

    async def open_for(self, tx: Transaction, subject_type: str, subject_id: str) -> Sequence[str]:
        return [row["person"] for row in await tx.fetch(SQL["list_open_tasks"], subject_type, subject_id)]

    async def open_subjects(self, tx: Transaction, subject_type: str) -> Sequence[str]:
        return [row["subject_id"] for row in await tx.fetch(SQL["list_open_subjects"], subject_type)]
