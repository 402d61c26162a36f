"""Write, file and read the week's report, and pass a department's week on (F9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import NamedTuple

from services.followup.domain.cadence import Paces
from services.followup.domain.figures import Figures, figures
from services.followup.domain.lateness import Lateness
from services.followup.domain.people import Scope
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.reports import Drafted, PassedOn, Report, RollUp, drafted
from services.followup.domain.weeks import DAY, Week, owed, week_named
from services.followup.ports import Desk, Stores
from services.followup.ports.reports import ReportStore
from services.followup.ports.views import Sought, ViewStore
from services.followup.usecases.handing import somebody
from services.followup.usecases.organisation import scope_for
from services.followup.usecases.views import FIRST_DAY, calendar
from shared.contracts.reminders import ReportFiled, ReportPassedOn, WeekFigures
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.roles import Role
from shared.words import Language, Text
from shared.working_time import WorkingTime


class Author(NamedTuple):
    """Whose report it is: the person's id where one is known, every name of theirs, and their department."""

    rep: str
    names: frozenset[str]
    department: str | None


class Shown(NamedTuple):
    """A report with what follows from the week: its figures (those of the filing once filed) and the drafted words."""

    report: Report
    figures: Figures
    drafted: Drafted


@dataclass(frozen=True, slots=True)
class ReportParts:
    """What reports are made of."""

    desk: Desk
    stores: Stores
    reports: ReportStore
    views: ViewStore
    paces: InForce[Paces]


