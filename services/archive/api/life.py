"""The life of records over HTTP: what is due, how long it is kept, what is frozen (A6, A7)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.archive.api.doors import Anybody, Paging, Reason, lawful
from services.archive.ports.life import Hold
from services.archive.usecases.retention import EXTENDING, KeepRetention, Kept
from services.archive.usecases.seasons import KeepFiling
from shared.contracts.types import Day, Identifier
from shared.http import Page, Principal, require
from shared.roles import Role

Extending = Annotated[Principal, Depends(require(*EXTENDING))]
Watching = Annotated[Principal, Depends(require(*EXTENDING, Role.DEPUTY_GM, Role.INSPECTOR))]
RecordId = Annotated[Identifier, Path()]
Period = Annotated[str, Field(pattern=r"^[0-9]{4}(-Q[1-4])?$")]
MOST_RECORDS = 500


class DueBody(BaseModel):
    """What a department hands in for a period, and what came of it."""

    period: str
    department: str
    record_class: str
    due_on: date
    state: Literal["missing", "filed", "nothing"]
    filed: int
    nothing: str | None
    declared_by: str | None


class NothingBody(BaseModel):
    """There is nothing of a class to file, and why."""

    period: Period
    department: Identifier
    record_class: Identifier
    reason: Reason


class KeptBody(BaseModel):
    """A record and until when it is kept, by all that was ever said; `until` null is for ever."""

    record: str
    title: str
    rank: str
    record_class: str
    period: str | None
    until: date | None
    holds: int


class ExtensionBody(BaseModel):
    """Until when a record is kept instead, a later day than before, or `forever`."""

    until: Day | Literal["forever"]
    reason: Reason


class HoldRequest(BaseModel):
    """Which records are frozen, for which matter."""

    matter: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*\S[^\x00]*$")]
    records: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=MOST_RECORDS)]
    reason: Reason


class LiftBody(BaseModel):
    reason: Reason


class HoldBody(BaseModel):
    """A hold; `lifted_at` null while it stands."""

    model_config = ConfigDict(from_attributes=True)

    hold_id: str
    matter: str
    records: tuple[str, ...]
    set_by: str
    set_at: datetime
    reason: str
    lifted_by: str | None
    lifted_at: datetime | None
    lift_reason: str | None


def filing_router(keep: KeepFiling) -> APIRouter:
    """What is due each season, and from whom."""
    router = APIRouter(prefix="/filing", tags=["filing"])

    @router.get("")
    async def due(
        who: Anybody,
        period: Annotated[Period | None, Query()] = None,
        department: Annotated[Identifier | None, Query()] = None,
    ) -> list[DueBody]:
        """应归档清单：何部门何期何类，已交与未交。What is due from whom, and what came of it."""
        with lawful():
            found = await keep.due(who, period, department)
        return [
            DueBody(
                **state.due._asdict(),
                state="filed" if state.filed else "missing" if state.nothing is None else "nothing",
                filed=state.filed,
                nothing=state.nothing,
                declared_by=state.declared_by,
            )
            for state in found
        ]

    @router.post("/nothing", status_code=201)
    async def nothing(who: Anybody, body: NothingBody) -> NothingBody:
        """声明本期无此类资料可归档。There is nothing of that class to file."""
        with lawful():
            await keep.nothing(who, body.period, body.department, body.record_class, body.reason)
        return body

    return router


def retention_router(keep: KeepRetention) -> APIRouter:
    """How long records are kept."""
    router = APIRouter(prefix="/retention", tags=["retention"])

    @router.get("/expiring")
    async def expiring(who: Watching, page: Paging, before: Annotated[Day | None, Query()] = None) -> Page[KeptBody]:
        """保管期限将满或已满的档案。Records whose time is over, or will be before a day."""
        found = await keep.expiring(who, before, page.after_day, page.limit)
        # The page goes on from what was promised, which the list is in the order of.
        places = {kept.record.record: str(kept.record.retain_until) for kept in found}
        return page.of([shown_kept(kept) for kept in found], lambda it: (places[it.record], it.record))

    @router.post("/records/{record}/extensions", status_code=201)
    async def extend(who: Extending, record: RecordId, body: ExtensionBody) -> KeptBody:
        """延长保管期限（只能延长）。Keep a record for longer."""
        until = None if body.until == "forever" else body.until
        with lawful():
            return shown_kept(await keep.extend(who, record, until, body.reason))

    return router


def holds_router(keep: KeepRetention) -> APIRouter:
    """What is frozen."""
    router = APIRouter(prefix="/holds", tags=["holds"])

    @router.get("")
    async def holds(
        who: Watching,
        page: Paging,
        record: Annotated[Identifier | None, Query()] = None,
        standing: bool = False,
    ) -> Page[HoldBody]:
        """冻结清单。Holds, of a record or those that stand, where asked."""
        found = await keep.holds(who, record, standing=standing, after=page.after or "", limit=page.limit)
        return page.of([shown_hold(hold) for hold in found], lambda it: it.hold_id)

    @router.post("", status_code=201)
    async def hold(who: Anybody, body: HoldRequest) -> HoldBody:
        """冻结：解除前不得销毁。Freeze records: nothing of them is destroyed until it is lifted."""
        with lawful():
            return shown_hold(await keep.hold(who, body.matter, body.records, body.reason))

    @router.post("/{hold_id}/lift")
    async def lift(who: Anybody, hold_id: Annotated[Identifier, Path()], body: LiftBody) -> HoldBody:
        """解除冻结。Let go of what a hold froze."""
        with lawful():
            return shown_hold(await keep.lift(who, hold_id, body.reason))

    return router


def shown_kept(kept: Kept) -> KeptBody:
    it = kept.record
    return KeptBody(
        record=it.record,
        title=it.title,
        rank=it.rank,
        record_class=it.record_class,
        period=it.period,
        until=kept.until,
        holds=it.holds,
    )


def shown_hold(hold: Hold) -> HoldBody:
    return HoldBody.model_validate(hold)
