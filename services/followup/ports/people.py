"""Who is who, as use cases need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.followup.domain.people import Person, Recorded
from shared.engine.model import Transaction
from shared.standing import Standing


class PeopleStore(Protocol):
    """A copy of who is who."""

    async def save(self, tx: Transaction, people: Mapping[str, Recorded]) -> None:
        """What is told of people; of whom something newer is known, nothing changes."""
        ...

    async def depart(self, tx: Transaction, people: Mapping[str, datetime]) -> None:
        """Who left, and when that was told; who was recorded since works here."""
        ...

    async def find(self, tx: Transaction, person: str) -> Person | None: ...

    async def standing(self, tx: Transaction, person: str) -> Standing | None: ...

    async def names_of(self, tx: Transaction, name: str) -> frozenset[str]:
        """All names of whoever has this one as id or rep code, and the name itself."""
        ...

    async def namesakes(self, tx: Transaction, name: str) -> Sequence[Person]:
        """Everybody who has this name as id or rep code."""
        ...

    async def of_department(self, tx: Transaction, department: str) -> Sequence[Person]: ...

    async def everybody(self, tx: Transaction) -> Sequence[Person]: ...
