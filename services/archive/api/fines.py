"""Fines over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from services.archive.api.doors import (
    Anybody,
    HumanResources,
    Judge,
    Paging,
    Reporter,
    lawful,
    place_of,
)
from services.archive.api.fine_bodies import (
    CountedBody,
    DecisionBody,
    DismissalBody,
    EntryNamed,
    EventNamed,
    FineBody,
    GapBody,
    JudgementBody,
    ReportBody,
    WholeBody,
    WordsBody,
    shown_fine,
    shown_whole,
)
from services.archive.domain.fines import FineState, Report
from services.archive.usecases import KeepFines, SettleFines
from shared.contracts.types import Identifier
from shared.http import Page

Entry = Annotated[int, Field(ge=1, lt=2**63)]


def fines_router(keep: KeepFines, settle: SettleFines) -> APIRouter:
    """Fines: everybody's for those who supervise, one's own for everybody."""
    router = APIRouter(prefix="/fines", tags=["fines"])

    @router.get("")
    async def fines(
        who: Anybody,
        page: Paging,
        person: Annotated[Identifier | None, Query()] = None,
        state: FineState | None = None,
    ) -> Page[FineBody]:
        with lawful():
            found = await keep.page(who, person, state, place_of(page), page.limit)
        return page.of([shown_fine(each) for each in found], lambda fine: (fine.evidence["entry"], fine.fine_id))

    @router.post("", status_code=201, responses={202: {"model": CountedBody}})
    async def report(who: Reporter, body: ReportBody, answer: Response) -> FineBody | CountedBody:
        entry = body.evidence.entry if isinstance(body.evidence, EntryNamed) else None
        event = body.evidence.event if isinstance(body.evidence, EventNamed) else None
        told = Report(body.kind, body.person, body.file, body.reason, body.amount, body.order_id)
        with lawful():
            found = await keep.report(who, told, entry, event)
        if not found:
            answer.status_code = 202
            return CountedBody(kind=body.kind, person=body.person)
        return shown_fine(found[0])

    add_gaps(router, keep)
    add_steps(router, settle)

    @router.get("/{fine_id}")
    async def fine(who: Anybody, fine_id: str) -> WholeBody:
        with lawful():
            return shown_whole(await keep.find(who, fine_id))

    return router


def add_gaps(router: APIRouter, keep: KeepFines) -> None:
    """What lacks a fact."""

    @router.get("/gaps")
    async def gaps(_: HumanResources, page: Paging) -> Page[GapBody]:
        found = await keep.gaps(place_of(page), page.limit)
        return page.of([GapBody.model_validate(gap) for gap in found], lambda gap: (gap.entry, gap.kind))

    @router.post("/gaps/{entry}/{kind}/dismissal", status_code=201)
    async def dismiss(who: HumanResources, entry: Entry, kind: Identifier, body: WordsBody) -> DismissalBody:
        with lawful():
            dismissal = await keep.dismiss_gap(who, entry, kind, body.reason)
        return DismissalBody.model_validate(dismissal)


def add_steps(router: APIRouter, settle: SettleFines) -> None:
    """What becomes of a fine: the fined explain and appeal, human resources decide, the policy's roles judge."""

    @router.post("/{fine_id}/explanation", status_code=201)
    async def explain(who: Anybody, fine_id: str, body: WordsBody) -> FineBody:
        with lawful():
            return shown_fine(await settle.answer(who, fine_id, body.reason))

    @router.post("/{fine_id}/decisions", status_code=201)
    async def decide(who: HumanResources, fine_id: str, body: DecisionBody) -> FineBody:
        with lawful():
            return shown_fine(await settle.settle(who, fine_id, body.state, body.reason))

    @router.post("/{fine_id}/appeal", status_code=201)
    async def appeal(who: Anybody, fine_id: str, body: WordsBody) -> FineBody:
        with lawful():
            return shown_fine(await settle.appeal(who, fine_id, body.reason))

    @router.post("/{fine_id}/appeal/decisions", status_code=201)
    async def judge(who: Judge, fine_id: str, body: JudgementBody) -> FineBody:
        with lawful():
            return shown_fine(await settle.judge(who, fine_id, body.state, body.reason))
