"""Who is who, as use cases need it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from services.followup.domain.people import Person
from shared.engine.model import Transaction
from shared.standing import Standing


class PeopleStore(Protocol):
    """A copy of who is who."""

    async def save(self, tx: Transaction, people: Mapping[str, Person]) -> None: ...

    async def depart(self, tx: Transaction, people: Collection[str]) -> None: ...

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
