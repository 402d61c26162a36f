"""Customers' schedules: changes become statements over sorted rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

from services.followup.domain.customer import Facts, Standing
from services.followup.domain.people import Scope
from services.followup.domain.schedule import Line, Schedule
from services.followup.ports import Counts, CustomerAppearedError
from services.followup.store.rows import columns
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

_Row = tuple[Any, ...]

QUERIES = load_queries("services.followup")

UNKNOWN = Schedule("")


class PostgresSchedules:
    """Schedules in `schedules` and `schedule_lines`; days of moments are of `zone`, an IANA name."""

    def __init__(self, zone: Callable[[], str]) -> None:
        self._zone = zone

    async def load(self, tx: Transaction, customers: Collection[str]) -> dict[str, Schedule]:
        ids = list(customers)
        rows = await tx.fetch(QUERIES["lock_schedules"], ids, self._zone())
        if not rows:
            return {}
        return _schedules(rows, await tx.fetch(QUERIES["select_lines"], ids))

    async def claim_due(self, tx: Transaction, day: date, limit: int) -> dict[str, Schedule]:
        claimed = await tx.fetch(QUERIES["claim_due"], day, limit)
        return await self.load(tx, {row[0] for row in claimed}) if claimed else {}

    async def show(self, tx: Transaction, customer_id: str) -> Schedule | None:
        rows = await tx.fetch(QUERIES["select_schedule"], customer_id, self._zone())
        return _schedules(rows, await tx.fetch(QUERIES["select_lines"], [customer_id])).get(customer_id)

    async def save(self, tx: Transaction, before: Mapping[str, Schedule], after: Mapping[str, Schedule]) -> None:
        facts, standings, lines = list[_Row](), list[_Row](), list[_Row]()
        for customer_id in sorted(after):
            was, now = before.get(customer_id, UNKNOWN), after[customer_id]
            if now is was:
                continue
            if now.facts is not None and now.facts is not was.facts:
                # The contact's business date, last of the facts, follows from its moment.
                facts.append((customer_id, *now.facts[:-1]))
            if now.standing is not None and now.standing is not was.standing:
                standings.append((customer_id, *now.standing))
            if now.lines is not was.lines:
                known = was.lines
                lines += [(customer_id, *line) for line in now.lines.values() if line is not known.get(line.line)]
        new = 0
        if facts:
            new += await tx.fetchval(QUERIES["save_facts"], *columns(facts))
        if standings:
            new += await tx.fetchval(QUERIES["save_standings"], *columns(standings))
        if new != len(after) - len(before):
            raise CustomerAppearedError("another transaction met a new customer at the same moment")
        if lines:
            await tx.execute(QUERIES["save_lines"], *columns(lines))

    async def begin_replanning(self, tx: Transaction) -> None:
        await tx.execute(QUERIES["begin_replanning"])

    async def is_being_replanned(self, tx: Transaction) -> bool:
        return bool(await tx.fetchval(QUERIES["is_being_replanned"]))

    async def next_to_replan(self, tx: Transaction, limit: int) -> dict[str, Schedule]:
        after = await tx.fetchval(QUERIES["lock_replanning"])
        if after is None:
            return {}
        customers = [row[0] for row in await tx.fetch(QUERIES["page_schedules"], after, limit)]
        await tx.execute(QUERIES["move_replanning"], customers[-1] if customers else None)
        return await self.load(tx, customers) if customers else {}

    async def count(self, tx: Transaction, day: date, scope: Scope) -> Counts:
        if scope.everything:
            row = await tx.fetchrow(QUERIES["count_lines"], day)
        else:
            row = await tx.fetchrow(
                QUERIES["count_lines_of"], day, list(scope.reps), scope.department, scope.unassigned
            )
        return Counts(row["scheduled"], row["pending"])


def _schedules(rows: Sequence[Any], line_rows: Sequence[Any]) -> dict[str, Schedule]:
    lines: dict[str, dict[str, Line]] = {}
    for row in line_rows:
        line = Line._make(tuple(row)[1:])
        lines.setdefault(row[0], {})[line.line] = line
    found = {}
    for row in rows:
        values = tuple(row)
        customer_id = values[0]
        facts = None if values[1] is None else Facts._make(values[1:11])
        standing = None if values[11] is None else Standing._make(values[11:])
        found[customer_id] = Schedule(customer_id, facts, standing, lines.get(customer_id, {}))
    return found
