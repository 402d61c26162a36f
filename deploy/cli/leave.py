"""`tierline leave`: who is away, and who does what falls due meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import quote

import typer

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

Person = Annotated[str, typer.Argument(metavar="PERSON", help=both("Who is away.", "休假人。"))]
LeaveId = Annotated[str, typer.Argument(metavar="LEAVE_ID", help=both("Which leave.", "休假编号。"))]
First = Annotated[datetime, typer.Option("--first", formats=["%Y-%m-%d"], help=both("First day away.", "休假首日。"))]
Last = Annotated[
    datetime | None,
    typer.Option(
        "--last", formats=["%Y-%m-%d"], help=both("Last day away; the first if not said.", "休假末日，默认同首日。")
    ),
]
Deputy = Annotated[str | None, typer.Option("--deputy", help=both("Who does what falls due meanwhile.", "代理人。"))]
Whose = Annotated[str | None, typer.Option("--person", help=both("Only this person's.", "只看此人的休假。"))]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("add", help=both("Record days away.", "登记休假。"))(add)
    group.command("cancel", help=both("They are there after all.", "取消休假。"))(cancel)
    group.command("list", help=both("Who is away, now and later.", "列出当前及今后的休假。"))(list_leave)
    app.add_typer(group, name="leave")


def add(
    person: Person,
    first: First,
    last: Last = None,
    deputy: Deputy = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    begins, ends = first.date().isoformat(), (last or first).date().isoformat()
    with StackClient(layout_of(data), Role.HR) as client:
        body = {"first": begins, "last": ends, "deputy": deputy}
        told = client.post("customers", f"/people/{quote(person, safe='')}/leave", body)
    output.result(
        told,
        lambda: output.say(
            Text(
                en=f"{person} is away from {begins} to {ends} (leave {told['id']}).",
                zh=f"已登记：{person} {begins} 至 {ends} 休假（编号 {told['id']}）。",
            )
        ),
    )


def cancel(
    person: Person, leave_id: LeaveId, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.HR) as client:
        told = client.delete("customers", f"/people/{quote(person, safe='')}/leave/{quote(leave_id, safe='')}")
    output.result(told, lambda: output.say(Text(en="Cancelled.", zh="已取消。")))


def list_leave(person: Whose = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.HR) as client:
        found = list(client.pages("followup", "/leave", person=person))
    columns = (
        Text(en="person", zh="人员"), Text(en="first day", zh="首日"), Text(en="last day", zh="末日"),
        Text(en="deputy", zh="代理人"), Text(en="leave", zh="编号"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="Nobody is away.", zh="没有休假登记。"))
            return
        output.table(columns, ((x["person"], x["first"], x["last"], x["deputy"], x["leave_id"]) for x in found))

    output.result(found, show)
