"""`tierline records` and `tierline export`: company records, and customers' files taken out (A3, A5)."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from deploy.cli.acting import As, InRole
from deploy.cli.client import StackClient
from deploy.cli.moments import local_day
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, Limit, both, layout_of
from deploy.cli.output import Output
from deploy.cli.taking import ready, save
from deploy.failure import ExitCode, Failure
from shared.called import RANKS, called, code_of
from shared.roles import Role
from shared.words import Text

Record = Annotated[str, typer.Argument(metavar="RECORD", help=both("Which record.", "档案编号。"))]
Piece = Annotated[str, typer.Argument(metavar="PIECE", help=both("Which piece of it.", "材料编号。"))]
Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help=both("Whose file.", "客户编号。"))]
Title = Annotated[str, typer.Option("--title", help=both("What it is.", "题名。"))]
Rank = Annotated[
    str,
    typer.Option(
        "--rank",
        help=both("top_secret, secret, confidential or unclassified.", "绝密、机密、秘密或非密级。"),
    ),
]
Class = Annotated[str, typer.Option("--class", help=both("contracts, accounts …: how long it is kept.", "档案类别。"))]
Department = Annotated[str | None, typer.Option("--department", help=both("Whose it is.", "所属部门。"))]
Period = Annotated[str | None, typer.Option("--period", help=both("2026, 2026-Q1 or 2026-03.", "所属期间。"))]
Sections = Annotated[
    list[str] | None,
    typer.Option("--section", help=both("NAME or NAME=RANK; may be repeated.", "部分，可写作 名称=密级，可重复。")),
]
Number = Annotated[str | None, typer.Option("--id", help=both("Its number; else a new one.", "编号，默认自动生成。"))]
Section = Annotated[str, typer.Option("--section", help=both("Where it belongs.", "所属部分。"))]
Source = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)]
Sought = Annotated[str | None, typer.Option("--title", help=both("Found inside titles.", "题名中包含。"))]
OfRank = Annotated[str | None, typer.Option("--rank", help=both("Only of this rank.", "仅此密级。"))]
OfClass = Annotated[str | None, typer.Option("--class", help=both("Only of this class.", "仅此类别。"))]
Target = Annotated[Path, typer.Option("--to", metavar="FILE", help=both("Where to write it.", "写入的文件。"))]

WHOLE = "content"


def register(app: typer.Typer) -> None:
    """Add the group, and the command."""
    group = typer.Typer(no_args_is_help=True)
    group.command("add", help=both("File a record.", "归档。"))(add)
    group.command("attach", help=both("Add a file to a record.", "向档案存入材料。"))(attach)
    group.command("list", help=both("Records that one may know of.", "列出可知其存在的档案。"))(list_records)
    group.command("show", help=both("A record and what it consists of.", "查看档案卡。"))(show_record)
    group.command("read", help=both("Read a piece of a record.", "查阅材料。"))(read)
    group.command("export", help=both("Take out what may be copied.", "导出可复制的材料。"))(export_record)
    app.add_typer(group, name="records")
    app.command("export")(export_customer)


def add(
    title: Title, rank: Rank, record_class: Class, sections: Sections = None, department: Department = None,
    period: Period = None, number: Number = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    named = [name.partition("=") for name in sections or [WHOLE]]
    body = {
        "record_id": number, "title": title, "rank": code_of(rank, RANKS), "class": record_class,
        "department": department, "period": period,
        "sections": [{"name": name, "rank": code_of(its, RANKS) or None} for name, _, its in named],
    }  # fmt: skip
    with StackClient(layout_of(data), Role.ARCHIVIST) as client:
        filed = client.post("archive", "/records", body)
    until = filed["retain_until"]
    kept = Text(zh="永久", en="for ever") if until is None else Text(zh=f"至 {until}", en=f"until {until}")
    output.result(
        filed,
        lambda: output.say(
            Text(
                en=f"Record {filed['record_id']} is filed, to be kept {kept.en}.",
                zh=f"已归档，编号 {filed['record_id']}，保管期限：{kept.zh}。",
            )
        ),
    )


def attach(
    record: Record, file: Source, section: Section = WHOLE, data: Data = DEFAULT_DATA, as_json: AsJson = False,
    lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    with StackClient(layout_of(data), Role.ARCHIVIST) as client:
        path = f"/records/{quote(record, safe='')}/attachments"
        kept = client.upload("archive", path, file.read_bytes(), section=section, name=file.name, media_type=kind)
    output.result(
        kept,
        lambda: output.say(
            Text(
                en=f"Piece {kept['attachment_id']}, {kept['size']} bytes, SHA-256 {kept['sha256']}",
                zh=f"已存入材料 {kept['attachment_id']}，{kept['size']} 字节，SHA-256 {kept['sha256']}",
            )
        ),
    )


def list_records(
    person: As, role: InRole = Role.REP, title: Sought = None, rank: OfRank = None, record_class: OfClass = None,
    limit: Limit = 100, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    asked: dict[str, Any] = {"title": title, "rank": rank and code_of(rank, RANKS), "class": record_class}
    with StackClient(layout_of(data), role, person=person) as client:
        found = list(client.pages("archive", "/records", limit=limit, **asked))
    columns = (
        Text(en="record", zh="编号"), Text(en="title", zh="题名"), Text(en="rank", zh="密级"),
        Text(en="class", zh="类别"), Text(en="period", zh="期间"), Text(en="kept until", zh="保管至"),
        Text(en="standing", zh="情况"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="No records.", zh="没有档案。"))
            return
        for_ever = output.of(Text(en="for ever", zh="永久"))
        rows = (
            (
                x["record_id"],
                x["title"],
                output.named(x["rank"], RANKS),
                x["class"],
                x["period"],
                x["retain_until"] or for_ever,
                output.of(standing(x)),
            )
            for x in found
        )
        output.table(columns, rows)

    output.result(found, show)


def show_record(
    record: Record, person: As, role: InRole = Role.REP, data: Data = DEFAULT_DATA, as_json: AsJson = False,
    lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    with StackClient(layout_of(data), role, person=person) as client:
        card = client.get("archive", f"/records/{quote(record, safe='')}")

    def show() -> None:
        its = card["record"]
        rank = called(its["rank"], RANKS)
        now = standing(its)
        en, zh = (f", {now.en}", f"，{now.zh}") if now.en else ("", "")
        output.say(Text(en=f"{its['title']} ({rank.en}){en}", zh=f"{its['title']}（{rank.zh}）{zh}"), style="bold")
        marks = {True: "✓", False: ""}
        heads = (
            Text(en="section", zh="部分"), Text(en="rank", zh="密级"), Text(en="to read", zh="可查阅"),
            Text(en="to copy", zh="可复制"),
        )  # fmt: skip
        output.table(
            heads,
            (
                (s["name"], output.named(s["rank"], RANKS), marks[s["readable"]], marks[s["copyable"]])
                for s in card["sections"]
            ),
        )
        pieces = (
            Text(en="piece", zh="材料"), Text(en="section", zh="部分"), Text(en="name", zh="名称"),
            Text(en="bytes", zh="字节"),
        )  # fmt: skip
        if card["attachments"]:
            rows = ((a["attachment_id"], a["section"], a["name"], a["size"]) for a in card["attachments"])
            output.table(pieces, rows, right=1)

    output.result(card, show)


def standing(record: dict[str, Any]) -> Text:
    """What hinders whoever wants a record, or wants it gone; of most there is nothing to say."""
    if record["destroyed_at"] is not None:
        on = local_day(record["destroyed_at"])
        return Text(en=f"destroyed on {on}", zh=f"{on} 已销毁")
    return Text(en="frozen", zh="已冻结") if record["held"] else Text(en="", zh="")


def read(
    record: Record, piece: Piece, person: As, target: Target, role: InRole = Role.REP, data: Data = DEFAULT_DATA,
    as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    path = f"/records/{quote(record, safe='')}/attachments/{quote(piece, safe='')}"
    ready(target)
    with StackClient(layout_of(data), role, person=person) as client:
        save(target, client.download("archive", path), Output(lang, as_json))


def export_record(
    record: Record, person: As, target: Target, role: InRole = Role.REP, data: Data = DEFAULT_DATA,
    as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    ready(target)
    with StackClient(layout_of(data), role, person=person) as client:
        save(target, client.download("archive", f"/records/{quote(record, safe='')}/export"), Output(lang, as_json))


def export_customer(
    customer: Customer, person: As, target: Target, role: InRole = Role.REP, data: Data = DEFAULT_DATA,
    as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    form = target.suffix.lower().removeprefix(".")
    if form not in {"json", "xlsx"}:
        raise Failure(
            Text(en=f"{target} is neither .json nor .xlsx.", zh=f"{target} 不是 .json 或 .xlsx 文件。"),
            code=ExitCode.USAGE,
        )
    path = f"/customers/{quote(customer, safe='')}/export"
    ready(target)
    with StackClient(layout_of(data), role, person=person) as client:
        save(target, client.download("customers", path, format=form, lang=output.language.value), output)
