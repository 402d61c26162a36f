"""Weekly reports, and what departments passed on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from services.followup.domain.figures import Figures
from services.followup.domain.people import Scope
from services.followup.domain.reports import PassedOn, Report
from services.followup.store.rows import columns, scope_arguments
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

QUERIES = load_queries("services.followup", "sql/reports.sql")


class PostgresReports:
    """Reports in `weekly_reports` and `passed_on`; figures are JSON, by their names."""

    async def owners(self, tx: Transaction) -> Sequence[str]:
        return [row[0] for row in await tx.fetch(QUERIES["owners"])]

    async def is_owner(self, tx: Transaction, name: str) -> bool:
        return bool(await tx.fetchval(QUERIES["is_owner"], name))

    async def busy(self, tx: Transaction, first: date, last: date) -> Sequence[str]:
        return [row[0] for row in await tx.fetch(QUERIES["busy"], first, last)]

    async def ask(self, tx: Transaction, reports: Sequence[Report]) -> frozenset[str]:
        if not reports:
            return frozenset()
        rows = await tx.fetch(QUERIES["ask_for_reports"], *columns([report[:6] for report in sorted(reports)]))
        return frozenset(row[0] for row in rows)

    async def find(self, tx: Transaction, rep: str, week: str) -> Report | None:
        row = await tx.fetchrow(QUERIES["find_report"], week, rep)
        return None if row is None else _report(row)

    async def lock(self, tx: Transaction, report: Report) -> Report:
        await tx.execute(QUERIES["begin_report"], *report[:5])
        return _report(await tx.fetchrow(QUERIES["lock_report"], report.week, report.rep))

    async def save(self, tx: Transaction, report: Report) -> None:
        figures = None if report.figures is None else json.dumps(report.figures._asdict())
        await tx.execute(
            QUERIES["save_report"],
            report.week,
            report.rep,
            report.summary,
            report.plan,
            report.filed_at,
            report.filed_by,
            figures,
        )

    async def page(self, tx: Transaction, week: str, scope: Scope, after: str, limit: int) -> Sequence[Report]:
        rows = await tx.fetch(QUERIES["page_reports"], week, *scope_arguments(scope), after, limit)
        return [_report(row) for row in rows]

    async def of_department(self, tx: Transaction, department: str, week: str) -> Sequence[Report]:
        return [_report(row) for row in await tx.fetch(QUERIES["reports_of_department"], department, week)]

    async def passed_on(self, tx: Transaction, department: str, week: str) -> PassedOn | None:
        row = await tx.fetchrow(QUERIES["find_passed_on"], department, week)
        if row is None:
            return None
        return PassedOn(*row.values())._replace(figures=Figures(**json.loads(row["figures"])))

    async def pass_on(self, tx: Transaction, passed: PassedOn) -> bool:
        values = list(passed)
        values[5] = json.dumps(passed.figures._asdict())
        return await tx.execute(QUERIES["pass_on"], *values) == "INSERT 0 1"

    async def hold_week(self, tx: Transaction, department: str, week: str) -> None:
        await tx.execute(QUERIES["hold_week"], department, week)


def _report(row: Any) -> Report:
    report = Report(*row.values())
    return report if row["figures"] is None else report._replace(figures=Figures(**json.loads(row["figures"])))
