"""Files as people read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from services.customers.domain.activities import Contact
from services.customers.domain.copies import CustomerLevel
from services.customers.domain.files import CustomerFile, CustomerHead, OrderLine
from services.customers.domain.profile import Stated
from services.customers.ports import Scope, Sought
from services.customers.store.queries import SQL
from services.customers.store.trade import as_customer, as_inquiry
from shared.engine.model import Transaction

# A file shows what is new; who takes it out gets what fits into one answer.
NEWEST, TAKEN_OUT = 50, 5000


class PostgresFiles:
    """Implements `FileStore`."""

    async def head(self, tx: Transaction, customer_id: str) -> CustomerHead | None:
        row = await tx.fetchrow(SQL["read_customer"], customer_id)
        return None if row is None else as_head(row)

    async def whole(self, tx: Transaction, head: CustomerHead, *, taken_out: bool = False) -> CustomerFile:
        customer_id, newest = head.customer.customer_id, TAKEN_OUT if taken_out else NEWEST
        return CustomerFile(
            head,
            {row[0]: Stated(row[1], row[2]) for row in await tx.fetch(SQL["read_statements"], customer_id)},
            tuple(OrderLine._make(row) for row in await tx.fetch(SQL["read_newest_orders"], customer_id, newest)),
            tuple(Contact._make(row) for row in await tx.fetch(SQL["read_newest_contacts"], customer_id, newest)),
            tuple(as_inquiry(row) for row in await tx.fetch(SQL["read_newest_inquiries"], customer_id, newest)),
        )

    async def lines(self, tx: Transaction, customers: Sequence[str]) -> int:
        return int(await tx.fetchval(SQL["count_lines"], list(customers)))

    async def all_of(self, tx: Transaction, heads: Sequence[CustomerHead]) -> Sequence[CustomerFile]:
        ids = [head.customer.customer_id for head in heads]
        fields, orders, contacts, inquiries = [
            by_customer(await tx.fetch(SQL[query], ids))
            for query in ("list_statements", "list_orders", "list_contacts", "list_inquiries")
        ]
        return [
            CustomerFile(
                head,
                {row[1]: Stated(row[2], row[3]) for row in fields[name]},
                tuple(OrderLine._make(row[1:]) for row in orders[name]),
                tuple(Contact._make(row) for row in contacts[name]),
                tuple(as_inquiry(row) for row in inquiries[name]),
            )
            for name, head in zip(ids, heads, strict=True)
        ]

    async def search(
        self, tx: Transaction, scope: Scope, sought: Sought, *, after: str, limit: int
    ) -> Sequence[CustomerHead]:
        rows = await tx.fetch(
            SQL["search_customers"],
            scope.horizon.everything,
            scope.horizon.department,
            list(scope.horizon.reps),
            sought.rep,
            sought.department,
            sought.customer_class,
            sought.level,
            sought.name,
            list(scope.readable.any),
            list(scope.readable.own_department),
            scope.reader.department,
            list(scope.readable.own_customers),
            list(scope.reader.codes),
            scope.default_tier,
            after,
            limit,
        )
        return [as_head(row) for row in rows]


def by_customer(rows: Sequence[Any]) -> defaultdict[str, list[Any]]:
    """Rows of many customers, by whose they are: their first column."""
    found = defaultdict[str, list[Any]](list)
    for row in rows:
        found[row[0]].append(tuple(row))
    return found


def as_head(row: Any) -> CustomerHead:
    return CustomerHead(as_customer(row), None if row[26] is None else CustomerLevel._make((row[0], *row[26:30])))
