"""Rows of what a batch leaves to be judged."""

from __future__ import annotations

from collections.abc import Iterable

from services.customers.domain.matters import FaultyReturn, ShowroomSale
from services.customers.store.queries import write
from shared.engine.model import Transaction


async def save_matters(tx: Transaction, sales: Iterable[ShowroomSale], faulty_returns: Iterable[FaultyReturn]) -> None:
    """Note what is to be judged, in the order of its keys."""
    await write(tx, "note_sales", sales)
    await write(tx, "note_faulty_returns", faulty_returns)
