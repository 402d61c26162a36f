"""`tierline reminder`: what a rep does with a reminder."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from deploy.cli.client import quoted
from deploy.cli.desk import STATES
from deploy.cli.here import Here, at_stack
from deploy.cli.options import both
from deploy.cli.output import Output
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


@at_stack
def show(here: Here, reminder_id: Id) -> None:
    found = here.get("followup", f"/reminders/{quoted(reminder_id)}")
    here.show(found, tell_history)


@at_stack
def done(
    here: Here,
    reminder_id: Id,
    channel: Channel = "phone",
    made_at: MadeAt = None,
    minutes: Minutes = None,
    outcome: Outcome = None,
    note: Note = None,
    next_on: NextOn = None,
) -> None:
    body = {
        "made_at": made_at,
        "channel": channel,
        "minutes": minutes,
        "outcome": note,
        "outcome_code": outcome,
        "next_on": None if next_on is None else next_on.date().isoformat(),
    }
    taken = here.post("followup", f"/reminders/{quoted(reminder_id)}/done", body)
    here.tell(taken, Text(en="Taken.", zh="已登记。"))


@at_stack
def snooze(here: Here, reminder_id: Id, until: Until) -> None:
    act(here, reminder_id, "snooze", {"until": until.date().isoformat()})


@at_stack
def skip(here: Here, reminder_id: Id, reason: SkipReason, note: Note = None) -> None:
    act(here, reminder_id, "skip", {"reason": reason, "note": note})


@at_stack
def hand_over(here: Here, reminder_id: Id, to: To, reason: Why) -> None:
    act(here, reminder_id, "hand-over", {"to": to, "reason": reason})


@at_stack
def give(here: Here, customer: Customer, to: To, reason: Why) -> None:
    given = here.post("followup", "/handovers", {"customer_id": customer, "to": to, "reason": reason})
    here.tell(
        given,
        Text(
            en=f"{customer} goes to {given['to_rep']}, its reminders with it.",
            zh=f"{customer} 及其提醒移交给 {given['to_rep']}。",
        ),
    )


@at_stack
def choices(here: Here) -> None:
    found = here.get("followup", "/reminders/choices")
    here.show(found, tell_choices)


def act(here: Here, reminder_id: str, name: str, body: dict[str, Any]) -> None:
    here.show(here.post("followup", f"/reminders/{quoted(reminder_id)}/{name}", body), tell_reminder)


def tell_history(found: dict[str, Any], output: Output) -> None:
    tell_reminder(found["reminder"], output)
    for act in found["acts"]:
        asked = ", ".join(f"{name}: {value}" for name, value in act["asked"].items())
        output.say(
            Text(
                en=f"{act['at']} {act['by']} {act['act']}: {asked}",
                zh=f"{act['at']} {act['by']} {act['act']}：{asked}",
            )
        )


def tell_reminder(item: dict[str, Any], output: Output) -> None:
    state = STATES[item["state"]]
    output.say(
        Text(
            en=f"{item['customer_id']} · {item['rep']} · {item['listed_on']} · {state.en}: {item['why']['en']}",
            zh=f"{item['customer_id']} · {item['rep']} · {item['listed_on']} · {state.zh}：{item['why']['zh']}",
        )
    )


def tell_choices(found: dict[str, Any], output: Output) -> None:
    code = Text(en="code", zh="代码")
    for title, name in (
        (Text(en="outcomes", zh="联系结果"), "outcomes"),
        (Text(en="reasons to leave out", zh="略过理由"), "skip_reasons"),
    ):
        words = ((each, text[output.language]) for each, text in found[name].items())
        output.table((code, Text(en="meaning", zh="含义")), words, title=title)
