"""How much follow-up reps' days hold, over HTTP: months ahead, what moving a customer would do, a manager's number."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.followup.api.doors import Reader, told
from services.followup.domain.outlook import DayAhead
from services.followup.ports import DayCount
from services.followup.usecases.capacity import ReadCapacity, RepMonth, SetCapacity, Span
from shared.contracts.types import Identifier
from shared.http import Page, PageParams, Principal, Problem, page_params, require
from shared.roles import Role

Manager = Annotated[Principal, Depends(require(Role.DEPARTMENT_MANAGER, Role.GM, Role.OPS))]
Setter = Annotated[Principal, Depends(require(Role.DEPARTMENT_MANAGER, Role.GM))]


Month = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}$")]


LARGEST_PAGE = 100


def rep_pages(
    limit: Annotated[int, Query(ge=1, le=1000)] = 25, cursor: Annotated[str | None, Query(max_length=4096)] = None
) -> PageParams:
    """Pages of at most a hundred, whatever is asked for: each month is worked out when somebody wants to see it."""
    return page_params(min(limit, LARGEST_PAGE), cursor)


class CapacityDay(BaseModel):
    """A working day: minutes and contacts that it holds, `over` the minutes beyond the capacity.

    `put_off` are minutes that are due and wait for a later day, null on a day that is over; `leave`: the rep is away.
    `capacity` is null on a past day of a rep who only stood in for another.
    """

    day: date
    contacts: int
    minutes: int
    capacity: int | None
    over: int
    put_off: int | None
    leave: bool


class RepCapacity(BaseModel):
    """A rep's month in a line; `own` when a manager set `minutes_a_day`. Sums are of today and the days ahead."""

    rep: str
    customers: int
    minutes_a_day: int
    own: bool
    first: date
    last: date
    contacts: int
    minutes: int
    capacity: int
    over: int
    days_over: int
    leave_days: int


class RepCapacityMonth(RepCapacity):
    """The same, day by day."""

    days: list[CapacityDay]


class CapacityMove(BaseModel):
    """Before and after, for both; `from` is null for a customer who is nobody's."""

    customer_id: str
    giving: tuple[RepCapacityMonth, RepCapacityMonth] | None = Field(serialization_alias="from")
    taking: tuple[RepCapacityMonth, RepCapacityMonth] = Field(serialization_alias="to")


class CapacitySetting(BaseModel):
    """Minutes of follow-up in a working day of this rep; null: the policy's."""

    minutes: Annotated[int, Field(strict=True, ge=0, le=1440)] | None


class CapacitySet(BaseModel):
    """Whose it is now."""

    rep: str
    minutes: int | None


def capacity_router(read_capacity: ReadCapacity, set_capacity: SetCapacity) -> APIRouter:
    """Capacity: a rep's own, a manager's department, all for the GM and ops."""
    router = APIRouter(tags=["capacity"])

    @router.get("/capacity")
    async def list_capacity(
        who: Reader, page: Annotated[PageParams, Depends(rep_pages)], month: Month = None
    ) -> Page[RepCapacity]:
        """业务员未来一个月的跟进负荷。How full reps' days are in the month ahead."""
        with told():
            span = read_capacity.span(first_of(month))
            months = await read_capacity.page(who, span, page.after or "", page.limit)
        return page.of([rep_capacity(each, span) for each in months], lambda item: item.rep)

    @router.get("/capacity/what-if")
    async def show_move(who: Manager, customer: Identifier, to: Identifier, month: Month = None) -> CapacityMove:
        """试算转交客户对双方的影响，不作改动。What moving a customer would do to both reps; moves nothing."""
        with told():
            span = read_capacity.span(first_of(month))
            moved = await read_capacity.moving(who, customer, to, span)
        giving = moved.giving
        return CapacityMove(
            customer_id=moved.customer_id,
            giving=None if giving is None else (rep_month(giving[0], span), rep_month(giving[1], span)),
            taking=(rep_month(moved.taking[0], span), rep_month(moved.taking[1], span)),
        )

    @router.get("/capacity/{rep}")
    async def show_capacity(who: Reader, rep: Identifier, month: Month = None) -> RepCapacityMonth:
        """某位业务员每一天的负荷。A rep's month, day by day."""
        with told():
            span = read_capacity.span(first_of(month))
            return rep_month(await read_capacity.one(who, rep, span), span)

    @router.put("/capacity/{rep}")
    async def put_capacity(who: Setter, rep: Identifier, setting: CapacitySetting) -> CapacitySet:
        """设定某位业务员的每日跟进分钟数。Say how many minutes of follow-up a rep's day holds."""
        with told():
            return CapacitySet(rep=await set_capacity(who, rep, setting.minutes), minutes=setting.minutes)

    return router


def first_of(month: str | None) -> date | None:
    """The first day of a month that is written 2026-03; Problem 422 for one that does not exist."""
    if month is None:
        return None
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Problem(422, "bad_month", f"there is no month {month}", f"没有 {month} 这个月份") from None


def rep_capacity(month: RepMonth, span: Span) -> RepCapacity:
    ahead = month.days
    return RepCapacity(
        rep=month.rep,
        customers=month.customers,
        minutes_a_day=month.allowed,
        own=month.own,
        first=span.first,
        last=span.last,
        contacts=sum(day.contacts for day in ahead),
        minutes=sum(day.minutes for day in ahead),
        capacity=sum(day.capacity for day in ahead),
        over=sum(day.over for day in ahead),
        days_over=sum(day.over > 0 for day in ahead),
        leave_days=sum(day.leave for day in ahead),
    )


def rep_month(month: RepMonth, span: Span) -> RepCapacityMonth:
    days = [*map(_day_past, month.past), *map(_day_ahead, month.days)]
    return RepCapacityMonth(**dict(rep_capacity(month, span)), days=days)


def _day_past(count: DayCount) -> CapacityDay:
    return CapacityDay(
        day=count.day,
        contacts=count.contacts,
        minutes=count.minutes,
        capacity=count.capacity,
        over=0 if count.capacity is None else max(0, count.minutes - count.capacity),
        put_off=None,
        leave=False,
    )


def _day_ahead(day: DayAhead) -> CapacityDay:
    return CapacityDay(**day._asdict())
