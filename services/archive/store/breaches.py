"""Rows of breaches, and of what shows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from shared.engine.model import Transaction
from shared.engine.queries import load_queries

SQL = load_queries("services.archive", "sql/breaches.sql")


class BreachStore:
    """Breaches, in a table that is only added to."""

    async def sealed(self, tx: Transaction, breaches: Collection[str]) -> set[str]:
        return {row[0] for row in await tx.fetch(SQL["find_breaches"], list(breaches))}

    async def add(self, tx: Transaction, entries: Mapping[str, int]) -> None:
        ordered = sorted(entries.items())
        await tx.execute(SQL["insert_breaches"], [breach for breach, _ in ordered], [seq for _, seq in ordered])
