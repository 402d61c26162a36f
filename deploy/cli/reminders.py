"""`tierline reminders`: whom a rep should contact on a day, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient
from deploy.cli.names import names_of
from deploy.cli.options import DAY, DEFAULT_DATA, AsJson, Data, Lang, Limit, Rep, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

Day = Annotated[
    datetime | None,
    typer.Option("--day", formats=DAY, help=both("Of this day; today if not said.", "哪一天的提醒，默认今天。")),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reminders")(reminders)


def reminders(
    rep: Rep = None,
    day: Day = None,
    limit: Limit = 50,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    on = None if day is None else day.date().isoformat()
    with StackClient(layout_of(data), Role.GM) as client:
        # One more than is shown tells whether there are more.
        found = list(client.pages("followup", "/reminders", limit + 1, rep=rep, day=on))
    shown = found[:limit]
    columns = (
        Text(en="rep", zh="业务员"), Text(en="customer", zh="客户"), Text(en="level", zh="级别"),
        Text(en="rule", zh="规则"), Text(en="by", zh="方式"), Text(en="minutes", zh="分钟"), Text(en="why", zh="原因"),
    )  # fmt: skip

    def show() -> None:
        if not shown:
            output.say(Text(en="Nobody is due.", zh="没有到期的提醒。"))
            return
        output.table(columns, (line(item, output) for item in shown))
        if len(found) > limit:
            output.say(
                Text(en="There are more: --limit, --rep, --json.", zh="还有更多：可用 --limit、--rep 或 --json。")
            )

    output.result(shown, show)


def line(item: dict[str, Any], output: Output) -> tuple[object, ...]:
    """One reminder as a row of the table."""
    level = " · ".join(output.of(name) for name in names_of(item))
    why = item["why"][output.language]
    return item["rep"], item["customer_id"], level, item["rule"], item["channel"], item["minutes"], why
