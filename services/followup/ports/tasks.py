"""Tasks, as use cases need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.followup.domain.tasks import Task
from shared.engine.model import Transaction


class TaskStore(Protocol):
    """What waits for whom."""

    async def save(
        self, tx: Transaction, raised: Mapping[str, Task], cleared: Mapping[str, datetime]
    ) -> frozenset[str]:
        """Keep tasks that were raised and note those that were cleared, by id; return the ids that are new."""
        ...

    async def withdraw(self, tx: Transaction, cleared: Mapping[str, datetime], now: datetime) -> None:
        """Forget what was still to be told of them."""
        ...

    async def page(
        self, tx: Transaction, person: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Task]: ...
