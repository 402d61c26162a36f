"""Working days, leave, and customers to be reassigned, over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.followup.api.doors import Paging, told
from services.followup.domain.leave import Leave
from services.followup.ports import Listed
from services.followup.usecases.absence import ReadCalendar, ReadLeave, ReadReassignments, WorkingDay
from shared.contracts.types import CustomerClass, Identifier, Level, Words
from shared.http import Page, PageParams, Principal, Problem, require
from shared.http.noting import no_file
from shared.roles import Role
from shared.words import Text

Staffed = Annotated[Principal, Depends(require(Role.REP, Role.DEPARTMENT_MANAGER, Role.GM, Role.HR, Role.OPS))]
Manager = Annotated[Principal, Depends(require(Role.DEPARTMENT_MANAGER, Role.GM, Role.OPS))]


class CalendarDay(BaseModel):
    """A day, whether it is worked, and why; `provisional` says why that may still change, null: it will not.

    `opens` and `closes` are null where it is not worked.
    """

    day: date
    working: bool
    kind: str
    name: Words | None
    opens: datetime | None
    closes: datetime | None
    provisional: Words | None


class LeaveItem(BaseModel):
    """Days on which a person is away, both included."""

    leave_id: str
    person: str
    first: date
    last: date
    deputy: str | None


class HandOver(BaseModel):
    """How a manager gives the customer to somebody else: this request, with `to` and `reason` besides."""

    method: str = "POST"
    path: str = "/handovers"
    customer_id: str


class Reassignment(BaseModel):
    """A customer to be given to somebody else (P6)."""

    customer_id: str
    reminder_id: str
    rep: str
    department: str | None
    customer_class: CustomerClass = Field(serialization_alias="class")
    level: Level
    due_on: date
    overdue_working_days: int
    listed_at: datetime
    why: Words
    act: HandOver


def calendar_router(
    read_calendar: ReadCalendar, read_leave: ReadLeave, read_reassignments: ReadReassignments
) -> APIRouter:
    """Everybody sees the company's days; people's days and lists are seen as their reminders are."""
    router = APIRouter(tags=["calendar"])

    @router.get("/calendar", openapi_extra=no_file("working days"))
    async def show_calendar(
        first: Annotated[date | None, Query(alias="from")] = None,
        last: Annotated[date | None, Query(alias="until")] = None,
    ) -> list[CalendarDay]:
        """工作日历：上班、放假、调休及暂定的日期。Working days, why others are not, and what is provisional."""
        with told():
            return [calendar_day(day) for day in await read_calendar(first, last)]

    @router.get("/leave")
    async def list_leave(
        who: Staffed, page: Paging, person: Annotated[Identifier | None, Query()] = None
    ) -> Page[LeaveItem]:
        """当前及今后的休假。Who is away, now and later."""
        position = page.expect(str, str)
        after = (date.min, "") if position is None else (_day(position[0]), str(position[1]))
        with told():
            found = await read_leave(who, person, after, page.limit)
        return page.of([leave_item(leave) for leave in found], lambda item: (item.last.isoformat(), item.leave_id))

    @router.get("/reassignments")
    async def list_reassignments(who: Manager, page: Paging) -> Page[Reassignment]:
        """待改派的客户。Customers whom nobody followed up in time, to be given to somebody else."""
        with told():
            found = await read_reassignments(who, reassignment_after(page), page.limit)
        return page.of(
            [reassignment(listed, days) for listed, days in found],
            lambda item: (item.listed_at.isoformat(), item.reminder_id),
        )

    return router


def calendar_day(day: WorkingDay) -> CalendarDay:
    info = day.info
    return CalendarDay(
        day=info.day,
        working=info.working,
        kind=info.kind,
        name=_words(info.name),
        opens=day.opens if info.working else None,
        closes=day.closes if info.working else None,
        provisional=_words(info.provisional),
    )


def leave_item(leave: Leave) -> LeaveItem:
    return LeaveItem(**leave._asdict())


def reassignment(listed: Listed, days: int) -> Reassignment:
    reminder = listed.reminder
    return Reassignment(
        customer_id=reminder.customer_id,
        reminder_id=reminder.reminder_id,
        rep=reminder.rep,
        department=reminder.department,
        customer_class=reminder.customer_class,
        level=reminder.level,
        due_on=reminder.due_on,
        overdue_working_days=days,
        listed_at=listed.listed_at,
        why=Words(zh=reminder.why_zh, en=reminder.why_en),
        act=HandOver(customer_id=reminder.customer_id),
    )


def reassignment_after(page: PageParams) -> tuple[datetime, str]:
    position = page.expect(str, str)
    if position is None:
        return datetime(1990, 1, 1, tzinfo=UTC), ""
    try:
        moment = datetime.fromisoformat(str(position[0]))
        # The list of leave gives days, which are no moments.
        if moment.tzinfo is None:
            raise _bad_cursor()
        return moment.astimezone(UTC), str(position[1])
    except (ValueError, OverflowError):
        raise _bad_cursor() from None


def _day(written: object) -> date:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        raise _bad_cursor() from None


def _bad_cursor() -> Problem:
    return Problem(
        400,
        "bad_cursor",
        "the cursor is another list's; leave it out to start anew",
        "游标属于另一列表；去掉它即可从头开始",
    )


def _words(text: Text | None) -> Words | None:
    return None if text is None else Words(zh=text.zh, en=text.en)
