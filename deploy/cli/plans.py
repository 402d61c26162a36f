"""`tierline plan`: what a rep writes down before an important contact (F3)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.client import StackClient, quoted
from deploy.cli.moments import local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from shared.roles import Role
from shared.words import Text

Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help=both("A customer.", "客户编号。"))]
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
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("show", help=both("The plan for a customer; audited.", "查看客户方案，查阅留痕。"))(show_plan)
    group.command("write", help=both("Write it anew; old versions stay.", "填写方案，旧版本保留。"))(write_plan)
    app.add_typer(group, name="plan")


def show_plan(
    customer: Customer, version: Version = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        plan = client.get("followup", f"/plans/{quoted(customer)}", version=version)

    def tell() -> None:
        output.say(
            Text(
                en=f"{customer}: version {plan['version']}, {plan['author']}, {local(plan['written_at'])}",
                zh=f"{customer}：第 {plan['version']} 版，{plan['author']}，{local(plan['written_at'])}",
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
