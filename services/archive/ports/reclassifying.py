"""Changes of a record's rank, department or class, as use cases need them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.archive.domain.reclassifying import Change
from shared.engine.model import Transaction


class ReclassificationBook(Protocol):
    """What was asked for, and what became of it; rows are only ever added, and an agreed one takes effect by itself."""

    async def add(self, tx: Transaction, change: Change) -> None:
        """A change as it was asked for."""
        ...

    async def end(self, tx: Transaction, change: Change) -> bool:
        """What became of it, from now on; False where something has ended it before."""
        ...

    async def waiting(self, tx: Transaction, after: str, limit: int) -> Sequence[Change]:
        """Those that nothing has ended, `limit` at most, whose id comes after `after`; by id."""
        ...

    async def of(self, tx: Transaction, record: str) -> Sequence[Change]:
        """All changes of a record, in the order in which they were asked for."""
        ...
