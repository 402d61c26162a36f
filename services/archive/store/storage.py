"""Rows of the round through the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.archive.domain.records import Attachment
from services.archive.ports import Round
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class StorageScanStore:
    """Implements `StorageScan`."""

    async def round(self, tx: Transaction) -> Round:
        return Round(*await tx.fetchrow(SQL["read_scan"]))

    async def pieces(self, tx: Transaction, after: str, limit: int) -> Sequence[Attachment]:
        return [Attachment._make(row) for row in await tx.fetch(SQL["next_pieces"], after, limit)]

    async def move(  # noqa: PLR0913, PLR0917 - where from, where to, and what was found on the way
        self, tx: Transaction, known: str | None, after: str | None, now: datetime, pieces: int, damaged: int
    ) -> tuple[int, int] | None:
        row = await tx.fetchrow(SQL["move_scan"], known, after, now, pieces, damaged)
        return None if row is None else (row[0], row[1])
