"""How far the store was compared with what was filed, as use cases need it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from services.archive.domain.records import Attachment
from shared.engine.model import Transaction


class Round(NamedTuple):
    """A round through all pieces: `after` the last one that was read, None between two rounds."""

    after: str | None
    begun_at: datetime | None


class StorageScan(Protocol):
    """The round, of which there is one for all processes."""

    async def round(self, tx: Transaction) -> Round: ...

    async def pieces(self, tx: Transaction, after: str, limit: int) -> Sequence[Attachment]:
        """The next pieces by id, of records that were not destroyed."""
        ...

    async def move(  # noqa: PLR0913, PLR0917 - where from, where to, and what was found on the way
        self, tx: Transaction, known: str | None, after: str | None, now: datetime, pieces: int, damaged: int
    ) -> tuple[int, int] | None:
        """How many pieces the round has read, and how many were damaged; None when another process moved it."""
        ...
