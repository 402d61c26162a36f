"""Who is who, as `organisation.v1` told it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from services.scoring.domain.people import Person, Recorded
from services.scoring.store.queries import PEOPLE, columns
from shared.engine.model import Transaction
from shared.standing import Standing


class PeopleStore:
    """Implements `People`."""

    async def save(self, tx: Transaction, people: Mapping[str, Recorded]) -> None:
        if people:
            rows = [(*people[name].person, people[name].at) for name in sorted(people)]
            await tx.execute(PEOPLE["save_people"], *columns(rows))

    async def depart(self, tx: Transaction, people: Mapping[str, datetime]) -> None:
        if people:
            await tx.execute(PEOPLE["depart_people"], *columns(sorted(people.items())))

    async def find(self, tx: Transaction, person: str) -> Person | None:
        row = await tx.fetchrow(PEOPLE["find_person"], person)
        return None if row is None else Person(*row)

    async def standing(self, tx: Transaction, person: str) -> Standing | None:
        known = await self.find(tx, person)
        return None if known is None else Standing(known.active, known.role, known.department)

    async def departments_of(self, tx: Transaction, customer_id: str) -> Collection[str]:
        return {row[0] for row in await tx.fetch(PEOPLE["find_departments"], customer_id)}
