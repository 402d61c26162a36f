"""Who is who, as far as scoring asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from services.scoring.domain.people import Person
from shared.engine.model import Transaction
from shared.standing import Standing


class People(Protocol):
    """A copy of what `organisation.v1` says."""

    async def save(self, tx: Transaction, people: Mapping[str, Person]) -> None: ...

    async def depart(self, tx: Transaction, people: Collection[str]) -> None: ...

    async def find(self, tx: Transaction, person: str) -> Person | None: ...

    async def standing(self, tx: Transaction, person: str) -> Standing | None: ...

    async def departments_of(self, tx: Transaction, customer_id: str) -> Collection[str]:
        """The departments that a customer belongs to, by its file or by its rep; none where nothing is known."""
        ...
