"""Read the audit."""

from __future__ import annotations

from collections.abc import Sequence

from services.archive.domain.chain import Entry
from services.archive.ports import (
    Entries,
    Filters,
    SourceCount,
)
from services.archive.usecases.desk import Desk
from shared.audit import Deed
from shared.identity import Principal

AUDIT_FILE = "audit"
"""The audit itself, as a file that somebody reads."""


class ReadAudit:
    """The audit is a file as well: who reads it is in it, by the transaction that read."""

    def __init__(self, desk: Desk, entries: Entries) -> None:
        self._desk = desk
        self._entries = entries

    async def search(self, by: Principal, filters: Filters, limit: int) -> Sequence[Entry]:
        """Up to `limit` entries, newest first."""
        asked = {"file": filters.file, "actor": filters.actor, "action": filters.action}
        why = " ".join(f"{name}={value}" for name, value in asked.items() if value is not None)
        async with self._desk.database.transaction() as tx:
            await self._desk.trail.append(
                tx, by, Deed("file.searched", "audit.searched", AUDIT_FILE, reason=why or None)
            )
            return await self._entries.search(tx, filters, limit)

    async def count_sources(self, by: Principal) -> Sequence[SourceCount]:
        """How much was sealed from whom, for comparison with what they published."""
        async with self._desk.database.transaction() as tx:
            await self._desk.trail.append(tx, by, Deed("file.searched", "audit.reconciled", AUDIT_FILE))
            return await self._entries.count_sources(tx)
