"""`tierline retention`: how long records are kept; it only grows (A7)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from deploy.cli.acting import As, AsAnybody, InRole, Why
from deploy.cli.client import quoted
from deploy.cli.here import Here, Who, at_stack
from deploy.cli.options import DAY, Limit, both
from shared.called import RANKS
from shared.roles import Role
from shared.words import Text

Record = Annotated[str, typer.Argument(metavar="RECORD", help=both("Which record.", "档案编号。"))]
Before = Annotated[
    datetime | None, typer.Option("--before", formats=DAY, help=both("Over before this day.", "在此日之前到期。"))
]
Until = Annotated[
    datetime | None, typer.Option("--until", formats=DAY, help=both("Keep it until this day.", "延长至此日。"))
]
Forever = Annotated[bool, typer.Option("--forever", help=both("Keep it for ever.", "永久保管。"))]
FOREVER = Text(zh="永久", en="for ever")


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("expiring", help=both("Records whose time is over.", "保管期满的档案。"))(expiring)
    group.command("extend", help=both("Keep a record for longer.", "延长保管期限。"))(extend)
    app.add_typer(group, name="retention")


@at_stack
def expiring(
    here: Here, person: AsAnybody = None, role: InRole = Role.ARCHIVIST, before: Before = None, limit: Limit = 100
) -> None:
    day = None if before is None else before.date().isoformat()
    found = here.listed("archive", "/retention/expiring", limit, before=day, who=Who(role, person))
    columns = (
        Text(en="record", zh="编号"), Text(en="title", zh="题名"), Text(en="class", zh="类别"),
        Text(en="rank", zh="密级"), Text(en="kept until", zh="保管至"), Text(en="holds", zh="冻结"),
    )  # fmt: skip
    rows = (
        (
            it["record"],
            it["title"],
            it["record_class"],
            here.output.named(it["rank"], RANKS),
            it["until"] or here.output.of(FOREVER),
            it["holds"],
        )
        for it in found
    )
    here.table(found, columns, rows, none=Text(en="Nobody's time is over.", zh="没有到期的档案。"), right=1)


@at_stack
def extend(
    here: Here,
    record: Record,
    person: As,
    reason: Why,
    role: InRole = Role.ARCHIVIST,
    until: Until = None,
    forever: Forever = False,
) -> None:
    if (until is None) != forever:
        raise typer.BadParameter("--until or --forever / 请选 --until 或 --forever")
    body = {"until": "forever" if until is None else until.date().isoformat(), "reason": reason}
    kept = here.post("archive", f"/retention/records/{quoted(record)}/extensions", body, who=Who(role, person))
    here.tell(
        kept,
        Text(
            en=f"{record} is kept {'for ever' if kept['until'] is None else 'until ' + kept['until']}.",
            zh=f"{record} 保管至：{kept['until'] or '永久'}。",
        ),
    )
