"""Rows of what is due each season."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from services.archive.domain.seasons import Due, DueState
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class FilingStore:
    """Implements `FilingBook`."""

    async def add(self, tx: Transaction, dues: Collection[Due]) -> None:
        if dues:
            await tx.execute(SQL["insert_filing_dues"], *map(list, zip(*sorted(dues), strict=True)))

    async def states(
        self, tx: Transaction, period: str | None, department: str | None, since: date
    ) -> Sequence[DueState]:
        rows = await tx.fetch(SQL["list_filing_dues"], period, department, since)
        return [DueState(Due._make(row[:4]), *row[4:]) for row in rows]

    async def find(self, tx: Transaction, period: str, department: str, record_class: str) -> Due | None:
        row = await tx.fetchrow(SQL["find_filing_due"], period, department, record_class)
        return None if row is None else Due._make(row)

    async def declare_nothing(self, tx: Transaction, due: Due, by: str, at: datetime, reason: str) -> bool:
        return await tx.fetchval(SQL["insert_filing_nothing"], *due[:3], by, at, reason) is not None

    async def asked(self, tx: Transaction) -> Collection[str]:
        return {row[0] for row in await tx.fetch(SQL["list_open_filing_subjects"])}
