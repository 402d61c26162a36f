"""`tierline feed`: addresses under which calendar programs read what is due to a rep."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from deploy.cli.client import StackClient
from deploy.cli.moments import local_day
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Language, Text

Person = Annotated[str, typer.Argument(metavar="PERSON", help=both("Whose reminders.", "谁的提醒。"))]
FeedId = Annotated[str, typer.Argument(metavar="FEED_ID", help=both("Which feed.", "订阅编号。"))]
Whose = Annotated[str | None, typer.Option("--person", help=both("Only this person's.", "只看此人的订阅。"))]
Words = Annotated[Language, typer.Option("--language", help=both("Language of the calendar.", "日历内容的语言。"))]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("create", help=both("Make an address, told once.", "新建订阅地址，仅显示一次。"))(create)
    group.command("revoke", help=both("Let an address open nothing.", "撤销订阅。"))(revoke)
    group.command("list", help=both("Feeds in use.", "列出在用的订阅。"))(list_feeds)
    app.add_typer(group, name="feed")


def create(
    person: Person,
    language: Words = Language.ZH,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        made = client.post("followup", "/feeds", {"person": person, "language": language.value})

    def show() -> None:
        typer.echo(made["url"])
        output.note(
            Text(
                en="Subscribe to it in a calendar program. Who has the address reads the calendar; "
                f"`tierline feed revoke {made['feed_id']}` ends that.",
                zh="请在日历应用中订阅此地址。持有地址者即可查看该日历；"
                f"撤销：`tierline feed revoke {made['feed_id']}`。",
            )
        )

    output.result(made, show)


def revoke(feed_id: FeedId, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        client.delete("followup", f"/feeds/{quote(feed_id, safe='')}")
    output.result({"feed_id": feed_id, "revoked": True}, lambda: output.say(Text(en="Revoked.", zh="已撤销。")))


def list_feeds(person: Whose = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        found = list(client.pages("followup", "/feeds", person=person))
    columns = (
        Text(en="person", zh="人员"), Text(en="language", zh="语言"), Text(en="made", zh="创建时间"),
        Text(en="by", zh="创建人"), Text(en="feed", zh="编号"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="No feeds are in use.", zh="没有在用的订阅。"))
            return
        output.table(
            columns,
            ((x["person"], x["language"], local_day(x["created_at"]), x["created_by"], x["feed_id"]) for x in found),
        )

    output.result(found, show)
