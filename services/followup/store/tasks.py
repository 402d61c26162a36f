"""What waits for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.followup.domain.tasks import Task
from services.followup.store.rows import columns
from shared.engine.model import Transaction
from shared.engine.queries import load_queries
from shared.words import Text

QUERIES = load_queries("services.followup", "sql/tasks.sql")


class PostgresTasks:
    """Tasks in `tasks`."""

    async def save(
        self, tx: Transaction, raised: Mapping[str, Task], cleared: Mapping[str, datetime]
    ) -> frozenset[str]:
        new = frozenset[str]()
        if raised:
            rows = [
                (*task[:6], task.words.zh, task.words.en, task.subject_type, task.subject_id)
                for _, task in sorted(raised.items())
            ]
            new = frozenset(row["task_id"] for row in await tx.fetch(QUERIES["save_tasks"], *columns(rows)))
        if cleared:
            await tx.execute(QUERIES["clear_tasks"], *columns(sorted(cleared.items())))
        return new

    async def withdraw(self, tx: Transaction, cleared: Mapping[str, datetime], now: datetime) -> None:
        if cleared:
            await tx.execute(QUERIES["withdraw_task_notices"], sorted(cleared))
            await tx.execute(QUERIES["drop_task_messages"], sorted(cleared), now)

    async def page(
        self, tx: Transaction, person: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Task]:
        at, task_id = after or (None, None)
        rows = await tx.fetch(QUERIES["list_tasks"], person, at, task_id, limit)
        return [as_task(row) for row in rows]


def as_task(row: Any) -> Task:
    task_id, person, kind, file, due_at, raised_at, zh, en, subject_type, subject_id = row
    return Task(task_id, person, kind, file, due_at, raised_at, Text(zh=zh, en=en), subject_type, subject_id)
