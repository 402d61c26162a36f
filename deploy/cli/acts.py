"""`tierline reminder` and `tierline plan`: what a rep does with a reminder, and writes down before it."""

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
from deploy.failure import ExitCode, Failure
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
Version = Annotated[int | None, typer.Option("--version", min=1, help=both("An older version.", "某一旧版本。"))]
Words = Annotated[
    str | None,
    typer.Option("--text", help=both("The plan; else --file or standard input.", "方案内容，或用 --file、标准输入。")),
]
File = Annotated[Path | None, typer.Option("--file", help=both("Read the plan from a file.", "从文件读取方案。"))]
Goals = Annotated[list[str] | None, typer.Option("--goal", help=both("A goal; may be repeated.", "目标，可重复。"))]
Steps = Annotated[
    list[str] | None,
    typer.Option(
        "--step", help=both("A next step, 'call the buyer' or '2026-03-20 call'.", "下一步，可在前面写日期。")
    ),
]


def register(app: typer.Typer) -> None:
    """Add the groups."""
    group = typer.Typer(
        no_args_is_help=True, help=both("Done, put off, left out, handed over.", "处理提醒：完成、推迟、略过、移交。")
    )
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
    plans = typer.Typer(no_args_is_help=True, help=both("Written plans for customers.", "客户跟进方案。"))
    plans.command("show", help=both("The plan for a customer; the audit has it.", "查看客户方案，查阅留痕。"))(
        show_plan
    )
    plans.command("write", help=both("Write it anew; old versions stay.", "填写方案，旧版本保留。"))(write_plan)
    app.add_typer(plans, name="plan")


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


def show_plan(
    customer: Customer, version: Version = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        plan = client.get("followup", f"/plans/{quoted(customer)}", version=version)

    def tell() -> None:
        output.say(
            Text(
                en=f"{customer}: version {plan['version']}, {plan['author']}, {plan['written_at']}",
                zh=f"{customer}：第 {plan['version']} 版，{plan['author']}，{plan['written_at']}",
            ),
            style="bold",
        )
        output.say(Text(en=plan["text"], zh=plan["text"]))
        for goal in plan["goals"]:
            output.say(Text(en=f"goal: {goal}", zh=f"目标：{goal}"))
        for step in plan["next_steps"]:
            by = step["by"] or ""
            output.say(Text(en=f"next: {step['what']} {by}", zh=f"下一步：{step['what']} {by}"))

    output.result(plan, tell)


def write_plan(
    customer: Customer,
    text: Words = None,
    file: File = None,
    goals: Goals = None,
    steps: Steps = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    body = {
        "text": text if text is not None else read_words(file),
        "goals": goals or [],
        "next_steps": [step_of(step) for step in steps or []],
    }
    with StackClient(layout_of(data), Role.GM) as client:
        written = client.put("followup", f"/plans/{quoted(customer)}", body)
    version = written["version"]
    output.result(written, lambda: output.say(Text(en=f"Kept as version {version}.", zh=f"已保存为第 {version} 版。")))


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


def read_words(file: Path | None) -> str:
    """The plan from a file, or from standard input."""
    if file is None:
        return typer.get_text_stream("stdin").read()
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(
            Text(en=f"{file} cannot be read as UTF-8 text.", zh=f"无法以 UTF-8 读取 {file}。"),
            code=ExitCode.USAGE,
            detail=str(error),
        ) from None


def step_of(step: str) -> dict[str, str | None]:
    """A step, with its date where it begins with one."""
    first, _, rest = step.partition(" ")
    try:
        return {"what": rest.strip(), "by": datetime.strptime(first, "%Y-%m-%d").date().isoformat()}  # noqa: DTZ007
    except ValueError:
        return {"what": step, "by": None}
