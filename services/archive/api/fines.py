"""Fines over HTTP."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.archive.api.doors import (
    Anybody,
    HumanResources,
    Paging,
    Reason,
    Reporter,
    lawful,
    place_of,
)
from services.archive.domain.fines import FineState, Report
from services.archive.ports import FineStanding
from services.archive.usecases import KeepFines
from shared.contracts.types import DerivedIdentifier, Identifier, Words
from shared.http import Page
from shared.money import to_text
from shared.policy.fines import FineKind


class FineBody(BaseModel):
    """A fine and where it stands; `amount` null is a breach that is only recorded, `proposed_by` null a rule."""

    fine_id: str
    kind: str
    rule: str
    person: str
    file: str | None
    amount: str | None
    currency: str
    dismissal: bool
    evidence: dict[Literal["entry", "event"], int | str]
    proposed_by: str | None
    proposed_at: datetime
    reason: str | None
    policy_version: str
    words: Words
    state: FineState
    decided_by: str | None
    decision_reason: str | None
    decided_at: datetime | None


class GapBody(BaseModel):
    """A breach for which no fine could be proposed: the `missing` fact has to be found first (N9)."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    entry: int
    missing: str
    found_at: datetime


class EntryNamed(BaseModel):
    entry: Annotated[int, Field(ge=1, lt=2**63)]


class EventNamed(BaseModel):
    event: DerivedIdentifier


class ReportBody(BaseModel):
    """A breach as somebody reports it, with the audit entry, or the event of that file, that shows it (N9)."""

    kind: FineKind
    person: Identifier
    file: DerivedIdentifier | None = None
    evidence: EntryNamed | EventNamed
    reason: Reason


class DecisionBody(BaseModel):
    """What becomes of a fine, and why (N9, N10)."""

    state: Literal[FineState.EXPLAINED, FineState.WAIVED, FineState.CONFIRMED]
    reason: Reason


def fines_router(keep: KeepFines) -> APIRouter:
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
        return page.of([shown_fine(standing) for standing in found], lambda fine: (fine.evidence["entry"], fine.rule))

    @router.get("/gaps")
    async def gaps(_: HumanResources, page: Paging) -> Page[GapBody]:
        found = await keep.gaps(place_of(page), page.limit)
        return page.of([GapBody.model_validate(gap) for gap in found], lambda gap: (gap.entry, gap.kind))

    @router.post("", status_code=201)
    async def report(who: Reporter, body: ReportBody) -> FineBody:
        entry = body.evidence.entry if isinstance(body.evidence, EntryNamed) else None
        event = body.evidence.event if isinstance(body.evidence, EventNamed) else None
        with lawful():
            return shown_fine(
                await keep.report(who, Report(body.kind, body.person, body.file, body.reason), entry, event)
            )

    @router.post("/{fine_id}/decisions", status_code=201)
    async def decide(who: HumanResources, fine_id: str, body: DecisionBody) -> FineBody:
        with lawful():
            return shown_fine(await keep.settle(who, fine_id, body.state, body.reason))

    return router


def shown_fine(standing: FineStanding) -> FineBody:
    fine = standing.fine
    return FineBody(
        fine_id=fine.fine_id,
        kind=fine.kind,
        rule=fine.rule,
        person=fine.person,
        file=fine.file,
        amount=None if fine.amount is None else to_text(Decimal(fine.amount)),
        currency=fine.currency,
        dismissal=fine.dismissal,
        evidence={"entry": fine.entry} if fine.event is None else {"entry": fine.entry, "event": fine.event},
        proposed_by=fine.proposed_by,
        proposed_at=fine.proposed_at,
        reason=fine.reason,
        policy_version=fine.policy_version,
        words=Words(zh=fine.words_zh, en=fine.words_en),
        state=standing.state,
        decided_by=standing.decided_by,
        decision_reason=standing.decision_reason,
        decided_at=standing.decided_at,
    )
