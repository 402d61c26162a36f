"""`tierline filing`: what each department hands in this season (A6)."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.cli.acting import As, AsAnybody, InRole, Why
from deploy.cli.here import Here, Who, at_stack
from deploy.cli.options import both
from shared.roles import Role
from shared.words import Text

Period = Annotated[
    str | None, typer.Option("--period", help=both("2026-Q1, or 2026 for the year.", "2026-Q1；年度写作 2026。"))
]
Department = Annotated[str | None, typer.Option("--department", help=both("Only this department's.", "仅该部门。"))]
OfPeriod = Annotated[str, typer.Argument(metavar="PERIOD", help=both("2026-Q1, or 2026.", "期间，如 2026-Q1。"))]
OfDepartment = Annotated[str, typer.Argument(metavar="DEPARTMENT", help=both("Which department.", "部门。"))]
OfClass = Annotated[str, typer.Argument(metavar="CLASS", help=both("Which class of records.", "档案类别。"))]

STATES = {
    "missing": Text(zh="未交", en="missing"),
    "filed": Text(zh="已归档", en="filed"),
    "nothing": Text(zh="无可归档", en="nothing to file"),
}


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list", help=both("What is due, from whom, and what came.", "应归档清单与完成情况。"))(list_due)
    group.command("nothing", help=both("There is nothing to file.", "声明本期无此类资料。"))(nothing)
    app.add_typer(group, name="filing")


@at_stack
def list_due(
    here: Here,
    person: AsAnybody = None,
    role: InRole = Role.ARCHIVIST,
    period: Period = None,
    department: Department = None,
) -> None:
    found = here.get("archive", "/filing", period=period, department=department, who=Who(role, person))
    columns = (
        Text(en="period", zh="期间"), Text(en="department", zh="部门"), Text(en="class", zh="类别"),
        Text(en="due", zh="截止"), Text(en="state", zh="情况"), Text(en="records", zh="份数"),
    )  # fmt: skip
    rows = (
        (it["period"], it["department"], it["record_class"], it["due_on"], here.output.of(STATES[it["state"]]),
         it["filed"])
        for it in found
    )  # fmt: skip
    here.table(found, columns, rows, none=Text(en="Nothing is due.", zh="没有应归档的资料。"), right=1)


@at_stack
def nothing(
    here: Here, period: OfPeriod, department: OfDepartment, record_class: OfClass, person: As, reason: Why
) -> None:
    body = {"period": period, "department": department, "record_class": record_class, "reason": reason}
    told = here.post("archive", "/filing/nothing", body, who=Who(Role.DEPARTMENT_MANAGER, person))
    here.tell(told, Text(en="Taken.", zh="已登记。"))
