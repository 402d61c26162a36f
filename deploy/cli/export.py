"""A table into a file that spreadsheets open: CSV, or Excel."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from xlsxwriter import Workbook

from deploy.cli.options import both
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from shared.words import Text

Export = Annotated[
    Path | None,
    typer.Option(
        "--export",
        metavar="FILE",
        help=both("Write the table to a .csv or .xlsx file.", "把表格写入 .csv 或 .xlsx 文件。"),
    ),
]
# What a spreadsheet would take for a formula, those of East Asia at full width too: ids and notes come from outside.
FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def export_table(file: Path, columns: Sequence[Text], rows: Iterable[Sequence[object]], output: Output) -> None:
    """Write the table in the user's language; Failure for another kind of file, or one that cannot be written."""
    writers = {".csv": _csv, ".xlsx": _xlsx}
    write = writers.get(file.suffix.lower())
    if write is None:
        raise Failure(
            Text(en=f"{file} is neither .csv nor .xlsx.", zh=f"{file} 不是 .csv 或 .xlsx 文件。"), code=ExitCode.USAGE
        )
    try:
        write(file, [output.of(column) for column in columns], rows)
    except OSError as error:
        raise Failure(
            Text(en=f"{file} cannot be written: {error.strerror}", zh=f"无法写入 {file}：{error.strerror}"),
            code=ExitCode.USAGE,
        ) from None
    output.note(Text(en=f"Written: {file}", zh=f"已写入：{file}"))


def _csv(file: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    # With its mark, as spreadsheets in China expect UTF-8.
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(head)
        writer.writerows([_harmless(cell) for cell in row] for row in rows)


def _harmless(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(FORMULAS):
        return f"'{cell}"
    return "" if cell is None else cell


def _xlsx(file: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with file.open("wb") as handle, Workbook(handle, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, head, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, ["" if cell is None else cell for cell in row])
        sheet.autofit()
