"""Answering for a customer's potential, and taking in the lists that it is judged by (K5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.scoring.domain.potential.customs import Import
from services.scoring.domain.potential.matching import Article
from services.scoring.ports import Clock, Database, PotentialFound, PotentialStore
from shared.in_force import InForce
from shared.policy.model import Policy
from shared.policy.potential import PotentialLevels


@dataclass(frozen=True, slots=True)
class PotentialShown:
    """A customer's potential with the rules that it is judged by now."""

    found: PotentialFound
    rules: PotentialLevels


class ReadPotential:
    """Reads one customer's potential."""

    def __init__(self, database: Database, store: PotentialStore, policy: InForce[Policy]) -> None:
        self._database = database
        self._store = store
        self._policy = policy

    async def __call__(self, customer_id: str) -> PotentialShown | None:
        """None for a customer that is not known."""
        async with self._database.transaction() as tx:
            policy = await self._policy(tx)
            found = await self._store.find(tx, customer_id)
        return None if found is None else PotentialShown(found, policy.potential)


class ImportLists:
    """Takes in the catalogue and customs records; whom they concern is assessed anew by the job."""

    def __init__(self, database: Database, store: PotentialStore, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._clock = clock

    async def catalogue(self, articles: Sequence[Article], who: str) -> None:
        """Put a catalogue in the place of the one before."""
        async with self._database.transaction() as tx:
            await self._store.move_list(tx, "catalogue", self._clock.now(), who)
            await self._store.replace_catalogue(tx, articles)

    async def customs(self, records: Sequence[Import], who: str) -> int:
        """Add customs records; return how many of them were not known."""
        async with self._database.transaction() as tx:
            added = await self._store.add_imports(tx, records)
            if added:
                await self._store.move_list(tx, "customs", self._clock.now(), who)
        return added
