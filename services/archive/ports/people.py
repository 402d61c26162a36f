"""Who is who, as use cases need it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from services.archive.domain.people import Person
from services.archive.domain.stale import Leave
from shared.engine.model import Transaction
from shared.standing import Standing


class People(Protocol):
    """Archive's copy of the organisation."""

    async def lock(self, tx: Transaction, persons: Collection[str]) -> Mapping[str, Person]: ...

    async def find(self, tx: Transaction, persons: Collection[str]) -> Mapping[str, Person]: ...

    async def standing(self, tx: Transaction, person: str) -> Standing | None: ...

    async def with_role(self, tx: Transaction, role: str, department: str | None = None) -> Sequence[Person]:
        """Who holds a role and works here, by id; of `department` only, where one is given."""
        ...

    async def save(self, tx: Transaction, people: Iterable[Person]) -> None: ...

    async def note_leaves(self, tx: Transaction, leaves: Iterable[Leave]) -> None:
        """Keep who is away when; what is cancelled stays so."""
        ...
