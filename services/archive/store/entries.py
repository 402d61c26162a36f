"""The audit chain's rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from services.archive.domain.chain import Entry, Head, Link
from services.archive.domain.files import names_of
from services.archive.ports import Filters, Snapshot, SourceCount
from services.archive.store.queries import SQL
from shared.engine.model import Transaction

# One page is hashed in a few milliseconds, for which the event loop stands still.
PAGE = 500


class EntryStore:
    """The chain, in `audit_entries` and `audit_head`."""

    async def lock_head(self, tx: Transaction) -> Head:
        return Head(*await tx.fetchrow(SQL["lock_head"]))

    async def append(self, tx: Transaction, links: Iterable[Link], head: Head) -> None:
        rows = [(*link.entry, link.prev_hash, link.hash) for link in links]
        await tx.copy_records("audit_entries", (*Entry._fields, "prev_hash", "hash"), rows)
        await tx.execute(SQL["move_head"], *head)

    async def begin_snapshot(self, tx: Transaction) -> Head:
        """Freeze what `tx` sees, for as long as it takes, and return the remembered end; nothing may come before."""
        await tx.execute(SQL["begin_snapshot"])
        await tx.execute(SQL["lift_time_limit"])
        return Head(*await tx.fetchrow(SQL["read_head"]))

    async def pages(self, tx: Snapshot) -> AsyncIterator[Sequence[Link]]:
        page: list[Link] = []
        async for row in tx.stream(SQL["stream_links"], prefetch=PAGE):
            *entry, prev_hash, link_hash = row
            page.append(Link(Entry._make(entry), prev_hash, link_hash))
            if len(page) == PAGE:
                yield page
                page = []
        yield page

    async def search(self, tx: Transaction, filters: Filters, limit: int) -> Sequence[Entry]:
        await tx.execute(SQL["plan_for_values"])
        rows = await tx.fetch(
            SQL["search_entries"],
            None if filters.file is None else names_of(filters.file),
            filters.actor,
            filters.action,
            filters.since,
            filters.until,
            filters.before,
            limit,
        )
        return [Entry._make(row) for row in rows]

    async def count_sources(self, tx: Transaction) -> Sequence[SourceCount]:
        return [SourceCount(*row) for row in await tx.fetch(SQL["count_sources"])]

    async def find(self, tx: Transaction, seq: int) -> Entry | None:
        return as_entry(await tx.fetchrow(SQL["find_entry"], seq))

    async def find_event(self, tx: Transaction, file: str, event_id: str) -> Entry | None:
        return as_entry(await tx.fetchrow(SQL["find_entry_of_event"], names_of(file), event_id))

    async def find_version(self, tx: Transaction, file: str, upto: int) -> Entry | None:
        """The newest version of a file among the entries up to `upto`."""
        return as_entry(await tx.fetchrow(SQL["find_version"], names_of(file), upto))


def as_entry(row: Any) -> Entry | None:
    """The entry, where there is a row."""
    return None if row is None else Entry._make(row)