class KeepReports:
    """A rep's own reports, a manager's department's, everybody's for the GM; NotPossibleError for anything else."""

    def __init__(self, parts: ReportParts) -> None:
        self._parts = parts
        self._desk = parts.desk
        self._reports = parts.reports

    async def read(self, who: Principal, rep: str, name: str) -> Shown:
        """The report as it stands, drafted where nobody wrote yet."""
        async with self._desk.database.transaction() as tx:
            paces, week, author = await self._begin(tx, who, rep, name)
            blank = self._blank(author, week, paces)
            report = await self._reports.find(tx, author.rep, week.name) or blank
            return await self._shown(tx, report, author, paces, week)

    async def write(self, who: Principal, rep: str, name: str, summary: str | None, plan: str | None) -> Shown:
        """Replace the drafted words, or with None take them back; nothing changes once it is filed."""
        async with self._desk.database.transaction() as tx:
            paces, week, author = await self._begin(tx, who, rep, name)
            report = await self._reports.lock(tx, self._blank(author, week, paces))
            if (report.summary, report.plan) != (summary, plan):
                if report.filed_at is not None:
                    raise NotPossibleError(
                        "already_filed", Text(zh="周报已提交，不能再修改", en="the report is filed, and stays as it is")
                    )
                report = report._replace(summary=summary, plan=plan)
                await self._reports.save(tx, report)
            return await self._shown(tx, report, author, paces, week)

    async def file(self, who: Principal, rep: str, name: str, language: Language) -> Shown:
        """Hand the report to the manager, with the figures of this moment; again changes nothing.

        What the rep did not write is what was drafted, in `language`.
        """
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            paces, week, author = await self._begin(tx, who, rep, name)
            report = await self._reports.lock(tx, self._blank(author, week, paces))
            shown = await self._shown(tx, report, author, paces, week)
            if report.filed_at is not None:
                return shown
            filed = report._replace(
                filed_at=now,
                filed_by=who.person,
                figures=shown.figures,
                summary=shown.drafted.summary.in_(language) if report.summary is None else report.summary,
                plan=shown.drafted.plan.in_(language) if report.plan is None else report.plan,
            )
            await self._reports.save(tx, filed)
            await self._desk.outbox.append(tx, [_filed(filed, shown.figures, who, now)], now=now)
        return shown._replace(report=filed)

    async def page(self, who: Principal, name: str, after: str, limit: int) -> Sequence[Report]:
        """A page of a week's reports, by rep."""
        week = self._week(name)
        async with self._desk.database.transaction() as tx:
            scope = await scope_for(tx, self._parts.stores.people, who)
            return await self._reports.page(tx, week.name, scope, after, limit)

    async def roll_up(self, who: Principal, department: str, name: str) -> RollUp:
        """A department's week: filed figures, and for what is not filed those of this moment."""
        week = self._week(name)
        async with self._desk.database.transaction() as tx:
            return await self._rolled(tx, who, department, week)

    async def pass_on(self, who: Principal, department: str, name: str, note: str | None) -> RollUp:
        """Pass the week on as it stands, with what is missing; a second time changes nothing."""
        week, now = self._week(name), self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            await self._reports.hold_week(tx, department, week.name)
            rolled = await self._rolled(tx, who, department, week)
            if rolled.passed_on is not None:
                return rolled
            missing = len(rolled.reports) - rolled.filed
            passed = PassedOn(department, week.name, who.person, now, note, rolled.total, rolled.filed, missing)
            await self._reports.pass_on(tx, passed)
            await self._desk.outbox.append(tx, [_passed_on(passed)], now=now)
        return rolled._replace(passed_on=passed)

    async def _begin(self, tx: Transaction, who: Principal, rep: str, name: str) -> tuple[Paces, Week, Author]:
        week = self._week(name)
        paces = await self._parts.paces(tx)
        people = self._parts.stores.people
        scope = await scope_for(tx, people, who)
        person = await somebody(tx, people, rep)
        author = (
            Author(rep, frozenset({rep}), None)
            if person is None
            else Author(person.person, person.names, person.department)
        )
        known = person is not None or await self._reports.is_owner(tx, rep)
        if not known or not scope.oversees(author.rep):
            raise NotPossibleError(
                "unknown_report", Text(zh="没有您可查看的这份周报", en="there is no such report for you")
            )
        return paces, week, author

    def _week(self, name: str) -> Week:
        """The week; NotPossibleError for one that has not begun."""
        week = week_named(name)
        if not FIRST_DAY <= week.first <= self._desk.clock.today():
            raise NotPossibleError("bad_week", Text(zh="该周尚未开始", en="that week has not begun"))
        return week

    def _blank(self, author: Author, week: Week, paces: Paces) -> Report:
        due = owed(week, WorkingTime(paces.policy))
        if due is None:
            raise NotPossibleError("bad_week", Text(zh="该周全部休息，无需周报", en="nobody works in that week"))
        return Report(author.rep, week.name, author.department, due.on, due.at)

    async def _shown(self, tx: Transaction, report: Report, author: Author, paces: Paces, week: Week) -> Shown:
        now, today = self._desk.clock.now(), self._desk.clock.today()
        work = WorkingTime(paces.policy)
        everything, views = Scope(everything=True), self._parts.views
        sought = Sought(week.first, week.last, reps=author.names)
        done = await views.done_in(tx, sought, calendar(work, sought, now, today), _moments(week, paces))
        coming = Sought(week.next().first, week.next().last, reps=author.names)
        ahead = await views.upcoming(tx, coming, everything)
        until = Lateness(work.is_working, today).listed_until(1)
        overdue = await views.count_overdue(tx, Sought(FIRST_DAY, until, reps=author.names), everything)
        counted = report.figures or figures(done, ahead, paces)
        return Shown(report, counted, drafted(week, done, ahead, counted, overdue))

    async def _rolled(self, tx: Transaction, who: Principal, department: str, week: Week) -> RollUp:
        people = self._parts.stores.people
        scope = await scope_for(tx, people, who)
        if not (scope.everything or (scope.department == department and who.role is Role.DEPARTMENT_MANAGER)):
            raise NotPossibleError("not_yours", Text(zh="只能汇总本部门", en="a manager rolls up the own department"))
        paces = await self._parts.paces(tx)
        rows = list[tuple[Report, Figures]]()
        for report in await self._reports.of_department(tx, department, week.name):
            counted = report.figures
            if counted is None:
                names = await people.names_of(tx, report.rep)
                author = Author(report.rep, names, department)
                counted = (await self._shown(tx, report, author, paces, week)).figures
            rows.append((report, counted))
        return RollUp(department, week.name, rows, await self._reports.passed_on(tx, department, week.name))


def _moments(week: Week, paces: Paces) -> tuple[datetime, datetime]:
    zone = paces.policy.zone
    return (
        datetime.combine(week.first, time.min, zone),
        datetime.combine(week.last + DAY, time.min, zone),
    )


def _filed(report: Report, counted: Figures, who: Principal, now: datetime) -> Outgoing:
    data = ReportFiled(
        rep=report.rep,
        week=report.week,
        department=report.department,
        filed_at=now,
        by=who.person,
        late=now >= report.due_at,
        figures=WeekFigures(**counted._asdict()),
    )
    return Outgoing("reminders.v1", report.rep, "report.filed", f"report:{report.week}:{report.rep}:filed", data)


def _passed_on(passed: PassedOn) -> Outgoing:
    data = ReportPassedOn(
        department=passed.department,
        week=passed.week,
        passed_on_at=passed.passed_on_at,
        by=passed.person,
        filed=passed.filed,
        missing=passed.missing,
        figures=WeekFigures(**passed.figures._asdict()),
    )
    event_id = f"report:{passed.week}:{passed.department}:passed_on"
    return Outgoing("reminders.v1", passed.department, "report.passed_on", event_id, data)
