"""A copy of who is who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.followup.domain.people import Person, Recorded
from services.followup.store.rows import columns
from shared.engine.model import Transaction
from shared.engine.queries import load_queries
from shared.standing import Standing

QUERIES = load_queries("services.followup", "sql/people.sql")


class PostgresPeople:
    """People in `people`."""

    async def save(self, tx: Transaction, people: Mapping[str, Recorded]) -> None:
        if people:
            rows = [(*people[name].person, people[name].at) for name in sorted(people)]
            await tx.execute(QUERIES["save_people"], *columns(rows))

    async def depart(self, tx: Transaction, people: Mapping[str, datetime]) -> None:
        if people:
            await tx.execute(QUERIES["depart_people"], *columns(sorted(people.items())))

    async def find(self, tx: Transaction, person: str) -> Person | None:
        row = await tx.fetchrow(QUERIES["select_person"], person)
        return None if row is None else Person(*row.values())

    async def standing(self, tx: Transaction, person: str) -> Standing | None:
        known = await self.find(tx, person)
        return None if known is None else Standing(known.active, known.role, known.department)

    async def names_of(self, tx: Transaction, name: str) -> frozenset[str]:
        return frozenset({name}).union(*(person.names for person in await self.namesakes(tx, name)))

    async def namesakes(self, tx: Transaction, name: str) -> Sequence[Person]:
        return [Person(*row.values()) for row in await tx.fetch(QUERIES["select_namesakes"], name)]

    async def of_department(self, tx: Transaction, department: str) -> Sequence[Person]:
        return [Person(*row.values()) for row in await tx.fetch(QUERIES["select_department"], department)]

    async def everybody(self, tx: Transaction) -> Sequence[Person]:
        return [Person(*row.values()) for row in await tx.fetch(QUERIES["select_everybody"])]
