"""What is known of breaches, as use cases need it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from services.archive.domain.accounts import Sighting, Slot
from shared.engine.model import Transaction


class BreachBook(Protocol):
    """Breaches by the id of their fact, for ever."""

    async def sealed(self, tx: Transaction, breaches: Collection[str]) -> set[str]:
        """Those of `breaches` that have an entry in the chain."""
        ...

    async def add(self, tx: Transaction, entries: Mapping[str, int]) -> None:
        """Keep breach → number of the entry that sealed it."""
        ...

    async def claim(self, tx: Transaction, breaches: Collection[str]) -> set[str]:
        """Those that archive itself has not told before, now told."""
        ...

    async def told(self, tx: Transaction, breaches: Collection[str]) -> set[str]:
        """Those that archive itself told before."""
        ...

    async def seen(self, tx: Transaction, slots: Collection[Slot]) -> set[Slot]:
        """Those of the slots in which the account is known to have been there."""
        ...

    async def sightings(
        self, tx: Transaction, people: Collection[str], since: datetime, until: datetime
    ) -> Sequence[Sighting]:
        """Where these accounts were, in no order."""
        ...

    async def add_sightings(self, tx: Transaction, sightings: Collection[Sighting]) -> None: ...

    async def forget_sightings(self, tx: Transaction, before: datetime) -> None: ...

    async def copying(self, tx: Transaction, grants: Collection[str]) -> Mapping[str, bool]:
        """Of the grants that are known: whether they allow copying."""
        ...


class Calendar(Protocol):
    """Business dates."""

    def date_of(self, moment: datetime) -> date: ...
