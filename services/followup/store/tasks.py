"""What waits for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.followup.domain.tasks import Task
from services.followup.store.rows import columns
from shared.engine.model import Transaction
from shared.engine.queries import load_queries
from shared.words import Text

QUERIES = load_queries("services.followup", "sql/tasks.sql")


class PostgresTasks:
    """Tasks in `tasks`."""

    async def save(self, tx: Transaction, raised: Mapping[str, Task], cleared: Mapping[str, datetime]) -> None:
        if raised:
            rows = [
                (*task[:6], task.words.zh, task.words.en, task.subject_type, task.subject_id)
                for _, task in sorted(raised.items())
            ]
            await tx.execute(QUERIES["save_tasks"], *columns(rows))
        if cleared:
            await tx.execute(QUERIES["clear_tasks"], *columns(sorted(cleared.items())))

    async def withdraw(self, tx: Transaction, cleared: Mapping[str, datetime], now: datetime) -> None:
        if cleared:
            await tx.execute(QUERIES["withdraw_task_notices"], sorted(cleared))
            await tx.execute(QUERIES["drop_task_messages"], sorted(cleared), now)

    async def page(
        self, tx: Transaction, person: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Task]:
        at, task_id = after or (None, None)
        rows = await tx.fetch(QUERIES["list_tasks"], person, at, task_id, limit)
        return [Task(*row[:6], Text(zh=row["words_zh"], en=row["words_en"]), *row[8:]) for row in rows]
