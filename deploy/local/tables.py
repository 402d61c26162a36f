"""Orders out of a CSV or Excel table: each row an order, or the reason why not."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from python_calamine import CalamineError, CalamineWorkbook

from deploy.failure import ExitCode, Failure
from shared.contracts.orders import OrderPlaced
from shared.contracts.refusals import refusal_of
from shared.policy import Policy
from shared.words import Text

REQUIRED = ("order_id", "customer_id", "amount", "currency", "placed_at")
OPTIONAL = ("sold_by", "channel")
# What the sheets of a company here are called, beside the names of the contract.
ALIASES: Mapping[str, str] = {
    "订单号": "order_id",
    "订单编号": "order_id",
    "客户编号": "customer_id",
    "客户号": "customer_id",
    "金额": "amount",
    "币种": "currency",
    "下单时间": "placed_at",
    "下单日期": "placed_at",
    "业务员": "sold_by",
    "渠道": "channel",
}
# Spreadsheets write 2026/3/2 8:00.
DAY = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:\s+(\d{1,2})(?=:))?")
WORKBOOKS = {".xlsx", ".xls", ".xlsb", ".xlsm", ".ods"}

Row = Mapping[str, Any]


class RowError(Exception):
    """A row is no order; `why` says it in both languages."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no order; `number` as a spreadsheet counts, the heading being 1."""

    number: int
    order_id: str
    why: Text


def read_orders(file: Path, policy: Policy) -> tuple[list[OrderPlaced], list[BadRow]]:
    """The orders of a table and its bad rows; Failure when it is no table with the columns that are needed."""
    orders: list[OrderPlaced] = []
    bad: list[BadRow] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(read_rows(file), start=2):
        try:
            order = order_of(row, policy)
            earlier = seen.setdefault(order.order_id, number)
            if earlier != number:
                raise RowError(
                    Text(en=f"order_id: stands in row {earlier} already", zh=f"order_id：已见于第 {earlier} 行")
                )
        except RowError as error:
            bad.append(BadRow(number, text_of(row["order_id"]), error.why))
        else:
            orders.append(order)
    return orders, bad


def order_of(row: Row, policy: Policy) -> OrderPlaced:
    """The order in a row, judged as the services would judge it; RowError says what is wrong."""
    written = {name: text_of(row[name]) for name in (*REQUIRED, *OPTIONAL) if text_of(row.get(name))}
    if "placed_at" in written:
        written["placed_at"] = moment_of(row["placed_at"], policy.zone)
    try:
        order = OrderPlaced.model_validate_json(json.dumps(written))
    except ValidationError as error:
        detail = refusal_of(error, (), within=()).detail
        column = detail.partition(":")[0]
        raise RowError(Text(en=detail, zh=f"{column}：内容有误（{detail.removeprefix(column + ': ')}）")) from None
    if policy.rate(order.currency, order.placed_at.astimezone(policy.zone).date()) is None:
        raise RowError(
            Text(
                en=f"currency: the policy has no rate for {order.currency} on that day",
                zh=f"currency：政策中没有 {order.currency} 当日的汇率",
            )
        )
    return order


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a table has to have and may have, and what else they are called."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    aliases: Mapping[str, str]


ORDERS = Columns(REQUIRED, OPTIONAL, ALIASES)


def read_rows(file: Path, columns: Columns = ORDERS) -> Iterator[Row]:
    """Rows by the names of `columns`, other columns by their own; empty ones too, so that rows can be counted."""
    lines = iter(read_workbook(file) if file.suffix.lower() in WORKBOOKS else read_csv(file))
    heading = [columns.aliases.get(name, name) for name in (text_of(cell) for cell in next(lines, ()))]
    missing = [name for name in columns.required if name not in heading]
    if missing:
        lacking = ", ".join(missing)
        raise Failure(
            Text(en=f"{file} lacks the columns {lacking}.", zh=f"{file} 缺少列:{lacking}。"),
            Text(
                en=f"The first row names the columns: {', '.join((*columns.required, *columns.optional))}.",
                zh=f"首行应为列名：{'、'.join((*columns.required, *columns.optional))}。",
            ),
            code=ExitCode.NOT_SO,
        )
    for cells in lines:
        # Short rows lack trailing cells.
        yield dict(zip(heading, [*cells, *[""] * len(heading)], strict=False))


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


def moment_of(cell: Any, zone: ZoneInfo) -> str:
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
                    en=f"placed_at: {written!r} is no day or moment such as 2026-03-02 10:00",
                    zh=f"placed_at：{written!r} 不是日期或时间（如 2026-03-02 10:00）",
                )
            ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()
