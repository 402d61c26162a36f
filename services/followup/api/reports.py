"""Weekly reports over HTTP (F9): drafted from what was done, edited, filed, rolled up and passed on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from services.followup.api.doors import Contactor, Manager, Paging, told
from services.followup.domain.figures import Figures
from services.followup.domain.reports import Report, ReportState, RollUp
from services.followup.usecases.reports import KeepReports, Shown
from shared.contracts.reminders import IsoWeek
from shared.contracts.types import Identifier, Text, Words
from shared.http import Page
from shared.words import Language

WeekName = Annotated[IsoWeek, Path(description="ISO 8601, 2026-W10.")]
RepName = Annotated[Identifier, Path(description="A person or a rep code. 业务员或其代码。")]


class ReportBody(BaseModel):
    """The rep's own words; null lets the drafted ones stand."""

    summary: Text | None = None
    plan: Text | None = None


class PassOnBody(BaseModel):
    """What the manager has to add."""

    note: Annotated[Text, Field(max_length=1000)] | None = None


class FiguresBody(BaseModel):
    """A week in numbers: reminders of its lists, contacts made within it with their minutes, and the next week's."""

    planned: int
    done: int
    late: int
    skipped: int
    contacts: int
    minutes: int
    next_contacts: int
    next_minutes: int


class ReportItem(BaseModel):
    """A rep's report on a week: draft, due (asked for), missing (not filed by closing) or filed."""

    rep: str
    week: str
    department: str | None
    state: ReportState
    due_on: date
    due_at: datetime
    filed_at: datetime | None
    filed_by: str | None


class ReportAnswer(ReportItem):
    """A report with its figures and words; `drafted` is what stands where `summary` or `plan` is null."""

    summary: str | None
    plan: str | None
    figures: FiguresBody
    drafted_summary: Words
    drafted_plan: Words


class RollUpItem(ReportItem):
    """A rep's part of the department's week."""

    figures: FiguresBody


class PassedOnBody(BaseModel):
    """By whom, when, with which words, and how many reports were missing."""

    by: str
    at: datetime
    note: str | None
    filed: int
    missing: int
    total: FiguresBody


class RollUpAnswer(BaseModel):
    """A department's week; `passed_on` is null until its manager passed it on."""

    department: str
    week: str
    filed: int
    missing: list[str]
    total: FiguresBody
    reports: list[RollUpItem]
    passed_on: PassedOnBody | None


def reports_router(reports: KeepReports, now: Callable[[], datetime]) -> APIRouter:
    """A rep's own, a manager's department's, everybody's for the GM."""
    router = APIRouter(tags=["weekly reports"])

    @router.get("/weekly-reports")
    async def list_reports(who: Manager, page: Paging, week: Annotated[IsoWeek, Query()]) -> Page[ReportItem]:
        """某周周报一览。A week's reports, filed and missing, by rep."""
        with told():
            found = await reports.page(who, week, page.after or "", page.limit)
        return page.of([report_item(report, now()) for report in found], lambda item: item.rep)

    @router.get("/weekly-reports/{rep}/{week}")
    async def read_report(who: Contactor, rep: RepName, week: WeekName) -> ReportAnswer:
        """周报，系统已预填。A report as it stands, drafted from what was done and what is planned."""
        with told():
            return report_answer(await reports.read(who, rep, week), now())

    @router.put("/weekly-reports/{rep}/{week}")
    async def write_report(who: Contactor, rep: RepName, week: WeekName, body: ReportBody) -> ReportAnswer:
        """修改周报。Put the rep's own words in place of the drafted ones."""
        with told():
            return report_answer(await reports.write(who, rep, week, body.summary, body.plan), now())

    @router.post("/weekly-reports/{rep}/{week}/file")
    async def file_report(
        who: Contactor, rep: RepName, week: WeekName, lang: Annotated[Language, Query()] = Language.ZH
    ) -> ReportAnswer:
        """提交周报。Hand it to the department manager; `lang` is that of the drafted words."""
        with told():
            return report_answer(await reports.file(who, rep, week, lang), now())

    @router.get("/department-reports/{department}/{week}")
    async def roll_up(who: Manager, department: Annotated[Identifier, Path()], week: WeekName) -> RollUpAnswer:
        """部门周报汇总。A department's week: the sum of its reps' reports."""
        with told():
            return roll_up_answer(await reports.roll_up(who, department, week), now())

    @router.post("/department-reports/{department}/{week}/pass-on")
    async def pass_on(
        who: Manager, department: Annotated[Identifier, Path()], week: WeekName, body: PassOnBody
    ) -> RollUpAnswer:
        """部门经理上报。Pass the department's week on, as it stands (F9)."""
        with told():
            return roll_up_answer(await reports.pass_on(who, department, week, body.note), now())

    return router


def report_item(report: Report, now: datetime) -> ReportItem:
    return ReportItem(
        rep=report.rep,
        week=report.week,
        department=report.department,
        state=report.state(now),
        due_on=report.due_on,
        due_at=report.due_at,
        filed_at=report.filed_at,
        filed_by=report.filed_by,
    )


def report_answer(shown: Shown, now: datetime) -> ReportAnswer:
    drafted = shown.drafted
    return ReportAnswer(
        **report_item(shown.report, now).model_dump(),
        summary=shown.report.summary,
        plan=shown.report.plan,
        figures=figures_body(shown.figures),
        drafted_summary=Words(zh=drafted.summary.zh, en=drafted.summary.en),
        drafted_plan=Words(zh=drafted.plan.zh, en=drafted.plan.en),
    )


def roll_up_answer(rolled: RollUp, now: datetime) -> RollUpAnswer:
    passed = rolled.passed_on
    return RollUpAnswer(
        department=rolled.department,
        week=rolled.week,
        filed=rolled.filed,
        missing=[report.rep for report, _ in rolled.reports if report.filed_at is None],
        total=figures_body(rolled.total),
        reports=[
            RollUpItem(**report_item(report, now).model_dump(), figures=figures_body(figures))
            for report, figures in rolled.reports
        ],
        passed_on=None
        if passed is None
        else PassedOnBody(
            by=passed.person,
            at=passed.passed_on_at,
            note=passed.note,
            filed=passed.filed,
            missing=passed.missing,
            total=figures_body(passed.figures),
        ),
    )


def figures_body(figures: Figures) -> FiguresBody:
    return FiguresBody(**figures._asdict())
