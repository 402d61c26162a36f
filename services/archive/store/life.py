"""Rows of terms and holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from services.archive.domain.files import Record
from services.archive.ports.life import Hold
from services.archive.store.files import with_sections
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class LifeStore:
    """Implements `LifeBook`."""

    async def lock(self, tx: Transaction, records: Collection[str]) -> Sequence[Record]:
        return await with_sections(tx, await tx.fetch(SQL["lock_records"], list(records)))

    async def expiring(self, tx: Transaction, before: date, after: tuple[date, str], limit: int) -> Sequence[Record]:
        return await with_sections(tx, await tx.fetch(SQL["page_expiring"], before, *after, limit))

    async def extend(  # noqa: PLR0913, PLR0917 - a row
        self, tx: Transaction, record: str, until: date | None, by: str, at: datetime, reason: str
    ) -> None:
        await tx.execute(SQL["extend_retention"], record, until)
        await tx.execute(SQL["insert_retention_change"], record, until, by, at, reason)

    async def add_hold(self, tx: Transaction, hold: Hold) -> None:
        await tx.execute(SQL["insert_hold"], *hold[:5])
        await tx.execute(SQL["insert_held_records"], hold.hold_id, sorted(hold.records))

    async def lift(self, tx: Transaction, hold_id: str, by: str, at: datetime, reason: str) -> bool:
        return await tx.fetchval(SQL["insert_hold_lift"], hold_id, by, at, reason) is not None

    async def find_hold(self, tx: Transaction, hold_id: str) -> Hold | None:
        row = await tx.fetchrow(SQL["find_hold"], hold_id)
        return None if row is None else Hold._make((*row[:8], tuple(row[8])))

    async def holds(
        self, tx: Transaction, record: str | None, *, standing: bool, after: str, limit: int
    ) -> Sequence[Hold]:
        rows = await tx.fetch(SQL["page_holds"], record, standing, after, limit)
        return [Hold._make((*row[:8], tuple(row[8]))) for row in rows]
