"""`tierline reassignments`: customers whom nobody followed up in time, to be given to somebody else."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.cli.client import StackClient
from deploy.cli.moments import local_day
from deploy.cli.names import names_of
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

Limit = Annotated[int, typer.Option("--limit", min=1, help=both("At most so many.", "最多显示条数。"))]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reassignments")(reassignments)


def reassignments(limit: Limit = 50, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        # One more than is shown tells whether there are more.
        found = list(client.pages("followup", "/reassignments", limit + 1))
    shown = found[:limit]
    columns = (
        Text(en="customer", zh="客户"), Text(en="level", zh="级别"), Text(en="rep", zh="业务员"),
        Text(en="due", zh="应跟进日"), Text(en="listed", zh="列入日"), Text(en="working days late", zh="逾期工作日"),
    )  # fmt: skip

    def show() -> None:
        if not shown:
            output.say(Text(en="Nobody waits for another rep.", zh="没有待改派的客户。"))
            return
        output.table(
            columns,
            (
                (
                    x["customer_id"],
                    " · ".join(output.of(name) for name in names_of(x)),
                    x["rep"],
                    x["due_on"],
                    local_day(x["listed_at"]),
                    x["overdue_working_days"],
                )
                for x in shown
            ),
            right=1,
        )
        output.say(
            Text(
                en="To give one to somebody: tierline reminder give CUSTOMER --to REP --reason …",
                zh="改派：tierline reminder give 客户编号 --to 业务员 --reason 原因",
            )
        )
        if len(found) > limit:
            output.say(Text(en="There are more: --limit, --json.", zh="还有更多：可用 --limit 或 --json。"))

    output.result(shown, show)
