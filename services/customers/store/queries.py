"""The named statements, and how rows are given to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.engine.model import Transaction
from shared.engine.queries import load_all_queries

SQL = load_all_queries("services.customers")


async def write(tx: Transaction, query: str, rows: Iterable[tuple[Any, ...]]) -> str:
    """Run a statement over `rows`, given to it column by column; nothing for no rows."""
    columns = list(zip(*rows, strict=True))
    return await tx.execute(SQL[query], *columns) if columns else ""
