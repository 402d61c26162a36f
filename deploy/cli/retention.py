"""`tierline retention`: how long records are kept; it only grows (A7)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from deploy.cli.acting import As, InRole, Why
from deploy.cli.client import StackClient
from deploy.cli.options import DAY, DEFAULT_DATA, AsJson, Data, Lang, Limit, both, layout_of
from deploy.cli.output import Output
from deploy.cli.tiers import quoted
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


def expiring(
    person: As,
    role: InRole = Role.ARCHIVIST,
    before: Before = None,
    limit: Limit = 100,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    day = None if before is None else before.date().isoformat()
    with StackClient(layout_of(data), role, person=person) as client:
        found = list(client.pages("archive", "/retention/expiring", limit, before=day))
    columns = (
        Text(en="record", zh="编号"), Text(en="title", zh="题名"), Text(en="class", zh="类别"),
        Text(en="rank", zh="密级"), Text(en="kept until", zh="保管至"), Text(en="holds", zh="冻结"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="Nobody's time is over.", zh="没有到期的档案。"))
            return
        rows = (
            (it["record"], it["title"], it["record_class"], it["rank"], it["until"] or output.of(FOREVER), it["holds"])
            for it in found
        )
        output.table(columns, rows, right=1)

    output.result(found, show)


def extend(
    record: Record,
    person: As,
    reason: Why,
    role: InRole = Role.ARCHIVIST,
    until: Until = None,
    forever: Forever = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    if (until is None) != forever:
        raise typer.BadParameter("--until or --forever / 请选 --until 或 --forever")
    body = {"until": "forever" if until is None else until.date().isoformat(), "reason": reason}
    with StackClient(layout_of(data), role, person=person) as client:
        kept = client.post("archive", f"/retention/records/{quoted(record)}/extensions", body)
    output.result(
        kept,
        lambda: output.say(
            Text(
                en=f"{record} is kept {'for ever' if kept['until'] is None else 'until ' + kept['until']}.",
                zh=f"{record} 保管至：{kept['until'] or '永久'}。",
            )
        ),
    )
