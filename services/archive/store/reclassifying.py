"""Rows of changes of rank, department or class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.archive.domain.reclassifying import Change, Ending, Place
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class ReclassificationStore:
    """Implements `ReclassificationBook`."""

    async def add(self, tx: Transaction, change: Change) -> None:
        await tx.execute(
            SQL["insert_reclassification"],
            change.change_id,
            change.record,
            *change.old,
            *change.new,
            change.retain_until,
            change.requested_by,
            change.requested_at,
            change.reason,
        )

    async def end(self, tx: Transaction, change: Change) -> bool:
        ending = change.ending
        if ending is None:
            raise ValueError(f"{change.change_id} has not ended")
        return await tx.fetchval(SQL["insert_reclassification_end"], change.change_id, *ending) is not None

    async def waiting(self, tx: Transaction, after: str, limit: int) -> Sequence[Change]:
        return [as_change(row) for row in await tx.fetch(SQL["list_waiting_reclassifications"], after, limit)]

    async def of(self, tx: Transaction, record: str) -> Sequence[Change]:
        return [as_change(row) for row in await tx.fetch(SQL["list_reclassifications"], record)]


def as_change(row: Any) -> Change:
    """A change of its row: the two places, the request, and the ending where there is one."""
    return Change(
        row["change_id"],
        row["record"],
        Place._make(row[2:5]),
        Place._make(row[5:8]),
        row["retain_until"],
        row["requested_by"],
        row["requested_at"],
        row["reason"],
        None if row["ended"] is None else Ending._make(row[12:19]),
    )
