"""`tierline preferences`: who is told where, in which language, and when not."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from shared.roles import Role
from shared.words import Language, Text

Person = Annotated[str, typer.Argument(metavar="PERSON", help=both("Whose.", "人员编号。"))]
In = Annotated[Language | None, typer.Option("--in", help=both("Language: zh or en.", "语言：zh 或 en。"))]
Channels = Annotated[
    list[str] | None,
    typer.Option("--channel", help=both("In order; again for the next choice.", "按先后顺序，可多次给出。")),
]
Mail = Annotated[str | None, typer.Option("--mail", help=both("Mail address.", "邮箱地址。"))]
Mentions = Annotated[
    list[str] | None,
    typer.Option("--mention", metavar="CHANNEL=ID", help=both("Id at a robot.", "在该机器人处的提及标识。")),
]
Quiet = Annotated[
    str | None,
    typer.Option("--quiet", metavar="HH:MM-HH:MM", help=both("Quiet hours.", "免打扰时段。")),
]
Digest = Annotated[
    bool | None, typer.Option("--digest/--no-digest", help=both("The day's digest or not.", "是否接收每日清单。"))
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command("show", help=both("What a person has chosen.", "查看某人的选择。"))(show_preferences)
    group.command("set", help=both("Change a person's choice; the rest stays.", "修改某人的选择，其余不变。"))(
        set_preferences
    )
    group.command("reset", help=both("Back to the company's way.", "恢复为公司默认。"))(reset_preferences)
    app.add_typer(group, name="preferences")


def show_preferences(person: Person, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        tell(output, client.get("followup", path(person)))


def set_preferences(
    person: Person,
    language: In = None,
    channels: Channels = None,
    mail: Mail = None,
    mentions: Mentions = None,
    quiet: Quiet = None,
    digest: Digest = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    changes: dict[str, Any] = {
        "language": language,
        "channels": channels or None,
        "mail": mail,
        "quiet": None if quiet is None else hours(quiet),
        "digest": digest,
    }
    with StackClient(layout_of(data), Role.GM) as client:
        told = client.get("followup", path(person))
        choice = {name: told[name] for name in (*changes, "mentions")}
        choice |= {name: value for name, value in changes.items() if value is not None}
        choice["mentions"] |= dict(mention(text) for text in mentions or ())
        tell(output, client.put("followup", path(person), choice))


def reset_preferences(person: Person, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        tell(output, client.put("followup", path(person), {}))


def path(person: str) -> str:
    return f"/preferences/{quote(person, safe='')}"


def hours(text: str) -> dict[str, str]:
    """Quiet hours as they are typed."""
    begins, dash, until = text.partition("-")
    if not dash:
        raise wrong("--quiet", "21:00-07:30")
    return {"begins": begins.strip(), "until": until.strip()}


def mention(text: str) -> tuple[str, str]:
    """An id at a robot as it is typed."""
    channel, equals, name = text.partition("=")
    if not equals:
        raise wrong("--mention", "CHANNEL=ID")
    return channel, name


def wrong(option: str, example: str) -> Failure:
    what = Text(en=f"{option} is written {example}.", zh=f"{option} 写作 {example}。")
    return Failure(what, code=ExitCode.USAGE)


def tell(output: Output, told: dict[str, Any]) -> None:
    """A choice in lines."""
    labels = {
        "language": Text(en="language", zh="语言"),
        "reached_by": Text(en="reached by", zh="接收渠道"),
        "mail": Text(en="mail", zh="邮箱"),
        "mentions": Text(en="mentions", zh="提及标识"),
        "quiet": Text(en="quiet hours", zh="免打扰"),
        "digest": Text(en="digest", zh="每日清单"),
    }

    def show() -> None:
        usual = output.of(Text(en="the company's", zh="公司默认"))
        nowhere = output.of(Text(en="nowhere: the list is the way", zh="无，请看清单"))
        shown = told | {
            "language": told["language"] or usual,
            "reached_by": ", ".join(told["reached_by"]) or nowhere,
            "mentions": ", ".join(f"{name}={mention}" for name, mention in told["mentions"].items()),
            "quiet": usual if told["quiet"] is None else f"{told['quiet']['begins']}-{told['quiet']['until']}",
        }
        output.table(
            (Text(en=told["person"], zh=told["person"]), Text(en="", zh="")),
            ((output.of(label), shown[name]) for name, label in labels.items()),
        )

    output.result(told, show)
