"""Who is who, as use cases need it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from services.archive.domain.people import Person
from shared.engine.model import Transaction


class People(Protocol):
    """Archive's copy of the organisation."""

    async def lock(self, tx: Transaction, persons: Collection[str]) -> Mapping[str, Person]: ...

    async def find(self, tx: Transaction, persons: Collection[str]) -> Mapping[str, Person]: ...

    async def save(self, tx: Transaction, people: Iterable[Person]) -> None: ...
