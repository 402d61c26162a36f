"""Rows of breaches, and of what shows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.archive.domain.accounts import Sighting, Slot
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class BreachStore:
    """Breaches, in a table that is only added to."""

    async def sealed(self, tx: Transaction, breaches: Collection[str]) -> set[str]:
        return {row[0] for row in await tx.fetch(SQL["find_breaches"], list(breaches))}

    async def add(self, tx: Transaction, entries: Mapping[str, int]) -> None:
        ordered = sorted(entries.items())
        await tx.execute(SQL["insert_breaches"], [breach for breach, _ in ordered], [seq for _, seq in ordered])

    async def claim(self, tx: Transaction, breaches: Collection[str]) -> set[str]:
        return {row[0] for row in await tx.fetch(SQL["claim_breaches"], sorted(breaches))} if breaches else set()

    async def told(self, tx: Transaction, breaches: Collection[str]) -> set[str]:
        return {row[0] for row in await tx.fetch(SQL["find_told_breaches"], list(breaches))} if breaches else set()

    async def seen(self, tx: Transaction, slots: Collection[Slot]) -> set[Slot]:
        return {tuple(row) for row in await tx.fetch(SQL["find_slots"], *map(list, zip(*slots, strict=True)))}

    async def sightings(
        self, tx: Transaction, people: Collection[str], since: datetime, until: datetime
    ) -> Sequence[Sighting]:
        return [Sighting._make(row) for row in await tx.fetch(SQL["find_sightings"], list(people), since, until)]

    async def add_sightings(self, tx: Transaction, sightings: Collection[Sighting]) -> None:
        if sightings:
            await tx.execute(SQL["insert_sightings"], *map(list, zip(*sorted(sightings), strict=True)))

    async def forget_sightings(self, tx: Transaction, before: datetime) -> None:
        await tx.execute(SQL["forget_sightings"], before)

    async def copying(self, tx: Transaction, grants: Collection[str]) -> Mapping[str, bool]:
        return {row[0]: row[1] for row in await tx.fetch(SQL["find_copying"], list(grants))} if grants else {}
