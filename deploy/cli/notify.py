"""`tierline notify`: try a channel, look at a message before it goes, see how channels fare."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode
from shared.roles import Role
from shared.words import Language, Text

Channel = Annotated[str, typer.Argument(metavar="CHANNEL", help=both("Its name in the file.", "渠道文件中的名称。"))]
Shape = Annotated[
    str,
    typer.Argument(
        metavar="CHANNEL",
        help=both("A channel's name, or wecom, dingtalk, feishu, mail.", "渠道名，或 wecom、dingtalk、feishu、mail。"),
    ),
]
Mail = Annotated[str | None, typer.Option("--mail", help=both("For mail: to this address.", "邮件测试的收件地址。"))]
Topic = Annotated[
    str,
    typer.Option(
        "--topic",
        help=both(
            "digest, reminder, falling, level, escalation, hand_over, report or test.",
            "digest、reminder、falling、level、escalation、hand_over、report 或 test。",
        ),
    ),
]
Reminder = Annotated[str | None, typer.Option("--reminder", help=both("Of this reminder.", "用该提醒的内容。"))]
Person = Annotated[
    str | None, typer.Option("--person", help=both("This person's digest as of now.", "该人员此刻的清单。"))
]
In = Annotated[
    Language | None, typer.Option("--in", help=both("The message's language: zh or en.", "消息语言：zh 或 en。"))
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command("test", help=both("Send a test message over a channel.", "向某渠道发送测试消息。"))(try_channel)
    group.command("preview", help=both("What a message would look like.", "预览消息内容。"))(preview)
    group.command("status", help=both("How channels and messages fare.", "查看各渠道与消息的状况。"))(status)
    app.add_typer(group, name="notify")


def try_channel(
    channel: Channel, mail: Mail = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.OPS) as client:
        told = client.post("followup", "/messages/test", {"channel": channel, "mail": mail})
    sent = told["outcome"] == "sent"

    def show() -> None:
        output.say(Text(en=f"{told['code']} {told['said']}", zh=f"{told['code']} {told['said']}"))
        if told["meaning"] is not None:
            output.say(Text(**told["meaning"]), style="green" if sent else "bold red")

    output.result(told, show)
    if not sent:
        raise typer.Exit(ExitCode.NOT_SO)


def preview(
    channel: Shape,
    topic: Topic = "digest",
    reminder: Reminder = None,
    person: Person = None,
    language: In = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    asked = {"channel": channel, "topic": topic, "reminder": reminder, "person": person, "language": language}
    with StackClient(layout_of(data), Role.GM) as client:
        told = client.get("followup", "/messages/preview", **asked)

    def show() -> None:
        for page in told["pages"]:
            size = f"{page['bytes']} / {page['limit']}"
            output.say(
                Text(
                    en=f"page {page['page']} of {page['pages']}, {size} bytes",
                    zh=f"第 {page['page']} 页，共 {page['pages']} 页，{size} 字节",
                ),
                style="dim",
            )
            output.say(Text(en=page["body"], zh=page["body"]))

    output.result(told, show)


def status(data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.OPS) as client:
        told = client.get("followup", "/messages/status")
    columns = (
        Text(en="channel", zh="渠道"), Text(en="kind", zh="类型"), Text(en="last failure", zh="最近一次失败"),
        Text(en="waiting", zh="等待"), Text(en="sent, 24 h", zh="24 小时已发"), Text(en="failed", zh="失败"),
    )  # fmt: skip

    def show() -> None:
        if not told["channels"]:
            output.say(NO_CHANNELS)
            return
        output.table(columns, (line(channel) for channel in told["channels"]), right=3)
        if told["dead"]:
            output.say(
                Text(
                    en=f"{told['dead']} messages are dead: tierline deliveries --message {told['last_dead']}",
                    zh=f"有 {told['dead']} 条消息未能送达：tierline deliveries --message {told['last_dead']}",
                ),
                style="bold red",
            )

    output.result(told, show)


NO_CHANNELS = Text(
    en="No channel is configured: reminders are in the lists only.", zh="未配置推送渠道：提醒只在清单中显示。"
)


def line(channel: dict[str, Any]) -> tuple[object, ...]:
    """One channel as a row of the table."""
    return (
        channel["channel"],
        channel["kind"],
        channel["last_failure"],
        channel["queued"],
        channel["sent"],
        channel["failed"],
    )
