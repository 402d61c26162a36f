"""Customers' schedules: changes become statements over sorted rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from services.followup.domain.cadence import FALLING
from services.followup.domain.customer import UNTOUCHED, Dossier, Facts, Fall, Standing
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
        return await self._schedules(tx, rows, ids)

    async def claim_due(self, tx: Transaction, day: date, limit: int) -> dict[str, Schedule]:
        claimed = await tx.fetch(QUERIES["claim_due"], day, limit)
        return await self.load(tx, {row[0] for row in claimed}) if claimed else {}

    async def show(self, tx: Transaction, customer_id: str) -> Schedule | None:
        rows = await tx.fetch(QUERIES["select_schedule"], customer_id, self._zone())
        return (await self._schedules(tx, rows, [customer_id])).get(customer_id)

    async def forget_told(self, tx: Transaction, customers: Collection[str]) -> None:
        await tx.execute(QUERIES["forget_told"], list(customers))

    async def save(self, tx: Transaction, before: Mapping[str, Schedule], after: Mapping[str, Schedule]) -> None:
        facts, standings, lines = list[_Row](), list[_Row](), list[_Row]()
        for customer_id in sorted(after):
            was, now = before.get(customer_id, UNKNOWN), after[customer_id]
            if now is was:
                continue
            if now.facts is not None and now.facts is not was.facts:
                # The contact's business date follows from its moment, and the dossier seldom changes.
                facts.append((customer_id, *now.facts[:-2]))
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
        await self._save_seldom(tx, before, after)

    async def _save_seldom(
        self, tx: Transaction, before: Mapping[str, Schedule], after: Mapping[str, Schedule]
    ) -> None:
        """What most batches leave as it is."""
        dossiers, falls = list[_Row](), list[_Row]()
        for customer_id, now in after.items():
            was = before.get(customer_id, UNKNOWN)
            if now.facts is not None and now.facts is not was.facts and now.facts.dossier != known_dossier(was):
                dossiers.append((customer_id, *dossier_row(now.facts.dossier)))
            if now.fall is not None and now.fall is not was.fall:
                falls.append((customer_id, *now.fall))
        if dossiers:
            await tx.execute(QUERIES["save_dossiers"], *columns(sorted(dossiers, key=itemgetter(0))))
        if falls:
            await tx.execute(QUERIES["save_falls"], *columns(sorted(falls)))

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

    async def _schedules(self, tx: Transaction, rows: Sequence[Any], customers: list[str]) -> dict[str, Schedule]:
        lines: dict[str, dict[str, Line]] = {}
        falling: list[str] = []
        for row in await tx.fetch(QUERIES["select_lines"], customers):
            line = Line._make(tuple(row)[1:])
            lines.setdefault(row[0], {})[line.line] = line
            if line.opened_on is not None and line.line.endswith(FALLING):
                falling.append(row[0])
        # Few customers are about to fall, and only theirs are looked for.
        found_falls = await tx.fetch(QUERIES["select_falls"], falling) if falling else []
        falls = {row[0]: Fall._make(tuple(row)[1:]) for row in found_falls}
        found = {}
        for row in rows:
            values = tuple(row)
            customer_id = values[0]
            facts = None if values[1] is None else Facts._make((*values[1:13], dossier_in(values[13:18])))
            standing = None if values[18] is None else Standing._make(values[18:])
            found[customer_id] = Schedule(
                customer_id, facts, standing, lines.get(customer_id, {}), falls.get(customer_id)
            )
        return found


def known_dossier(schedule: Schedule) -> Dossier:
    """What the row says; of a new one, that nothing was stated."""
    return UNTOUCHED if schedule.facts is None else schedule.facts.dossier


def dossier_row(dossier: Dossier) -> _Row:
    country, improved_on, gaps, given_on, reported_on = dossier
    return country, improved_on, None if gaps is None else ",".join(gaps), given_on, reported_on


def dossier_in(values: _Row) -> Dossier:
    """Names of fields have no comma; of most customers there is one and the same to tell."""
    if values == UNTOUCHED_ROW:
        return UNTOUCHED
    country, improved_on, gaps, given_on, reported_on = values
    names = None if gaps is None else tuple(gaps.split(",")) if gaps else ()
    return Dossier(country, improved_on, names, given_on, reported_on)


UNTOUCHED_ROW = dossier_row(UNTOUCHED)
