"""Steps of overdue reminders, and what they were decided under."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime

from services.followup.domain.escalation import Look, Overdue
from services.followup.domain.people import Scope
from services.followup.domain.reminders import Reminder
from services.followup.ports import Listed
from services.followup.store.rows import columns, scope_arguments
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

QUERIES = load_queries("services.followup", "sql/escalations.sql")

COLUMNS_OF_REMINDER = len(Reminder._fields)


class PostgresEscalations:
    """Steps in `escalations`, and when to look again in `reminders`; days of moments are of `zone`, an IANA name."""

    def __init__(self, zone: Callable[[], str]) -> None:
        self._zone = zone

    async def claim(self, tx: Transaction, today: date, limit: int) -> Sequence[Overdue]:
        rows = await tx.fetch(QUERIES["claim_overdue"], today, limit, self._zone())
        return [Overdue._make(row.values())._replace(taken=frozenset(row["taken"])) for row in rows]

    async def save(self, tx: Transaction, looks: Mapping[str, Look], now: datetime) -> None:
        rows = sorted(looks.items())
        steps = [
            (reminder_id, step.to_role, step.step, step.to, step.overdue.rep, step.overdue.held_by, step.days, now)
            for reminder_id, look in rows
            for step in look.steps
        ]
        if steps:
            await tx.execute(QUERIES["add_escalations"], *columns(steps))
        if rows:
            await tx.execute(
                QUERIES["save_looks"], *columns([(name, len(look.steps), look.again_on) for name, look in rows])
            )

    async def inherit(self, tx: Transaction, issued: Collection[str]) -> None:
        await tx.execute(QUERIES["inherit_steps"], sorted(issued))
        await tx.execute(QUERIES["inherit_waiting"], sorted(issued), self._zone())

    async def count_anew(self, tx: Transaction, reminders: Collection[str], today: date) -> None:
        await tx.execute(QUERIES["count_anew"], sorted(reminders), today, self._zone())

    async def look_again(self, tx: Transaction, reps: Collection[str]) -> None:
        if reps:
            await tx.execute(QUERIES["look_again"], sorted(reps))

    async def listed(self, tx: Transaction, scope: Scope, after: tuple[datetime, str], limit: int) -> Sequence[Listed]:
        found = list[Listed]()
        for row in await tx.fetch(QUERIES["list_reassignments"], *scope_arguments(scope), *after, limit):
            values = tuple(row)
            found.append(Listed(Reminder._make(values[:COLUMNS_OF_REMINDER]), *values[COLUMNS_OF_REMINDER:]))
        return found


class PostgresWatch:
    """What plans and steps were made under, in the one row of `calendar_watch`."""

    async def lock(self, tx: Transaction) -> Mapping[str, str] | None:
        kept = await tx.fetchval(QUERIES["lock_watch"])
        return None if kept is None else dict(json.loads(kept))

    async def keep(self, tx: Transaction, digests: Mapping[str, str], *, look_again: bool) -> None:
        await tx.execute(QUERIES["keep_watch"], json.dumps(digests), look_again)

    async def look_at_next(self, tx: Transaction, limit: int) -> int:
        after = await tx.fetchval(QUERIES["lock_looking"])
        if after is None:
            return 0
        marked = await tx.fetch(QUERIES["look_at_next"], after, limit)
        await tx.execute(QUERIES["move_looking"], marked[-1][0] if marked else None)
        return len(marked)
