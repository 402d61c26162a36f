"""Tasks, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from services.archive.domain.tasks import Task
from shared.engine.model import Transaction


class TaskBook(Protocol):
    """What waits for whom: raised once, cleared once."""

    async def add(self, tx: Transaction, tasks: Collection[Task], now: datetime) -> Sequence[Task]:
        """Keep them, and return those that were never raised before."""
        ...

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
        """Clear the open tasks of a subject and return each with its person; None is any kind, anybody."""
        ...

    async def clear_older(
        self, tx: Transaction, subject_type: str, before: datetime, now: datetime
    ) -> Sequence[tuple[str, str]]:
        """Clear what was raised before a moment, of all subjects of a type."""
        ...

    async def open_for(self, tx: Transaction, subject_type: str, subject_id: str) -> Sequence[str]:
        """Whom a subject waits for."""
        ...

    async def open_subjects(self, tx: Transaction, subject_type: str) -> Sequence[str]:
        """Which subjects of a type wait for anybody."""
        ...
