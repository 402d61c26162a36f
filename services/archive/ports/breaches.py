"""What is known of breaches, as use cases need it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Protocol

from shared.engine.model import Transaction


class BreachBook(Protocol):
    """Breaches by the id of their fact, for ever."""

    async def sealed(self, tx: Transaction, breaches: Collection[str]) -> set[str]:
        """Those of `breaches` that have an entry in the chain."""
        ...

    async def add(self, tx: Transaction, entries: Mapping[str, int]) -> None:
        """Keep breach → number of the entry that sealed it."""
        ...


class Calendar(Protocol):
    """Business dates."""

    def date_of(self, moment: datetime) -> date: ...
