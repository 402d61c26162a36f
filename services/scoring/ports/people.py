"""Who is who, as far as scoring asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from services.scoring.domain.people import Person, Recorded
from shared.engine.model import Transaction
from shared.standing import Standing


class People(Protocol):
    """A copy of what `organisation.v1` says."""

    async def save(self, tx: Transaction, people: Mapping[str, Recorded]) -> None:
        """What is told of people; of whom something newer is known, nothing changes."""
        ...

    async def depart(self, tx: Transaction, people: Mapping[str, datetime]) -> None:
        """Who left, and when that was told; who was recorded since works here."""
        ...

    async def find(self, tx: Transaction, person: str) -> Person | None: ...

    async def standing(self, tx: Transaction, person: str) -> Standing | None: ...

    async def departments_of(self, tx: Transaction, customer_id: str) -> Collection[str]:
        """The departments that a customer belongs to, by its file or by its rep; none where nothing is known."""
        ...
