"""`tierline reminder`: what a rep does with a reminder."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient
from deploy.cli.desk import STATES
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.cli.tiers import quoted
from shared.roles import Role
from shared.words import Text

DATES = ["%Y-%m-%d"]
Id = Annotated[str, typer.Argument(metavar="ID", help=both("A reminder's id.", "提醒编号。"))]
Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help=both("A customer.", "客户编号。"))]
Until = Annotated[
    datetime, typer.Option("--until", formats=DATES, help=both("A working day to wait for.", "推迟到哪个工作日。"))
]
SkipReason = Annotated[
    str,
    typer.Option(
        "--reason", help=both("One of `tierline reminder choices`.", "理由代码，见 `tierline reminder choices`。")
    ),
]
Note = Annotated[str | None, typer.Option("--note", help=both("In your own words.", "补充说明。"))]
To = Annotated[str, typer.Option("--to", help=both("A rep of the same department.", "同部门的业务员。"))]
Why = Annotated[str, typer.Option("--reason", help=both("Why.", "移交原因。"))]
MadeAt = Annotated[
    str | None,
    typer.Option("--at", help=both("When, 2026-03-02T10:00:00+08:00; else now.", "联系时间，默认现在。")),
]
Channel = Annotated[str, typer.Option("--by", help=both("How: phone, mail …", "联系方式：phone、mail 等。"))]
Minutes = Annotated[int | None, typer.Option("--minutes", min=0, help=both("Minutes of work.", "用时（分钟）。"))]
Outcome = Annotated[
    str | None,
    typer.Option(
        "--outcome", help=both("One of `tierline reminder choices`.", "结果代码，见 `tierline reminder choices`。")
    ),
]
NextOn = Annotated[
    datetime | None,
    typer.Option(
        "--next", formats=DATES, help=both("When the customer wants the next one.", "客户约定的下次联系日期。")
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    for name, words, command in (
        ("show", both("A reminder, and what was done with it.", "查看提醒及其处理记录。"), show),
        ("done", both("The contact was made.", "登记已完成的联系。"), done),
        ("snooze", both("Put it off to a later working day.", "推迟到之后的工作日。"), snooze),
        ("skip", both("Leave this one out.", "略过本次。"), skip),
        ("hand-over", both("Let a colleague make this contact.", "移交给同部门业务员。"), hand_over),
        ("give", both("Give a customer to another rep.", "把客户移交给另一业务员。"), give),
        ("choices", both("Outcomes and reasons to choose from.", "可选的结果与理由。"), choices),
    ):
        group.command(name, help=words)(command)
    app.add_typer(group, name="reminder")


def show(reminder_id: Id, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        found = client.get("followup", f"/reminders/{quoted(reminder_id)}")

    def tell() -> None:
        tell_reminder(found["reminder"], output)
        for act in found["acts"]:
            asked = ", ".join(f"{name}: {value}" for name, value in act["asked"].items())
            output.say(
                Text(
                    en=f"{act['at']} {act['by']} {act['act']}: {asked}",
                    zh=f"{act['at']} {act['by']} {act['act']}：{asked}",
                )
            )

    output.result(found, tell)


def done(
    reminder_id: Id,
    channel: Channel = "phone",
    made_at: MadeAt = None,
    minutes: Minutes = None,
    outcome: Outcome = None,
    note: Note = None,
    next_on: NextOn = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    body = {
        "made_at": made_at,
        "channel": channel,
        "minutes": minutes,
        "outcome": note,
        "outcome_code": outcome,
        "next_on": None if next_on is None else next_on.date().isoformat(),
    }
    with StackClient(layout_of(data), Role.GM) as client:
        taken = client.post("followup", f"/reminders/{quoted(reminder_id)}/done", body)
    output.result(taken, lambda: output.say(Text(en="Taken.", zh="已登记。")))


def snooze(
    reminder_id: Id, until: Until, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    act(reminder_id, "snooze", {"until": until.date().isoformat()}, data, Output(lang, as_json))


def skip(
    reminder_id: Id,
    reason: SkipReason,
    note: Note = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    act(reminder_id, "skip", {"reason": reason, "note": note}, data, Output(lang, as_json))


def hand_over(
    reminder_id: Id, to: To, reason: Why, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    act(reminder_id, "hand-over", {"to": to, "reason": reason}, data, Output(lang, as_json))


def give(
    customer: Customer, to: To, reason: Why, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        given = client.post("followup", "/handovers", {"customer_id": customer, "to": to, "reason": reason})
    output.result(
        given,
        lambda: output.say(
            Text(
                en=f"{customer} goes to {given['to_rep']}, its reminders with it.",
                zh=f"{customer} 及其提醒移交给 {given['to_rep']}。",
            )
        ),
    )


def choices(data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        found = client.get("followup", "/reminders/choices")

    def tell() -> None:
        code = Text(en="code", zh="代码")
        for title, name in (
            (Text(en="outcomes", zh="联系结果"), "outcomes"),
            (Text(en="reasons to leave out", zh="略过理由"), "skip_reasons"),
        ):
            words = ((each, text[output.language]) for each, text in found[name].items())
            output.table((code, Text(en="meaning", zh="含义")), words, title=title)

    output.result(found, tell)


def act(reminder_id: str, name: str, body: dict[str, Any], data: Path, output: Output) -> None:
    with StackClient(layout_of(data), Role.GM) as client:
        found = client.post("followup", f"/reminders/{quoted(reminder_id)}/{name}", body)
    output.result(found, lambda: tell_reminder(found, output))


def tell_reminder(item: dict[str, Any], output: Output) -> None:
    state = STATES[item["state"]]
    output.say(
        Text(
            en=f"{item['customer_id']} · {item['rep']} · {item['listed_on']} · {state.en}: {item['why']['en']}",
            zh=f"{item['customer_id']} · {item['rep']} · {item['listed_on']} · {state.zh}：{item['why']['zh']}",
        )
    )
