"""Who is away, in `leaves`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from services.followup.domain import leave as rules
from services.followup.domain.leave import Leave, Leaves, Left
from services.followup.domain.people import Scope
from services.followup.ports import LeaveFilters
from services.followup.store.rows import columns
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

QUERIES = load_queries("services.followup", "sql/leave.sql")


class PostgresLeave:
    """Leave in `leaves`."""

    async def record(self, tx: Transaction, leaves: Iterable[Leave]) -> None:
        rows = sorted(leaves, key=lambda leave: leave.leave_id)
        if rows:
            await tx.execute(QUERIES["record_leaves"], *columns(rows))

    async def cancel(self, tx: Transaction, persons: Mapping[str, str]) -> None:
        if persons:
            await tx.execute(QUERIES["cancel_leaves"], *columns(sorted(persons.items())))

    async def of(self, tx: Transaction, names: Collection[str], first: date, last: date) -> Leaves:
        found = await self._of(tx, names, first, last)
        deputies = {leave.deputy for leaves in found.values() for leave in leaves if leave.deputy is not None}
        return found | await self._of(tx, deputies - set(names), first, last) if deputies else found

    async def days_off(
        self, tx: Transaction, reps: Collection[str], first: date, last: date
    ) -> Mapping[str, frozenset[date]]:
        found = await self._of(tx, reps, first, last)
        return {
            rep: frozenset(day for day in rules.days_off(found.get(rep, ())) if first <= day <= last) for rep in reps
        }

    async def away_on(self, tx: Transaction, day: date) -> frozenset[str]:
        return frozenset(row[0] for row in await tx.fetch(QUERIES["select_away"], day))

    async def names_away(self, tx: Transaction, day: date) -> frozenset[str]:
        rows = await tx.fetch(QUERIES["select_names_away"], day)
        return frozenset(name for row in rows for name in row if name is not None)

    async def claim_left(self, tx: Transaction, names: Collection[str], day: date, limit: int) -> Sequence[Left]:
        return [Left(*row.values()) for row in await tx.fetch(QUERIES["claim_left"], sorted(names), day, limit)]

    async def move(self, tx: Transaction, until: Mapping[str, date]) -> None:
        if until:
            await tx.execute(QUERIES["move_left"], *columns(sorted(until.items())))

    async def page(self, tx: Transaction, wanted: LeaveFilters, scope: Scope, limit: int) -> Sequence[Leave]:
        names = None if wanted.names is None else list(wanted.names)
        seen = scope.everything, list(scope.people), scope.department
        rows = await tx.fetch(QUERIES["page_leaves"], wanted.day, names, *seen, *wanted.after, limit)
        return [Leave(*row.values()) for row in rows]

    async def _of(self, tx: Transaction, names: Collection[str], first: date, last: date) -> dict[str, Sequence[Leave]]:
        found: dict[str, list[Leave]] = {}
        if names:
            for name, *leave in await tx.fetch(QUERIES["select_leaves"], sorted(names), first, last):
                found.setdefault(name, []).append(Leave(*leave))
        return dict(found)
