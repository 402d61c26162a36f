"""New products and who was told of them, as use cases need them (F6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from shared.contracts.types import CustomerClass
from shared.engine.model import Transaction
from shared.words import Text


class Product(NamedTuple):
    """A new product as it was announced; customers hear of it within so many days of that date."""

    product_id: str
    name: Text
    announced_on: date
    within_days: int
    announced_by: str
    announced_at: datetime


class Progress(NamedTuple):
    """A product, whether everybody has been given a day to hear of it, and how many reminders that made so far."""

    product: Product
    planned: bool
    reminded: int


class ProductStore(Protocol):
    """All products that were ever announced."""

    async def add(self, tx: Transaction, product: Product) -> Product:
        """Keep a new one; the one that is kept by that id already, where there is one."""
        ...

    async def page(self, tx: Transaction, after: int, limit: int) -> Sequence[tuple[int, Progress]]:
        """The newest first, each with its number, older than `after`."""
        ...

    async def next_to_tell(
        self, tx: Transaction, classes: Collection[CustomerClass], limit: int
    ) -> tuple[Product, Sequence[str]] | None:
        """A product and the next customers to hear of it, none of them where all do; another process waits."""
        ...
