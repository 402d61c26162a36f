"""Rows of base wages."""

from __future__ import annotations

from collections.abc import Sequence

from services.archive.ports.fines import Wage
from services.archive.store.fines import SQL
from shared.engine.model import Transaction


class WageStore:
    """Base wages, in a table that is only added to."""

    async def add(self, tx: Transaction, wage: Wage) -> None:
        await tx.execute(SQL["insert_wage"], *wage)

    async def of(self, tx: Transaction, person: str) -> Sequence[Wage]:
        return [Wage._make(row) for row in await tx.fetch(SQL["list_wages_of"], person)]

    async def page(self, tx: Transaction, after: str | None, limit: int) -> Sequence[Wage]:
        return [Wage._make(row) for row in await tx.fetch(SQL["list_wages"], after, limit)]
