"""All reminders ever issued."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from services.followup.domain.people import Scope
from services.followup.domain.reminders import OpenReminder, Reminder
from services.followup.ports import Done, Ended, Filters, Kept, Place
from services.followup.store.rows import columns, scope_arguments
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

QUERIES = load_queries("services.followup", "sql/reminders.sql")

COLUMNS_OF_REMINDER = len(Reminder._fields)


class PostgresReminders:
    """Reminders in `reminders`."""

    async def add(self, tx: Transaction, reminders: Sequence[Reminder]) -> frozenset[str]:
        if not reminders:
            return frozenset()
        rows = await tx.fetch(QUERIES["add_reminders"], *columns(sorted(reminders)))
        return frozenset(row[0] for row in rows)

    async def open_of(self, tx: Transaction, customers: Collection[str]) -> dict[str, list[OpenReminder]]:
        found: dict[str, list[OpenReminder]] = {}
        for row in await tx.fetch(QUERIES["open_reminders"], list(customers)):
            found.setdefault(row["customer_id"], []).append(OpenReminder(*row.values()))
        return found

    async def finish(self, tx: Transaction, done: Iterable[Done]) -> None:
        rows = sorted(done)
        if rows:
            await tx.execute(QUERIES["finish_reminders"], *columns(rows))

    async def end(self, tx: Transaction, ended: Iterable[Ended]) -> None:
        rows = sorted(ended)
        if rows:
            await tx.execute(QUERIES["end_reminders"], *columns(rows))

    async def repeat(self, tx: Transaction, issued: Collection[str]) -> Sequence[OpenReminder]:
        if not issued:
            return []
        return [OpenReminder(*row.values()) for row in await tx.fetch(QUERIES["repeated_reminders"], list(issued))]

    async def past(self, tx: Transaction, day: date, limit: int) -> Sequence[OpenReminder]:
        return [OpenReminder(*row.values()) for row in await tx.fetch(QUERIES["past_reminders"], day, limit)]

    async def lock(self, tx: Transaction, reminder_id: str) -> Kept | None:
        row = await tx.fetchrow(QUERIES["lock_reminder"], reminder_id)
        return None if row is None else kept_of(row)

    async def note_contact(
        self, tx: Transaction, reminder_id: str, contact_id: str, worked: int | None, outcome_code: str | None
    ) -> None:
        await tx.execute(QUERIES["note_contact"], reminder_id, contact_id, worked, outcome_code)

    async def page(self, tx: Transaction, filters: Filters, scope: Scope, after: Place, limit: int) -> Sequence[Kept]:
        rows = await tx.fetch(
            QUERIES["list_reminders"],
            filters.day,
            filters.overdue,
            filters.state,
            None if filters.reps is None else list(filters.reps),
            *scope_arguments(scope),
            *after,
            limit,
        )
        return [kept_of(row) for row in rows]

    async def count_due(self, tx: Transaction, day: date, scope: Scope) -> Mapping[str, int]:
        rows = await tx.fetch(QUERIES["count_due"], day, *scope_arguments(scope))
        return {row["rep"]: row["due"] for row in rows}


def kept_of(row: Any) -> Kept:
    """A reminder from a row of all its columns, in their order."""
    values = tuple(row)
    return Kept(Reminder._make(values[:COLUMNS_OF_REMINDER]), *values[COLUMNS_OF_REMINDER:])
