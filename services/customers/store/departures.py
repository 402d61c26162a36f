"""Departures, and what was handed over by them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.customers.domain.copies import Person
from services.customers.domain.departure import Departure, Handed, Held, Received
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

SQL = load_queries("services.customers", "sql/departures.sql")


class PostgresDepartures:
    """Implements `DepartureStore`."""

    async def lock(self, tx: Transaction, person: str) -> None:
        await tx.execute(SQL["lock_leaver"], person)

    async def department(self, tx: Transaction, department: str) -> Sequence[Person]:
        return [Person._make(row) for row in await tx.fetch(SQL["list_department"], department)]

    async def lock_held(self, tx: Transaction, names: Collection[str]) -> Sequence[Held]:
        return [Held._make(row) for row in await tx.fetch(SQL["lock_held"], list(names))]

    async def count_held(self, tx: Transaction, names: Collection[str]) -> int:
        return int(await tx.fetchval(SQL["count_held"], list(names)))

    async def add(self, tx: Transaction, departure: Departure) -> None:
        await tx.execute(SQL["insert_departure"], *departure)

    async def add_handed(self, tx: Transaction, departure: Departure, handed: Sequence[tuple[Held, str]]) -> None:
        await tx.execute(
            SQL["insert_handed"],
            departure.person,
            departure.number,
            [held.customer_id for held, _ in handed],
            [held.rep for held, _ in handed],
            [receiver for _, receiver in handed],
        )

    async def of(self, tx: Transaction, person: str) -> Sequence[Departure]:
        return [Departure._make(row) for row in await tx.fetch(SQL["list_departures"], person)]

    async def received(self, tx: Transaction, person: str) -> Sequence[Received]:
        return [Received._make(row) for row in await tx.fetch(SQL["count_received"], person)]

    async def page(
        self, tx: Transaction, person: str, receivers: Collection[str] | None, after: tuple[int, str], limit: int
    ) -> Sequence[Handed]:
        named = None if receivers is None else list(receivers)
        return [Handed._make(row) for row in await tx.fetch(SQL["page_handed"], person, named, *after, limit)]
