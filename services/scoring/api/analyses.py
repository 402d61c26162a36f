"""The analyses over HTTP (P3, P7): sums for those who manage, and a workbook to print."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from services.scoring.api.analysis_bodies import (
    AffinityBody,
    CompositionBody,
    CompositionLine,
    LoyaltyBody,
    OutlookBody,
    PerformanceBody,
    PerformanceLine,
    ProfitBody,
    ProfitLine,
    PromotionBody,
    composed,
    dated,
    foreseen,
    heading,
    judged,
    loyal,
    paired,
)
from services.scoring.api.workbook import MEDIA_TYPE, workbook
from services.scoring.domain.analyses.figures import Dimension, Period
from services.scoring.domain.analyses.promotion import Goods
from services.scoring.usecases.analysing import LARGEST, Analyse
from shared.contracts.types import Day, Identifier, Text
from shared.http import Principal, Problem, require
from shared.roles import Role
from shared.words import Language

Manager = Annotated[
    Principal, Depends(require(Role.DEPARTMENT_MANAGER, Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM))
]
By = Annotated[Dimension, Query()]
Limit = Annotated[int, Query(ge=1, le=LARGEST)]

LONGEST = 3660
"""Days of a period: ten years."""


def analyses_router(analyse: Analyse) -> APIRouter:
    """The seven analyses, for managers and those above them; reps see their customers one by one."""
    router = APIRouter(prefix="/analyses", tags=["analyses"])

    asked = period_of(analyse)
    add_sales(router, analyse, asked)
    add_customers(router, analyse, asked)
    add_goods(router, analyse, asked)
    add_workbook(router, analyse, asked)
    return router


def period_of(analyse: Analyse) -> Any:
    """The dependency that reads `?from=&until=`."""

    def asked(
        since: Annotated[Day | None, Query(alias="from")] = None, until: Annotated[Day | None, Query()] = None
    ) -> Period:
        return checked(analyse.period(since, until))

    return Depends(asked)


def add_sales(router: APIRouter, analyse: Analyse, asked: Any) -> None:
    """Profiling, performance and profitability."""

    @router.get("/composition")
    async def composition(_: Manager, period: Period = asked, by: By = "level", limit: Limit = 100) -> CompositionBody:
        found = await analyse.sales(by, period, limit)
        return CompositionBody(**heading(found), lines=[CompositionLine(**line) for line in composed(found)])

    @router.get("/performance")
    async def performance(
        _: Manager, period: Period = asked, by: By = "category", limit: Limit = 100
    ) -> PerformanceBody:
        found = await analyse.sales(by, period, limit)
        return PerformanceBody(**heading(found), lines=[PerformanceLine(**line) for line in composed(found)])

    @router.get("/profit")
    async def profit(_: Manager, period: Period = asked, by: By = "category", limit: Limit = 100) -> ProfitBody:
        found = await analyse.sales(by, period, limit)
        return ProfitBody(**heading(found), lines=[ProfitLine(**line) for line in composed(found)])


def add_customers(router: APIRouter, analyse: Analyse, asked: Any) -> None:
    """Persistency and prospecting."""

    @router.get("/loyalty")
    async def loyalty(
        _: Manager, period: Period = asked, months: Annotated[int | None, Query(ge=1, le=60)] = None
    ) -> LoyaltyBody:
        return loyal(await analyse.loyalty(period, months or analyse.rules.cohort_months))

    @router.get("/outlook")
    async def outlook(
        who: Manager,
        period: Period = asked,
        days: Annotated[int | None, Query(ge=1, le=LONGEST)] = None,
        best: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    ) -> OutlookBody:
        return foreseen(await analyse.outlook(who, period, days or analyse.rules.outlook_days, best))


def add_goods(router: APIRouter, analyse: Analyse, asked: Any) -> None:
    """Product and promotion."""

    @router.get("/affinity")
    async def affinity(
        _: Manager, period: Period = asked, per: Literal["order", "customer"] = "order", limit: Limit = 100
    ) -> AffinityBody:
        pairs = await analyse.pairs(period, limit, by_customer=per == "customer")
        return AffinityBody(period=dated(period), pairs=[paired(pair) for pair in pairs])

    @router.get("/promotion")
    async def promotion(
        _: Manager,
        since: Annotated[Day, Query(alias="from")],
        until: Day,
        sku: Identifier | None = None,
        category: Text | None = None,
    ) -> PromotionBody:
        return judged(await analyse.promotion(checked(Period(since, until)), Goods(sku, category)))


def add_workbook(router: APIRouter, analyse: Analyse, asked: Any) -> None:
    """All of it, for print."""

    @router.get("/workbook", response_class=Response)
    async def print_out(  # noqa: PLR0913, PLR0917 - a period, and what was promoted when
        who: Manager,
        period: Period = asked,
        lang: Language = Language.ZH,
        promoted_from: Day | None = None,
        promoted_until: Day | None = None,
        sku: Identifier | None = None,
        category: Text | None = None,
    ) -> Response:
        promoted = None
        if promoted_from is not None and promoted_until is not None:
            promoted = checked(Period(promoted_from, promoted_until))
        report = await analyse.report(who, period, promoted, Goods(sku, category))
        # Thousands of cells take a while, and orders must go on meanwhile.
        content = await asyncio.to_thread(workbook, report, lang)
        name = f"tierline-{report.today.isoformat()}.xlsx"
        return Response(
            content, media_type=MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )


def checked(period: Period) -> Period:
    """A period that makes sense, and does not ask for more than a database answers at leisure."""
    if not 1 <= period.days <= LONGEST:
        raise Problem(
            400,
            "bad_period",
            f"a period begins before it ends and has at most {LONGEST} days, not {period.since} to {period.until}",
            f"起始日期不得晚于截止日期，且最长 {LONGEST} 天；收到的是 {period.since} 至 {period.until}",
        )
    return period
