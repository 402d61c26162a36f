"""What judging reads: the matters that are due, their papers as they are now, and which breaches were told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.customers.domain.copies import Person
from services.customers.domain.matters import FaultyReturn, ShowroomSale
from services.customers.domain.orders import Order
from services.customers.domain.profile import Stated
from services.customers.ports import Key
from services.customers.store.queries import SQL
from services.customers.store.trade import as_order, columns_of
from shared.engine.model import Transaction


class PostgresMatters:
    """Implements `MatterStore`."""

    async def take_sales(self, tx: Transaction, until: datetime, limit: int) -> Sequence[ShowroomSale]:
        return [ShowroomSale._make(row) for row in await tx.fetch(SQL["take_sales"], until, limit)]

    async def take_returns(self, tx: Transaction, until: datetime, limit: int) -> Sequence[FaultyReturn]:
        return [FaultyReturn._make(row) for row in await tx.fetch(SQL["take_faulty_returns"], until, limit)]

    async def named(self, tx: Transaction, names: Collection[str]) -> Mapping[str, tuple[Person, ...]]:
        people = [Person._make(row) for row in await tx.fetch(SQL["find_named_people"], list(names))] if names else []
        return {name: tuple(p for p in people if name in {p.person, p.rep_code}) for name in names}

    async def claim(self, tx: Transaction, breaches: Collection[str], now: datetime) -> set[str]:
        return {row[0] for row in await tx.fetch(SQL["claim_breaches"], sorted(breaches), now)} if breaches else set()

    async def orders(self, tx: Transaction, keys: Collection[Key]) -> Mapping[Key, Order]:
        rows = await tx.fetch(SQL["load_orders"], *columns_of(keys)) if keys else []
        return {(row[0], row[1]): as_order(row) for row in rows}

    async def fields(self, tx: Transaction, customers: Collection[str]) -> Mapping[str, Mapping[str, Stated]]:
        found: dict[str, dict[str, Stated]] = {customer_id: {} for customer_id in customers}
        for customer_id, field, stated_at, value in await tx.fetch(SQL["load_statements"], list(customers)):
            found[customer_id][field] = Stated(stated_at, value)
        return found
