"""How far customers have been told anew."""

from __future__ import annotations

from services.customers.ports import Retelling, Wanted
from services.customers.store.queries import SQL
from shared.engine.model import Transaction


class PostgresRetelling:
    """Implements `RetellingStore`."""

    async def begin(self, tx: Transaction, *, orders: bool, profiles: bool) -> None:
        await tx.execute(SQL["begin_retelling"], orders, profiles)

    async def next(self, tx: Transaction, limit: int) -> Retelling | None:
        row = await tx.fetchrow(SQL["lock_retelling"])
        if row is None:
            return None
        customers = [found[0] for found in await tx.fetch(SQL["page_customer_ids"], row["after_customer"], limit)]
        await tx.execute(SQL["move_retelling"], customers[-1] if customers else None)
        counted, profiles = row["orders"] or row["recount"], row["profiles"]
        # Before it is asked which orders they have: one that was under way then would not be counted.
        await tx.execute(SQL["hold_customers"], customers)
        placed = await tx.fetch(SQL["list_placed"], customers) if counted else []
        return Retelling(
            Wanted(
                customers=set(customers),
                orders={(found[0], found[1]) for found in placed},
                statements_of=set(customers) if profiles else set(),
                holdings_of=set(customers) if profiles else set(),
            ),
            orders=row["orders"],
            profiles=profiles,
            recount=row["recount"],
        )
