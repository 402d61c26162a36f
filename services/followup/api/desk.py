"""A rep's day, week and arrears over HTTP, what is planned, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.followup.api.desk_bodies import (
    AheadItem,
    DayAnswer,
    DayBody,
    LevelTally,
    OverdueItem,
    RepTally,
    ShareTally,
    Statistics,
    TallyBody,
    WeekAnswer,
)
from services.followup.api.doors import Paging, Reader, told
from services.followup.api.reminders import ReminderItem, reminder_item
from services.followup.domain.cadence import Paces
from services.followup.domain.figures import Ahead, Tally, cadence_of, minutes_of
from services.followup.domain.weeks import week_named
from services.followup.ports import State
from services.followup.ports.views import LineSpot, Sought, Spot
from services.followup.usecases.views import DayView, Late, ReadDesk, Wish, by_level, by_rep
from shared.contracts.reminders import IsoWeek, ReminderKind
from shared.contracts.types import CustomerClass, Day, Identifier, Level
from shared.http import Page, PageParams, Problem


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose: a person or a rep code; left out, everybody whom the asker sees."""

    rep: Annotated[Identifier | None, Query(description="A person or a rep code. 业务员或其代码。")] = None


@dataclass(frozen=True, slots=True)
class Narrowed(Whose):
    """Which of them."""

    kind: Annotated[ReminderKind | None, Query()] = None
    customer_class: Annotated[CustomerClass | None, Query(alias="class")] = None
    level: Annotated[Level | None, Query()] = None
    customer: Annotated[Identifier | None, Query()] = None


@dataclass(frozen=True, slots=True)
class Span(Whose):
    """From when to when, today where it is not said; three years at most."""

    first: Annotated[Day | None, Query(alias="from")] = None
    last: Annotated[Day | None, Query(alias="until")] = None


def desk_router(desk: ReadDesk) -> APIRouter:
    """A rep sees the own, a manager the department's with the unassigned, GM and ops everybody's."""
    router = APIRouter(prefix="/desk", tags=["desk"])

    @router.get("/day")
    async def show_day(
        who: Reader, whose: Annotated[Whose, Depends()], day: Annotated[Day | None, Query()] = None
    ) -> DayAnswer:
        """某天概览。A day at a glance, today where none is named."""
        with told():
            # A day that is not named is today, which the use case knows.
            views, overdue, paces = await desk.days(who, Wish(whose.rep, day, day))
        return DayAnswer(**day_body(views[0], paces), overdue=overdue)

    @router.get("/week")
    async def show_week(
        who: Reader,
        whose: Annotated[Whose, Depends()],
        week: Annotated[IsoWeek | None, Query(description="ISO 8601, 2026-W10.")] = None,
    ) -> WeekAnswer:
        """某周概览。A week at a glance, the present one where none is named."""
        with told():
            named = desk.week_of_today() if week is None else week_named(week)
            views, overdue, paces = await desk.days(who, Wish(whose.rep, named.first, named.last))
        return WeekAnswer(week=named.name, overdue=overdue, days=[DayBody(**day_body(view, paces)) for view in views])

    @router.get("/reminders")
    async def list_days(
        who: Reader,
        span: Annotated[Span, Depends()],
        narrowed: Annotated[Narrowed, Depends()],
        page: Paging,
        state: Annotated[State | None, Query()] = None,
    ) -> Page[ReminderItem]:
        """若干天的提醒清单。The lists of some days, by day; today's where none is named."""
        with told():
            found = await desk.listed(who, wish_of(span), sought(narrowed, state), spot_in(page), page.limit)
        return page.of([reminder_item(kept) for kept in found], reminder_key)

    @router.get("/overdue")
    async def list_overdue(
        who: Reader,
        narrowed: Annotated[Narrowed, Depends()],
        page: Paging,
        at_least: Annotated[int, Query(ge=1, le=1000, description="Working days. 工作日数。")] = 1,
    ) -> Page[OverdueItem]:
        """逾期提醒，最久者在前。What should have been done on an earlier working day, the longest first."""
        wish = Wish(narrowed.rep, late_by=at_least)
        with told():
            found = await desk.overdue(who, wish, sought(narrowed, None), spot_in(page), page.limit)
        return page.of([overdue_item(late) for late in found], reminder_key)

    @router.get("/ahead")
    async def list_ahead(
        who: Reader, span: Annotated[Span, Depends()], narrowed: Annotated[Narrowed, Depends()], page: Paging
    ) -> Page[AheadItem]:
        """计划中的联系。Contacts planned for some days, not issued yet."""
        with told():
            found, paces = await desk.ahead(who, wish_of(span), sought(narrowed, None), line_spot_in(page), page.limit)
        return page.of(
            [ahead_item(each, paces) for each in found],
            lambda item: (item.due_on.isoformat(), item.customer_id, item.line),
        )

    @router.get("/statistics")
    async def show_statistics(who: Reader, span: Annotated[Span, Depends()]) -> Statistics:
        """统计。Planned, done, late, skipped and minutes, per rep and level, of what was issued in a period."""
        with told():
            period, shares = await desk.statistics(who, wish_of(span))
        total = Tally()
        for share in shares:
            total = total.plus(share.tally)
        return Statistics(
            first=period.first,
            last=period.last,
            total=TallyBody(**total._asdict()),
            by_rep=[RepTally(rep=rep, **tally._asdict()) for rep, tally in by_rep(shares).items()],
            by_level=[
                LevelTally(customer_class=kind, level=level, **tally._asdict())
                for (kind, level), tally in sorted(by_level(shares).items())
            ],
            shares=[
                ShareTally(
                    rep=share.rep, customer_class=share.customer_class, level=share.level, **share.tally._asdict()
                )
                for share in shares
            ],
        )

    return router


