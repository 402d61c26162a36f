"""`tierline deliveries`: what became of messages, in the providers' own words."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient
from deploy.cli.moments import local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

Person = Annotated[str | None, typer.Option("--person", help=both("Only to this person.", "只看发给该人员的。"))]
Channel = Annotated[str | None, typer.Option("--channel", help=both("Only on this channel.", "只看该渠道。"))]
Outcome = Annotated[
    str | None,
    typer.Option(
        "--outcome",
        help=both(
            "sent, again, throttled, refused, unknown or postponed.",
            "sent、again、throttled、refused、unknown 或 postponed。",
        ),
    ),
]
Message = Annotated[str | None, typer.Option("--message", help=both("Only of this message.", "只看该消息。"))]
Limit = Annotated[int, typer.Option("--limit", min=1, help=both("At most so many.", "最多显示条数。"))]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("deliveries")(deliveries)


def deliveries(
    person: Person = None,
    channel: Channel = None,
    outcome: Outcome = None,
    message: Message = None,
    limit: Limit = 50,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    asked = {"person": person, "channel": channel, "outcome": outcome, "message": message}
    with StackClient(layout_of(data), Role.GM) as client:
        found = list(client.pages("followup", "/deliveries", limit, **asked))
    columns = (
        Text(en="when", zh="时间"), Text(en="person", zh="人员"), Text(en="topic", zh="类别"),
        Text(en="channel", zh="渠道"), Text(en="page", zh="页"), Text(en="outcome", zh="结果"),
        Text(en="the provider's words", zh="渠道方原话"), Text(en="meaning", zh="含义"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="Nothing was sent.", zh="没有发送记录。"))
            return
        output.table(columns, (line(item, output) for item in found))

    output.result(found, show)


def line(item: dict[str, Any], output: Output) -> tuple[object, ...]:
    """One attempt as a row of the table."""
    meaning = None if item["meaning"] is None else item["meaning"][output.language]
    return (
        local(item["tried_at"]),
        item["person"],
        item["topic"],
        item["channel"],
        f"{item['page']}/{item['pages']}",
        item["outcome"] if item["state"] == "queued" else f"{item['outcome']} · {item['state']}",
        f"{item['code']} {item['said']}".strip(),
        meaning,
    )
