"""Read the audit, and prove it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.archive.domain.chain import Entry, Head, Verdict, Verifier
from services.archive.ports import (
    Database,
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


class VerifyAudit:
    """Recomputes the whole chain from its table, in constant memory; two at once would only take turns."""

    def __init__(self, database: Database, entries: Entries) -> None:
        self._database = database
        self._entries = entries
        self._turn = asyncio.Lock()

    async def __call__(self, noted: Head | None = None) -> Verdict:
        """The first bad entry or none; `noted` is a head that somebody wrote down outside."""
        async with self._turn, self._database.transaction() as tx:
            verifier = Verifier(await self._entries.begin_snapshot(tx), noted)
            async for page in self._entries.pages(tx):
                verifier.read(page)
                if verifier.fault is not None:
                    break
            return verifier.close()
