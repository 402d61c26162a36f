"""Leave over HTTP: recorded and cancelled by HR and managers; who is away is shown by followup, which plans by it."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, model_validator

from services.customers.api.bodies import AnnouncedBody, shown_announced
from services.customers.api.routes import lawful
from services.customers.usecases.announce import Announce, LeaveNote
from shared.contracts.types import Day, Identifier
from shared.http import Principal, principal

Anybody = Annotated[Principal, Depends(principal)]
Name = Annotated[Identifier, Path()]

LONGEST_DAYS = 366


class LeaveRequest(BaseModel):
    """Days away, both included, and who does what falls due meanwhile; an id of your own makes repeating harmless."""

    leave_id: Identifier | None = None
    first: Day
    last: Day
    deputy: Identifier | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 0 <= (self.last - self.first).days < LONGEST_DAYS:
            raise ValueError("last is not before first, and at most a year later / 结束日期不得早于开始日期，最长一年")
        return self


def leave_router(announce: Announce) -> APIRouter:
    """Who is away."""
    router = APIRouter(prefix="/people/{person}/leave", tags=["people"])

    @router.post("", status_code=202)
    async def record_leave(who: Anybody, person: Name, body: LeaveRequest) -> AnnouncedBody:
        """登记休假及代理人。Somebody is away, and who stands in."""
        note = LeaveNote(body.first, body.last, body.deputy, body.leave_id)
        with lawful():
            return shown_announced(await announce.leave(who, person, note))

    @router.delete("/{leave_id}", status_code=202)
    async def cancel_leave(who: Anybody, person: Name, leave_id: Annotated[Identifier, Path()]) -> AnnouncedBody:
        """取消休假。They are there after all."""
        with lawful():
            return shown_announced(await announce.leave_cancelled(who, person, leave_id))

    return router
