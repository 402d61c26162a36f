"""The only caller of archive's SQL; rows become types here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any

from services.archive.domain.chain import Entry, Head, Link
from services.archive.domain.fines import Fine, FineState, Gap
from services.archive.domain.grants import Grant, Revocation
from services.archive.domain.people import Person
from services.archive.ports import Filters, FineStanding, Snapshot, SourceCount
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

SQL = load_queries("services.archive")

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
            filters.file,
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
        return as_entry(await tx.fetchrow(SQL["find_entry_of_event"], file, event_id))

    async def find_version(self, tx: Transaction, file: str, upto: int) -> Entry | None:
        """The newest version of a file among the entries up to `upto`."""
        return as_entry(await tx.fetchrow(SQL["find_version"], file, upto))


class FineStore:
    """Fines and their decisions, in tables that are only added to."""

    async def add_proposed(self, tx: Transaction, fines: Sequence[Fine], gaps: Sequence[Gap]) -> None:
        """Add what the rules found; their evidence is of this transaction, so nothing can have been there before."""
        if fines:
            await tx.copy_records("fines", Fine._fields, fines)
        if gaps:
            await tx.copy_records("fine_gaps", Gap._fields, gaps)

    async def add_reported(self, tx: Transaction, fine: Fine) -> bool:
        """Return False, changing nothing, when this rule has fined this fact before."""
        return await tx.fetchval(SQL["insert_fine"], *fine) is not None

    async def find(self, tx: Transaction, fine_id: str) -> FineStanding | None:
        row = await tx.fetchrow(SQL["find_fine"], fine_id)
        return None if row is None else as_standing(row)

    async def page(
        self, tx: Transaction, person: str | None, state: FineState | None, after: tuple[int, str] | None, limit: int
    ) -> Sequence[FineStanding]:
        entry, rule = after or (None, None)
        rows = await tx.fetch(SQL["list_fines"], person, state, entry, rule, limit)
        return [as_standing(row) for row in rows]

    async def add_decision(self, tx: Transaction, standing: FineStanding) -> bool:
        """Return False, changing nothing, when somebody else has taken this step."""
        step = await tx.fetchval(
            SQL["insert_decision"],
            standing.fine.fine_id,
            standing.step,
            standing.state,
            standing.decided_by,
            standing.decision_reason,
            standing.decided_at,
        )
        return step is not None

    async def gaps(self, tx: Transaction, after: tuple[int, str] | None, limit: int) -> Sequence[Gap]:
        entry, kind = after or (None, None)
        return [Gap._make(row) for row in await tx.fetch(SQL["list_gaps"], entry, kind, limit)]


class GrantStore:
    """Grants; of a row only its revocation is ever written again."""

    async def add(self, tx: Transaction, grant: Grant) -> None:
        await tx.execute(
            SQL["insert_grant"],
            grant.grant_id,
            grant.file,
            grant.person,
            grant.sections,
            grant.copy_allowed,
            grant.not_before,
            grant.until,
            grant.approved_by,
            grant.given_by,
            grant.given_at,
        )

    async def revoke(self, tx: Transaction, revocation: Revocation) -> str | None:
        """Return the file of the grant; None, changing nothing, when there is no grant to end."""
        file: str | None = await tx.fetchval(
            SQL["revoke_grant"],
            revocation.grant_id,
            revocation.revoked_at,
            revocation.revoked_by,
            revocation.reason,
        )
        return file

    async def exists(self, tx: Transaction, grant_id: str) -> bool:
        return await tx.fetchval(SQL["grant_exists"], grant_id) is not None


class PeopleStore:
    """The copy of the organisation."""

    async def lock(self, tx: Transaction, persons: Collection[str]) -> Mapping[str, Person]:
        rows = await tx.fetch(SQL["load_people"], list(persons))
        return {row["person"]: Person(*row) for row in rows}

    async def find(self, tx: Transaction, persons: Collection[str]) -> Mapping[str, Person]:
        rows = await tx.fetch(SQL["find_people"], list(persons))
        return {row["person"]: Person(*row) for row in rows}

    async def save(self, tx: Transaction, people: Iterable[Person]) -> None:
        ordered = sorted(people, key=lambda p: p.person)
        await tx.execute(
            SQL["upsert_people"],
            [p.person for p in ordered],
            [p.role for p in ordered],
            [p.department for p in ordered],
            [p.manager for p in ordered],
            [p.active for p in ordered],
            [p.as_of for p in ordered],
        )


def as_entry(row: Any) -> Entry | None:
    """The entry, where there is a row."""
    return None if row is None else Entry._make(row)


def as_standing(row: Any) -> FineStanding:
    """Split a row into the fine as proposed and where it stands now."""
    fields = len(Fine._fields)
    values = tuple(row)
    state, *rest = values[fields:]
    return FineStanding(Fine._make(values[:fields]), FineState(state), *rest)
