"""Rows of the organisation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from services.archive.domain.people import Person
from services.archive.domain.stale import Leave
from services.archive.store.queries import SQL
from shared.engine.model import Transaction
from shared.standing import Standing


class PeopleStore:
    """The copy of the organisation."""

    async def lock(self, tx: Transaction, persons: Collection[str]) -> Mapping[str, Person]:
        rows = await tx.fetch(SQL["load_people"], list(persons))
        return {row["person"]: Person(*row) for row in rows}

    async def find(self, tx: Transaction, persons: Collection[str]) -> Mapping[str, Person]:
        rows = await tx.fetch(SQL["find_people"], list(persons))
        return {row["person"]: Person(*row) for row in rows}

    async def standing(self, tx: Transaction, person: str) -> Standing | None:
        known = (await self.find(tx, {person})).get(person)
        return None if known is None else Standing(known.active, known.role, known.department)

    async def with_role(self, tx: Transaction, role: str, department: str | None = None) -> Sequence[Person]:
        return [Person(*row) for row in await tx.fetch(SQL["find_role_holders"], role, department)]

    async def save(self, tx: Transaction, people: Iterable[Person]) -> None:
        ordered = sorted(people, key=lambda p: p.person)
        await tx.execute(
            SQL["upsert_people"],
            [p.person for p in ordered],
            [p.role for p in ordered],
            [p.department for p in ordered],
            [p.manager for p in ordered],
            [p.active for p in ordered],
            [p.as_of for p in ordered],
            [p.rep_code for p in ordered],
        )

    async def note_leaves(self, tx: Transaction, leaves: Iterable[Leave]) -> None:
        rows = sorted(leaves, key=lambda leave: leave.leave_id)
        if rows:
            await tx.execute(SQL["note_leaves"], *map(list, zip(*rows, strict=True)))
