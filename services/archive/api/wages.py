"""Base wages over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.archive.api.doors import Anybody, HumanResources, Paging, Reason, lawful
from services.archive.api.fine_bodies import FineBody, Month, Paid, shown_fine
from services.archive.domain.fines import FineState, Standing
from services.archive.domain.months import spoken
from services.archive.ports.fines import Wage
from services.archive.usecases import KeepWages
from shared.contracts.types import ExactAmount, Identifier
from shared.http import Page, Problem


class WageTold(BaseModel):
    """A base wage of a month, from a month on until the next (N8), in the currency of the fines."""

    amount: Annotated[ExactAmount, Field(gt=0)]
    from_month: Month
    reason: Reason


class WageBody(BaseModel):
    """What human resources said of a person's wage."""

    person: str
    from_month: str
    amount: Paid
    set_by: str
    set_at: datetime
    reason: str


class WageTaken(WageBody):
    """A wage, and the fines that had waited for it (N9)."""

    proposed: list[FineBody]


def wages_router(keep: KeepWages) -> APIRouter:
    """Base wages: told by human resources, shown to them and to whose they are."""
    router = APIRouter(prefix="/wages", tags=["wages"])

    @router.get("")
    async def wages(who: HumanResources, page: Paging) -> Page[WageBody]:
        found = await keep.page(who, page.after, page.limit)
        return page.of([shown_wage(wage) for wage in found], lambda wage: wage.person)

    @router.get("/{person}")
    async def wages_of(who: Anybody, person: Identifier) -> list[WageBody]:
        with lawful():
            return [shown_wage(wage) for wage in await keep.of(who, person)]

    @router.post("/{person}", status_code=201)
    async def tell(who: HumanResources, person: Identifier, body: WageTold) -> WageTaken:
        with lawful():
            wage, fines = await keep.tell(who, person, first_day(body.from_month), body.amount, body.reason)
        proposed = [shown_fine(Standing(fine, FineState.PROPOSED, 0, None, None, None)) for fine in fines]
        return WageTaken(**shown_wage(wage).model_dump(exclude={"amount"}), amount=wage.amount, proposed=proposed)

    return router


def first_day(month: str) -> date:
    """The month that a path or a body names, by its first day."""
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Problem(
            422, "no_such_month", f"no such month: {month} (written 2026-03)", f"没有这个月份：{month}（写作 2026-03）"
        ) from None


def shown_wage(wage: Wage) -> WageBody:
    return WageBody(
        person=wage.person,
        from_month=spoken(wage.from_month),
        amount=wage.amount,
        set_by=wage.set_by,
        set_at=wage.set_at,
        reason=wage.reason,
    )
