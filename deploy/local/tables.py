"""Rows out of a CSV or Excel table, and cells as people fill them in."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from python_calamine import CalamineError, CalamineWorkbook

from deploy.failure import ExitCode, Failure
from shared.words import Text

# Spreadsheets write 2026/3/2 8:00.
DAY = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:\s+(\d{1,2})(?=:))?")
WORKBOOKS = {".xlsx", ".xls", ".xlsb", ".xlsm", ".ods"}

Row = Mapping[str, Any]


class RowError(Exception):
    """A row is not what it should be; `why` says it in both languages."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a table has to have and may have, and what else they are called."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    aliases: Mapping[str, str]


class Table(NamedTuple):
    """A table's first row, in the names that the reader knows, and all others, empty ones too, so that rows count."""

    heading: tuple[str, ...]
    rows: Iterator[Row]


def read_table(file: Path, aliases: Mapping[str, str]) -> Table:
    """A CSV file, or a workbook's first sheet; Failure when it is neither."""
    lines = iter(read_workbook(file) if file.suffix.lower() in WORKBOOKS else read_csv(file))
    heading = tuple(aliases.get(name, name) for name in (text_of(cell) for cell in next(lines, ())))
    # Short rows lack trailing cells.
    blanks = [""] * len(heading)
    return Table(heading, (dict(zip(heading, [*cells, *blanks], strict=False)) for cells in lines))


def read_rows(file: Path, columns: Columns) -> Iterator[Row]:
    """Rows by the names of `columns`, other columns by their own; Failure where one that is required is missing."""
    heading, rows = read_table(file, columns.aliases)
    missing = [name for name in columns.required if name not in heading]
    if missing:
        raise lacking(file, missing, (*columns.required, *columns.optional))
    return rows


def lacking(file: Path, missing: Iterable[str], known: Iterable[str]) -> Failure:
    """A table without the columns that it needs, and what its first row should say."""
    names = ", ".join(missing)
    return Failure(
        Text(en=f"{file} lacks the columns {names}.", zh=f"{file} 缺少列:{names}。"),
        Text(en=f"The first row names the columns: {', '.join(known)}.", zh=f"首行应为列名：{'、'.join(known)}。"),
        code=ExitCode.NOT_SO,
    )


def read_csv(file: Path) -> Iterator[list[str]]:
    """Lines of a CSV in UTF-8, or in GB 18030 as spreadsheets save it in China."""
    raw = read_bytes(file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    return csv.reader(text.splitlines())


def read_workbook(file: Path) -> Iterable[list[Any]]:
    """Lines of a workbook's first sheet."""
    read_bytes(file)
    try:
        return CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise Failure(
            Text(en=f"{file} is no workbook that can be read.", zh=f"{file} 不是可读取的工作簿。"),
            Text(en="Save it as .xlsx or .csv.", zh="请另存为 .xlsx 或 .csv。"),
            code=ExitCode.NOT_SO,
            detail=str(error),
        ) from None


def read_bytes(file: Path) -> bytes:
    """The file's bytes; Failure when it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Failure(
            Text(en=f"{file} cannot be read: {error.strerror}.", zh=f"无法读取 {file}:{error.strerror}。"),
            code=ExitCode.NOT_SO,
        ) from None


def text_of(cell: Any) -> str:
    """A cell as one would read it: 1001, not 1001.0."""
    if isinstance(cell, float):
        return f"{cell:.12f}".rstrip("0").rstrip(".")
    return "" if cell is None else str(cell).strip()


def padded(day: re.Match[str]) -> str:
    """A day, and the hour after it, with the zeros of ISO 8601."""
    hour = "" if day[4] is None else f" {int(day[4]):02}"
    return f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}{hour}"


def moment_of(cell: Any, zone: ZoneInfo, column: str) -> str:
    """A day or moment with its offset; one without is in the business time zone. RowError when it is neither."""
    if isinstance(cell, datetime | date):
        moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
    else:
        try:
            moment = datetime.fromisoformat(DAY.sub(padded, text_of(cell)))
        except ValueError:
            written = text_of(cell)
            raise RowError(
                Text(
                    en=f"{column}: {written!r} is no day or moment such as 2026-03-02 10:00",
                    zh=f"{column}：{written!r} 不是日期或时间（如 2026-03-02 10:00）",
                )
            ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()
