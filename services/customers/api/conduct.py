"""Conduct over HTTP: reported by inspectors and managers (N7)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from services.customers.api.bodies import AnnouncedBody, shown_announced
from services.customers.api.routes import lawful
from services.customers.domain.conduct import ConductNote, UnfitReportError
from services.customers.usecases.report_conduct import ReportConduct
from shared.contracts.types import Amount, Identifier, Moment
from shared.http import Principal, Problem, principal

Anybody = Annotated[Principal, Depends(principal)]
Note = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*\S[^\x00]*$")]


class ConductRequest(BaseModel):
    """What a person did, in the reporter's words; an id of your own, with its moment, makes repeating harmless.

    `kind` is one of the policy's; `amount` the sum in question, in the base currency, where the fine depends on one.
    """

    person: Identifier
    kind: Identifier
    note: Note
    amount: Amount | None = None
    report_id: Identifier | None = None
    reported_at: Moment | None = None


def conduct_router(report: ReportConduct) -> APIRouter:
    """What people report of one another."""
    router = APIRouter(prefix="/conduct", tags=["people"])

    @router.post("", status_code=202)
    async def conduct(who: Anybody, body: ConductRequest) -> AnnouncedBody:
        """举报违规行为。Somebody broke a rule of conduct; archive proposes what it costs."""
        note = ConductNote(body.person, body.kind, body.note, body.amount, body.report_id, body.reported_at)
        try:
            with lawful():
                return shown_announced(await report(who, note))
        except UnfitReportError as error:
            raise Problem(422, error.code, error.words.en, error.words.zh) from None

    return router
