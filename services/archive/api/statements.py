"""The month's statement and report over HTTP."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.archive.api.doors import Anybody, HumanResources, Reason, Supervisor, lawful
from services.archive.api.fine_bodies import FineBody, Month, Paid, shown_fine
from services.archive.api.monthly import workbook
from services.archive.api.wages import first_day
from services.archive.domain.fines import Standing
from services.archive.domain.ledger import Line, grand_totals
from services.archive.domain.months import spoken
from services.archive.usecases import KeepStatements
from services.archive.usecases.statements import Statement
from shared.contracts.types import Identifier
from shared.words import Language

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class LineBody(BaseModel):
    """A fine that came to stand, or its reversal (`due` below zero), with the decision behind it."""

    fine: FineBody
    month: str
    due: Paid
    currency: str
    posted_at: datetime
    decided_by: str | None
    reason: str


class TotalBody(BaseModel):
    """What the lines of a person come to."""

    person: str
    currency: str
    amount: Paid
    lines: int


class StatementBody(BaseModel):
    """A month's lines; with `closed_at` it is settled, and whatever changes comes in a later month.

    `total` is everybody's, by currency; `waiting` fines of these days nobody has decided about yet.
    """

    month: str
    closed_by: str | None
    closed_at: datetime | None
    totals: list[TotalBody]
    total: dict[str, Paid]
    lines: list[LineBody]
    waiting: int


class ClosingBody(BaseModel):
    reason: Reason | None = None


def statements_router(keep: KeepStatements) -> APIRouter:
    """Statements: everybody's for those who supervise, one's own for everybody; closed by human resources."""
    router = APIRouter(tags=["statements"])

    @router.get("/statements/{month}")
    async def statement(
        who: Anybody, month: Month, person: Annotated[Identifier | None, Query()] = None
    ) -> StatementBody:
        with lawful():
            return shown_statement(await keep.of(who, first_day(month), person))

    @router.post("/statements/{month}/closing", status_code=201)
    async def close(who: HumanResources, month: Month, body: ClosingBody) -> StatementBody:
        with lawful():
            return shown_statement(await keep.close(who, first_day(month), body.reason))

    @router.get("/reports/{month}.xlsx", response_class=Response)
    async def report(who: Supervisor, month: Month, lang: Language = Language.ZH) -> Response:
        found = await keep.report(who, first_day(month))
        head = {"Content-Disposition": f'attachment; filename="tierline-{month}.xlsx"'}
        # Thousands of cells take a while, and the chain must go on meanwhile.
        content = await asyncio.to_thread(workbook, found, lang)
        return Response(content, media_type=MEDIA_TYPE, headers=head)

    return router


def shown_statement(statement: Statement) -> StatementBody:
    closing = statement.closing
    return StatementBody(
        month=spoken(statement.month),
        closed_by=None if closing is None else closing.closed_by,
        closed_at=None if closing is None else closing.closed_at,
        totals=[
            TotalBody(person=each.person, currency=each.currency, amount=each.amount, lines=each.lines)
            for each in statement.totals
        ],
        total=dict(grand_totals(statement.totals)),
        lines=[shown_line(line) for line in statement.lines],
        waiting=statement.waiting,
    )


def shown_line(line: Line) -> LineBody:
    posting = line.posting
    return LineBody(
        fine=shown_fine(Standing(line.fine, line.state, posting.step, line.decided_by, line.reason, posting.posted_at)),
        month=spoken(posting.month),
        due=posting.due,
        currency=posting.currency,
        posted_at=posting.posted_at,
        decided_by=line.decided_by,
        reason=line.reason,
    )
