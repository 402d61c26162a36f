"""`tierline bulk-export`: all that a search finds, taken out; each file by its own right (A5)."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Annotated, Any
from zipfile import ZipFile

import typer

from deploy.cli.acting import As, InRole
from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, Rep, both, layout_of
from deploy.cli.output import Output
from deploy.cli.records import OfClass, OfRank, Period, Sought, Target
from deploy.cli.taking import ready, save
from deploy.failure import ExitCode, Failure
from shared.called import RANKS, code_of
from shared.roles import Role
from shared.words import Text

Department = Annotated[str | None, typer.Option("--department", help=both("Only of this department.", "仅此部门。"))]
CustomerClass = Annotated[
    str | None, typer.Option("--class", help=both("contract, sample or potential.", "客户分类（英文代码）。"))
]
Level = Annotated[str | None, typer.Option("--level", help=both("key, ordinary …", "客户级别（英文代码）。"))]
Name = Annotated[str | None, typer.Option("--name", help=both("Found inside names.", "名称中包含。"))]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("customers", help=both("Customers' files: .json or .xlsx.", "客户档案（.json 或 .xlsx）。"))(
        customers
    )
    group.command("records", help=both("Company records: .zip.", "公司档案（.zip）。"))(records)
    app.add_typer(group, name="bulk-export")


def customers(
    person: As, target: Target, role: InRole = Role.REP, rep: Rep = None, department: Department = None,
    customer_class: CustomerClass = None, level: Level = None, name: Name = None, data: Data = DEFAULT_DATA,
    as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    form = kind_of(target, "json", "xlsx")
    asked: dict[str, Any] = {
        "rep": rep,
        "department": department,
        "class": customer_class,
        "level": level,
        "name": name,
    }
    ready(target)
    with StackClient(layout_of(data), role, person=person) as client:
        content = client.download("customers", "/customers/export", format=form, lang=output.language.value, **asked)
    save(target, content, output)
    if form == "json":
        taken = json.loads(content)
        say_how_many(len(taken["files"]), len(taken["withheld"]), output)


def records(
    person: As, target: Target, role: InRole = Role.REP, title: Sought = None, rank: OfRank = None,
    record_class: OfClass = None, department: Department = None, period: Period = None, data: Data = DEFAULT_DATA,
    as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    kind_of(target, "zip")
    asked = {
        "title": title,
        "rank": rank and code_of(rank, RANKS),
        "class": record_class,
        "department": department,
        "period": period,
    }
    output = Output(lang, as_json)
    ready(target)
    with StackClient(layout_of(data), role, person=person) as client:
        content = client.download("archive", "/records/export", **asked)
    save(target, content, output)
    with ZipFile(BytesIO(content)) as parcel:
        taken = json.loads(parcel.read("manifest.json"))
    say_how_many(len(taken["records"]), len(taken["withheld"]), output)


def kind_of(target: Target, *kinds: str) -> str:
    """The kind of file that is wanted; Failure for one that is not offered."""
    kind = target.suffix.lower().removeprefix(".")
    if kind not in kinds:
        en, zh = " nor ".join(f".{kind}" for kind in kinds), "、".join(f".{kind}" for kind in kinds)
        raise Failure(Text(en=f"{target} is not {en}.", zh=f"{target} 不是 {zh} 文件。"), code=ExitCode.USAGE)
    return kind


def say_how_many(given: int, withheld: int, output: Output) -> None:
    """So that nobody takes a part for the whole."""
    output.note(
        Text(
            en=f"{given} files; {withheld} others stay, each with the reason in the file.",
            zh=f"已导出 {given} 份；另有 {withheld} 份未获准导出，文件中逐份列明原因。",
        )
    )
