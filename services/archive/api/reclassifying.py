"""Records reclassified over HTTP (A3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.archive.api.doors import Anybody, Reason, lawful
from services.archive.api.records import RecordId
from services.archive.domain.reclassifying import Place, Wish
from services.archive.usecases.reclassifying import Reclassify, Shown
from shared.contracts.types import Identifier, Rank

ChangeId = Annotated[Identifier, Path()]


class WishBody(BaseModel):
    """What is to change, and why; what is left out stays."""

    rank: Rank | None = None
    department: Identifier | None = None
    record_class: Identifier | None = Field(default=None, alias="class")
    reason: Reason


class WordBody(BaseModel):
    decision: Literal["agree", "refuse"]
    reason: Reason


class WithdrawalBody(BaseModel):
    reason: Reason


class PlaceBody(BaseModel):
    rank: Rank
    department: str | None
    record_class: str = Field(serialization_alias="class")


class ChangeBody(BaseModel):
    """A change of a record: `state` agreed is in force since `decided_at`; while it waits, `waits_for` are the roles.

    `retain_until` null is for ever. `on_behalf_of` whom it was decided by a delegation.
    """

    change_id: str
    record_id: str
    old: PlaceBody
    new: PlaceBody
    retain_until: date | None
    state: Literal["waiting", "agreed", "refused", "withdrawn"]
    waits_for: list[str]
    requested_by: str
    requested_at: datetime
    reason: str
    decided_by: str | None
    on_behalf_of: str | None
    decided_at: datetime | None
    decision_reason: str | None


def reclassifications_router(reclassify: Reclassify) -> APIRouter:
    """Rank, department and class of a record, changed by acts that stay."""
    router = APIRouter(prefix="/records/{record_id}/reclassifications", tags=["records"])

    @router.post("", status_code=201)
    async def request(who: Anybody, record_id: Annotated[RecordId, Path()], body: WishBody) -> ChangeBody:
        """变更密级、部门或类别：升密即时生效，其余须他人批准。Raise it at once; anything else takes two."""
        wish = Wish(body.rank, body.department, body.record_class)
        with lawful():
            return shown_change(await reclassify.request(who, record_id, wish, body.reason))

    @router.get("")
    async def history(who: Anybody, record_id: Annotated[RecordId, Path()]) -> list[ChangeBody]:
        """变更记录。All changes that were asked for."""
        with lawful():
            return [shown_change(change) for change in await reclassify.history(who, record_id)]

    @router.post("/{change_id}/decisions", status_code=201)
    async def decide(
        who: Anybody, record_id: Annotated[RecordId, Path()], change_id: ChangeId, body: WordBody
    ) -> ChangeBody:
        """审批变更（不得审批本人的申请）。Agree or refuse, as a second person."""
        agree = body.decision == "agree"
        with lawful():
            return shown_change(await reclassify.decide(who, record_id, change_id, body.reason, agree=agree))

    @router.post("/{change_id}/withdraw", status_code=201)
    async def withdraw(
        who: Anybody, record_id: Annotated[RecordId, Path()], change_id: ChangeId, body: WithdrawalBody
    ) -> ChangeBody:
        """撤回申请。Think better of it."""
        with lawful():
            return shown_change(await reclassify.withdraw(who, record_id, change_id, body.reason))

    return router


def shown_change(shown: Shown) -> ChangeBody:
    change, ending = shown.change, shown.change.ending
    return ChangeBody(
        change_id=change.change_id,
        record_id=change.record,
        old=shown_place(change.old),
        new=shown_place(change.new),
        retain_until=change.retain_until,
        state="waiting" if ending is None else ending.ended,
        waits_for=[str(role) for role in shown.waits_for],
        requested_by=change.requested_by,
        requested_at=change.requested_at,
        reason=change.reason,
        decided_by=None if ending is None else ending.decided_by,
        on_behalf_of=None if ending is None else ending.on_behalf_of,
        decided_at=None if ending is None else ending.decided_at,
        decision_reason=None if ending is None else ending.reason,
    )


def shown_place(place: Place) -> PlaceBody:
    return PlaceBody(rank=place.rank, department=place.department, record_class=place.record_class)
