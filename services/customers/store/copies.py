"""Copies of others' facts: levels, grants, people."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.customers.domain.access import Grant
from services.customers.domain.copies import CustomerLevel, GrantCopy, Person
from services.customers.store.queries import SQL, write
from shared.engine.model import Transaction
from shared.standing import Standing


class PostgresLevels:
    """Implements `LevelStore`."""

    async def load(self, tx: Transaction, customers: Collection[str]) -> dict[str, CustomerLevel]:
        rows = await tx.fetch(SQL["load_levels"], list(customers)) if customers else []
        return {row[0]: CustomerLevel._make(row) for row in rows}

    async def save(self, tx: Transaction, levels: Collection[CustomerLevel]) -> None:
        await write(tx, "save_levels", levels)


class PostgresPeople:
    """Implements `PeopleStore`."""

    async def load(self, tx: Transaction, people: Collection[str]) -> dict[str, Person]:
        rows = await tx.fetch(SQL["load_people"], list(people)) if people else []
        return {row[0]: Person._make(row) for row in rows}

    async def hold(self, tx: Transaction, people: Collection[str]) -> dict[str, Person]:
        rows = await tx.fetch(SQL["hold_people"], list(people)) if people else []
        return {row[0]: Person._make(row) for row in rows}

    async def standing(self, tx: Transaction, person: str) -> Standing | None:
        known = (await self.load(tx, [person])).get(person)
        return None if known is None else Standing(known.works_here(), known.role, known.department)

    async def save(self, tx: Transaction, people: Collection[Person]) -> None:
        await write(tx, "save_people", people)

    async def page(
        self, tx: Transaction, departments: Collection[str] | None, after: str, limit: int
    ) -> Sequence[Person]:
        named = None if departments is None else list(departments)
        return [Person._make(row) for row in await tx.fetch(SQL["list_people"], named, after, limit)]

    async def holders(self, tx: Transaction, code: str) -> Collection[str]:
        return [row[0] for row in await tx.fetch(SQL["find_code_holders"], code)]


class PostgresGrants:
    """Implements `GrantStore`."""

    async def load(self, tx: Transaction, grants: Collection[str]) -> dict[str, GrantCopy]:
        rows = await tx.fetch(SQL["load_grants"], list(grants)) if grants else []
        return {row[0]: GrantCopy._make((*row[:4], tuple(json.loads(row[4])), *row[5:])) for row in rows}

    async def save(self, tx: Transaction, grants: Collection[GrantCopy]) -> None:
        await write(tx, "save_grants", ((*g[:4], json.dumps(g.sections), *g[5:]) for g in grants))

    async def hear(self, tx: Transaction, at: datetime) -> None:
        await tx.execute(SQL["hear_heartbeat"], at)

    async def held(self, tx: Transaction, file: str, person: str, now: datetime) -> Sequence[Grant]:
        rows = await tx.fetch(SQL["read_grants_held"], file, person, now)
        return [Grant(row[0], tuple(json.loads(row[1])), *row[2:]) for row in rows]

    async def held_of(
        self, tx: Transaction, files: Sequence[str], person: str, now: datetime
    ) -> Mapping[str, Sequence[Grant]]:
        found = defaultdict[str, list[Grant]](list)
        for row in await tx.fetch(SQL["list_grants_held"], list(files), person, now):
            found[row[0]].append(Grant(row[1], tuple(json.loads(row[2])), *row[3:]))
        return found

    async def use(self, tx: Transaction, grant_id: str) -> bool:
        return await tx.fetchval(SQL["use_grant"], grant_id) is not None

    async def heard_at(self, tx: Transaction) -> datetime | None:
        at: datetime | None = await tx.fetchval(SQL["read_heartbeat"])
        return at
