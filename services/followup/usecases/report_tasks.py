"""Ask every rep for the week's report before the week's last closing (F9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import structlog

from services.followup.domain.reports import Report
from services.followup.domain.weeks import Owed, Week, owed, week_of
from services.followup.ports import Desk, Stores
from services.followup.ports.reports import ReportStore
from services.followup.usecases.handing import somebody
from services.followup.usecases.intake import Intake
from shared.contracts.reminders import UNASSIGNED, ReportDue
from shared.contracts.types import Words
from shared.engine.model import Outgoing, Transaction
from shared.in_force import InForce
from shared.policy import Policy
from shared.working_time import WorkingTime

log = structlog.get_logger()


class AskForReports:
    """Asks each rep once for each week: whoever has customers, and for the week before whoever had reminders in it."""

    def __init__(
        self, desk: Desk, stores: Stores, reports: ReportStore, policy: InForce[Policy], intake: Intake
    ) -> None:
        self._desk = desk
        self._stores = stores
        self._reports = reports
        self._policy = policy
        self._intake = intake
        # The business date on which the week before was looked at; it does not change any more.
        self._looked_back_on: date | None = None

    async def __call__(self) -> int:
        """How many reports were asked for; none while history is read in."""
        now, today = self._desk.clock.now(), self._desk.clock.today()
        if not self._intake.is_settled(now):
            return 0
        week = week_of(today)
        async with self._desk.database.transaction() as tx:
            work = WorkingTime(await self._policy(tx))
            asked = 0
            this_week = owed(week, work)
            if this_week is not None and now >= this_week.asked_from:
                asked += await self._ask(tx, week, this_week, await self._reports.owners(tx))
            last_week = owed(week.before(), work)
            if last_week is not None and self._looked_back_on != today:
                # Nobody was there to ask on Saturday.
                busy = await self._reports.busy(tx, week.before().first, week.before().last)
                asked += await self._ask(tx, week.before(), last_week, busy)
        self._looked_back_on = today
        if asked:
            log.info("reports_asked_for", week=week.name, reports=asked)
        return asked

    async def _ask(self, tx: Transaction, week: Week, due: Owed, names: Sequence[str]) -> int:
        now = self._desk.clock.now()
        wanted = dict[str, Report]()
        for name in names:
            person = None if name == UNASSIGNED else await somebody(tx, self._stores.people, name)
            if name == UNASSIGNED or (person is not None and not person.active):
                continue
            rep = name if person is None else person.person
            department = None if person is None else person.department
            wanted[rep] = Report(rep, week.name, department, due.on, due.at, now)
        new = await self._reports.ask(tx, list(wanted.values()))
        await self._desk.outbox.append(tx, [_due(wanted[rep], now) for rep in sorted(new)], now=now)
        return len(new)


def _due(report: Report, now: datetime) -> Outgoing:
    data = ReportDue(
        rep=report.rep,
        week=report.week,
        department=report.department,
        due_on=report.due_on,
        due_at=report.due_at,
        words=Words(
            zh=f"请在 {report.due_on} 下班前提交 {report.week} 的小结与下周计划。",
            en=f"Please file the summary of {report.week} and the next week's plan before closing on {report.due_on}.",
        ),
    )
    return Outgoing("reminders.v1", report.rep, "report.due", f"report:{report.week}:{report.rep}:due", data, time=now)
