"""New products, and how far everybody has been given a day to hear of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from services.followup.ports.products import Product, Progress
from shared.contracts.types import CustomerClass
from shared.engine.model import Transaction
from shared.engine.queries import load_queries
from shared.words import Text

QUERIES = load_queries("services.followup", "sql/products.sql")


class PostgresProducts:
    """Products in `products`."""

    async def add(self, tx: Transaction, product: Product) -> Product:
        product_id, name, *announced = product
        row = await tx.fetchrow(QUERIES["add_product"], product_id, name.zh, name.en, *announced)
        return _product(row or await tx.fetchrow(QUERIES["select_product"], product_id))

    async def page(self, tx: Transaction, after: int, limit: int) -> Sequence[tuple[int, Progress]]:
        rows = await tx.fetch(QUERIES["page_products"], after, limit)
        return [(row["number"], Progress(_product(row), row["planned"], row["reminded"])) for row in rows]

    async def next_to_tell(
        self, tx: Transaction, classes: Collection[CustomerClass], limit: int
    ) -> tuple[Product, Sequence[str]] | None:
        row = await tx.fetchrow(QUERIES["lock_untold"])
        if row is None:
            return None
        found = await tx.fetch(QUERIES["page_listeners"], row["after_customer"], list(classes), limit)
        customers = [each[0] for each in found]
        await tx.execute(QUERIES["move_telling"], row["number"], customers[-1] if customers else None)
        return _product(row), customers


def _product(row: Any) -> Product:
    return Product(
        row["product_id"],
        Text(zh=row["name_zh"], en=row["name_en"]),
        row["announced_on"],
        row["within_days"],
        row["announced_by"],
        row["announced_at"],
    )
