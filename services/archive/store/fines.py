"""Rows of fines and of what was decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.archive.domain.fines import Fine, FineState, Gap
from services.archive.ports import FineStanding
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


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


def as_standing(row: Any) -> FineStanding:
    """Split a row into the fine as proposed and where it stands now."""
    fields = len(Fine._fields)
    values = tuple(row)
    state, *rest = values[fields:]
    return FineStanding(Fine._make(values[:fields]), FineState(state), *rest)
