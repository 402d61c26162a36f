"""Rows of the ledger, of closed months, and of what the monthly report counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from services.archive.domain.fines import Fine, FineState, Standing
from services.archive.domain.ledger import Closing, Line, Posting
from services.archive.domain.months import month_after
from services.archive.ports.statements import Decision, Deeds, Plea
from services.archive.store.fines import SQL as FINES
from services.archive.store.fines import as_standing
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

SQL = load_queries("services.archive", "sql/statements.sql")


class LedgerStore:
    """Implements `Ledger` and `MonthBook`."""

    async def hold_months(self, tx: Transaction) -> date | None:
        await tx.execute(SQL["hold_months"])
        closed: date | None = await tx.fetchval(SQL["last_closed"])
        return closed

    async def post(self, tx: Transaction, postings: Sequence[Posting]) -> None:
        for posting in postings:
            await tx.execute(SQL["insert_postings"], *posting)

    async def closing(self, tx: Transaction, month: date) -> tuple[Closing | None, date | None]:
        row = await tx.fetchrow(SQL["find_closing"], month)
        before: date | None = await tx.fetchval(SQL["closed_before"], month)
        return None if row is None else Closing(*row), before

    async def close(self, tx: Transaction, closing: Closing) -> None:
        await tx.execute(SQL["insert_closing"], closing.month, closing.closed_by, closing.closed_at, closing.reason)

    async def lines(self, tx: Transaction, after: date | None, upto: date, person: str | None) -> Sequence[Line]:
        rows = await tx.fetch(SQL["list_lines"], after, upto, person)
        first, second = len(Posting._fields), len(Posting._fields) + len(Fine._fields)
        lines = []
        for row in map(tuple, rows):
            state, *rest = row[second:]
            lines.append(Line(Posting._make(row[:first]), Fine._make(row[first:second]), FineState(state), *rest))
        return lines

    async def waiting(self, tx: Transaction, upto: date) -> int:
        waiting: int = await tx.fetchval(SQL["count_waiting"], month_after(upto))
        return waiting

    async def fines(self, tx: Transaction, month: date) -> Sequence[Standing]:
        return [as_standing(row) for row in await tx.fetch(FINES["fines_of_month"], month, month_after(month))]

    async def pleas(self, tx: Transaction, since: datetime, until: datetime) -> Sequence[Plea]:
        rows = await tx.fetch(SQL["list_pleas"], since, until)
        return [Plea(at, person, FineState(state), *rest) for at, person, state, *rest in map(tuple, rows)]

    async def deeds(self, tx: Transaction, since: datetime, until: datetime) -> Sequence[Deeds]:
        return [Deeds(row[0] or "—", *tuple(row)[1:]) for row in await tx.fetch(SQL["count_deeds"], since, until)]

    async def denials(self, tx: Transaction, since: datetime, until: datetime, limit: int) -> Sequence[Decision]:
        return [Decision._make(row) for row in await tx.fetch(SQL["list_denials"], since, until, limit)]

    async def requests(self, tx: Transaction, since: datetime, until: datetime, limit: int) -> Sequence[Decision]:
        return [Decision._make(row) for row in await tx.fetch(SQL["list_requests"], since, until, limit)]
