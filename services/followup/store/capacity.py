"""Lists that wait, and reps' days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter

from services.followup.ports import DayCount, DaySoFar
from services.followup.store.rows import columns
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

QUERIES = load_queries("services.followup", "sql/capacity.sql")


class PostgresCapacity:
    """Capacities in `capacities`, what was issued in `rep_days`."""

    async def waiting(self, tx: Transaction, today: date, slot: date) -> Mapping[str | None, Sequence[str]]:
        if not await tx.fetchval(QUERIES["anything_waits"], today):
            return {}
        rows = await tx.fetch(QUERIES["waiting_lists"], today, slot)
        # A customer with several lines is there several times.
        return {row["rep"]: list(dict.fromkeys(row["customers"])) for row in rows}

    async def hold(self, tx: Transaction, reps: Collection[str]) -> frozenset[str]:
        return frozenset(row["rep"] for row in await tx.fetch(QUERIES["hold_reps"], sorted(reps)))

    async def people_behind(self, tx: Transaction, names: Collection[str]) -> Mapping[str, str]:
        behind = dict[str, str]()
        for row in await tx.fetch(QUERIES["identities"], list(names)):
            behind.setdefault(row["rep_code"] or row["person"], row["person"])
            # An id is nobody else's, whatever somebody's code is.
            behind[row["person"]] = row["person"]
        return behind

    async def days_so_far(self, tx: Transaction, reps: Collection[str], day: date) -> Mapping[str, DaySoFar]:
        rows = await tx.fetch(QUERIES["days_so_far"], list(reps), day)
        return {row["rep"]: DaySoFar(row["allowed"], row["issued"]) for row in rows}

    async def taken_besides(
        self, tx: Transaction, names: Collection[str], since: datetime, first: date, slot: date
    ) -> Mapping[str, int]:
        rows = await tx.fetch(QUERIES["taken_besides"], list(names), since, first, slot)
        return {row["rep"]: row["minutes"] for row in rows}

    async def add_to_days(self, tx: Transaction, counts: Sequence[DayCount]) -> None:
        if counts:
            rows = sorted(counts, key=attrgetter("rep"))
            await tx.execute(QUERIES["add_to_days"], *columns(rows))

    async def issued_days(self, tx: Transaction, rep: str, first: date, last: date) -> Sequence[DayCount]:
        rows = await tx.fetch(QUERIES["issued_days"], rep, first, last)
        return [DayCount(rep, *row.values()) for row in rows]

    async def reps(self, tx: Transaction) -> Sequence[str]:
        return [row["rep"] for row in await tx.fetch(QUERIES["reps_with_customers"])]

    async def customers_of(self, tx: Transaction, names: Collection[str]) -> Sequence[str]:
        return [row["customer_id"] for row in await tx.fetch(QUERIES["customers_of_reps"], list(names))]

    async def allow(self, tx: Transaction, rep: str, minutes: int | None, by: str, now: datetime) -> None:
        if minutes is None:
            await tx.execute(QUERIES["unset_capacity"], rep)
        else:
            await tx.execute(QUERIES["set_capacity"], rep, minutes, by, now)