def wish_of(span: Span) -> Wish:
    return Wish(span.rep, span.first, span.last)


def sought(narrowed: Narrowed, state: State | None) -> Sought:
    """The filters; days and names are the use case's to add."""
    return Sought(
        date.min,
        date.max,
        state=state,
        kind=narrowed.kind,
        customer_class=narrowed.customer_class,
        level=narrowed.level,
        customer_id=narrowed.customer,
    )


def reminder_key(item: ReminderItem) -> tuple[str, str, str]:
    return item.listed_on.isoformat(), item.customer_id, item.reminder_id


def spot_in(page: PageParams) -> Spot:
    place = place_of(page)
    return Spot() if place is None else Spot(*place)


def line_spot_in(page: PageParams) -> LineSpot:
    place = place_of(page)
    return LineSpot() if place is None else LineSpot(*place)


def place_of(page: PageParams) -> tuple[date, str, str] | None:
    """The place that a cursor stands for; Problem 400 for a cursor of another list."""
    position = page.expect(str, str, str)
    if position is None:
        return None
    try:
        return date.fromisoformat(str(position[0])), str(position[1]), str(position[2])
    except ValueError:
        raise Problem(400, "bad_cursor", "the cursor names no day", "游标无效") from None


def day_body(view: DayView, paces: Paces) -> Mapping[str, object]:
    return {
        **view.tally._asdict(),
        "day": view.day,
        "is_working": view.is_working,
        "ahead": sum(each.contacts for each in view.ahead),
        "ahead_minutes": minutes_of(view.ahead, paces),
    }


def overdue_item(late: Late) -> OverdueItem:
    known = reminder_item(late.kept)
    fields: Iterable[str] = ReminderItem.model_fields
    return OverdueItem(**{name: getattr(known, name) for name in fields}, overdue_working_days=late.working_days)


def ahead_item(ahead: Ahead, paces: Paces) -> AheadItem:
    cadence = cadence_of(paces, ahead.customer_class, ahead.level, ahead.line)
    return AheadItem(
        **ahead._asdict(),
        rule=None if cadence is None else cadence.rule,
        channel=None if cadence is None else cadence.channel,
        minutes=None if cadence is None else cadence.minutes,
        plan_required=None if cadence is None else cadence.plan_required,
    )
