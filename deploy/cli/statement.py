"""`tierline statement`: what the fines of a month come to, closed once; and the month's report (N9, W3)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli.acting import As
from deploy.cli.client import StackClient, quoted
from deploy.cli.fines import STATES
from deploy.cli.moments import local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.cli.taking import ready, save
from shared.roles import Role
from shared.words import Text

Month = Annotated[str, typer.Argument(metavar="MONTH", help=both("Which month, 2026-03.", "月份，如 2026-03。"))]
Person = Annotated[str | None, typer.Option("--person", help=both("Only this person's lines.", "只看此人。"))]
Remark = Annotated[str | None, typer.Option("--reason", help=both("A remark; the audit keeps it.", "备注，记入审计。"))]
File = Annotated[Path, typer.Argument(metavar="FILE", help=both("An .xlsx file to write.", "要写入的 .xlsx 文件。"))]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("show", help=both("Lines and totals, open or closed.", "查看明细与合计。"))(show)
    group.command("close", help=both("Close a month that is over, once.", "月结关账，只能一次。"))(close)
    group.command("report", help=both("The month as an Excel workbook.", "导出月度报告工作簿。"))(report)
    app.add_typer(group, name="statement")


def show(
    month: Month, person: Person = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.HR) as client:
        found = client.get("archive", f"/statements/{quoted(month)}", person=person)
    output.result(found, lambda: tell(found, output))


def close(
    month: Month,
    who: As,
    reason: Remark = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.HR, person=who) as client:
        found = client.post("archive", f"/statements/{quoted(month)}/closing", {"reason": reason})
    output.result(found, lambda: tell(found, output))


def report(month: Month, file: File, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    ready(file)
    with StackClient(layout_of(data), Role.HR) as client:
        content = client.download("archive", f"/reports/{quoted(month)}.xlsx", lang=output.language.value)
    save(file, content, output, Text(en=f"Written: {file}. The audit has it.", zh=f"已写入：{file}。导出已留痕。"))


def tell(found: dict[str, Any], output: Output) -> None:
    """A statement: whether it is closed, the lines, and what each person owes."""
    month, waiting = found["month"], found["waiting"]
    if found["closed_at"] is None:
        output.say(Text(en=f"{month} is open; {waiting} fines wait.", zh=f"{month} 未关账；待处理 {waiting} 项。"))
    else:
        by, at = found["closed_by"], local(found["closed_at"])
        output.say(
            Text(
                en=f"{month} was closed by {by} at {at}; {waiting} fines still wait.",
                zh=f"{month} 已由 {by} 于 {at} 关账；仍待处理 {waiting} 项。",
            )
        )
    person, amount = Text(en="person", zh="人员"), Text(en="amount", zh="金额")
    columns = (
        person, Text(en="fine", zh="编号"), Text(en="matter", zh="事项"), Text(en="state", zh="状态"),
        Text(en="entry", zh="审计条目"), amount,
    )  # fmt: skip
    lines = (
        (
            line["fine"]["person"], line["fine"]["fine_id"], line["fine"]["words"][output.language],
            output.of(STATES[line["fine"]["state"]]), line["fine"]["evidence"]["entry"],
            f"{line['due']} {line['currency']}",
        )
        for line in found["lines"]
    )  # fmt: skip
    output.table(columns, lines, right=1)
    sums = [(total["person"], f"{total['amount']} {total['currency']}") for total in found["totals"]]
    output.table((person, amount), sums, title=Text(en="Totals", zh="合计"), right=1)
