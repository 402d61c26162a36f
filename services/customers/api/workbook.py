"""A customer's file as a workbook: a sheet for each part that may be taken out (P1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Final
from urllib.parse import quote

from fastapi.responses import Response
from pydantic import BaseModel
from xlsxwriter import Workbook

from services.customers.api.bodies import FileBody
from shared.words import Language, Text

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEETS: Final = {
    "file": Text(zh="档案", en="File"),
    "basic": Text(zh="基础资料", en="Basic data"),
    "characteristics": Text(zh="客户特征", en="Characteristics"),
    "business": Text(zh="业务状况", en="Business"),
    "contacts": Text(zh="联系记录", en="Contacts"),
    "inquiries": Text(zh="询盘", en="Inquiries"),
    "trading": Text(zh="交易活动", en="Trading"),
    "newest": Text(zh="订单", en="Orders"),
    "withheld": Text(zh="未导出", en="Not given out"),
}
HEADS: Final = {
    "customer_id": Text(zh="客户编号", en="Customer"), "version": Text(zh="档案版本", en="Version"),
    "class": Text(zh="客户分类", en="Class"), "level": Text(zh="级别", en="Level"),
    "file_tier": Text(zh="档案级别", en="Tier"), "rep": Text(zh="业务员", en="Rep"),
    "department": Text(zh="部门", en="Department"), "name": Text(zh="名称", en="Name"),
    "country": Text(zh="国家", en="Country"), "industry": Text(zh="行业", en="Industry"),
    "website": Text(zh="网站", en="Website"), "buyer": Text(zh="采购负责人", en="Buyer"),
    "source": Text(zh="来源", en="Source"), "potential": Text(zh="潜力", en="Potential"),
    "contacted_at": Text(zh="最近联系", en="Last contact"), "sample_phase": Text(zh="寄样阶段", en="Sample phase"),
    "sample_on": Text(zh="寄样日期", en="Sample on"), "contact_id": Text(zh="联系编号", en="Contact"),
    "made_at": Text(zh="时间", en="At"), "channel": Text(zh="方式", en="Channel"),
    "minutes": Text(zh="分钟", en="Minutes"), "outcome": Text(zh="结果", en="Outcome"),
    "inquiry_id": Text(zh="询盘编号", en="Inquiry"), "received_at": Text(zh="收到时间", en="Received"),
    "text": Text(zh="内容", en="Text"), "judged_at": Text(zh="判断时间", en="Judged"),
    "reasons": Text(zh="理由", en="Reasons"), "judged_by": Text(zh="判断人", en="Judged by"),
    "orders": Text(zh="订单数", en="Orders"), "first_order_on": Text(zh="首单日期", en="First order"),
    "last_order_on": Text(zh="末单日期", en="Last order"), "paid": Text(zh="已收款", en="Paid"),
    "order_id": Text(zh="订单编号", en="Order"), "dated": Text(zh="日期", en="Date"),
    "amount": Text(zh="金额", en="Amount"), "currency": Text(zh="币种", en="Currency"),
    "net": Text(zh="净额", en="Net"), "sold_by": Text(zh="销售人", en="Sold by"),
    "completed": Text(zh="已完成", en="Completed"), "cancelled": Text(zh="已取消", en="Cancelled"),
    "field": Text(zh="项目", en="Field"), "value": Text(zh="内容", en="Value"),
    "reason": Text(zh="原因", en="Reason"), "address": Text(zh="地址", en="Address"),
    "phone": Text(zh="电话", en="Phone"), "city": Text(zh="城市", en="City"),
}  # fmt: skip
LEVELS: Final = {
    "contract": Text(zh="合同客户", en="contract"), "sample": Text(zh="寄样客户", en="sample"),
    "potential": Text(zh="潜力客户", en="potential"), "key": Text(zh="重点客户", en="key"),
    "ordinary": Text(zh="普通客户", en="ordinary"), "lapsed": Text(zh="沉没客户", en="lapsed"),
    "europe_america": Text(zh="欧美", en="Europe, America"), "middle_east": Text(zh="中东", en="Middle East"),
    "asia_africa": Text(zh="亚非", en="Asia, Africa"), "high": Text(zh="重潜", en="high"),
    "moderate": Text(zh="普潜", en="moderate"), "none": Text(zh="无潜", en="none"),
}  # fmt: skip
CODES: Final = {
    "class": LEVELS,
    "level": LEVELS,
    "potential": LEVELS,
    "file_tier": {
        "company": Text(zh="公司级", en="company"), "department": Text(zh="部门级", en="department"),
        "personal": Text(zh="个人级", en="personal"),
    },
    "sample_phase": {
        "none": Text(zh="未寄样", en="none"), "confirming": Text(zh="确认中", en="being confirmed"),
        "delivered": Text(zh="已送达", en="delivered"),
    },
    "field": {field: HEADS[field] for field in ("address", "phone", "city")},
}  # fmt: skip
"""What people call the codes of a column."""

MONEY: Final = frozenset({"amount", "net", "paid"})
MONEY_FORMAT: Final = "#,##0.00##"
# A spreadsheet's numbers are exact up to so many digits; longer sums stay text.
EXACT_DIGITS: Final = 15
WIDTH: Final = 24
# No spreadsheet takes more into a cell.
LONGEST: Final = 32_767
CUT: Final = " …（全文见 JSON 导出 · whole in the JSON export）"


def workbook(file: FileBody, language: Language) -> Response:
    """The file as .xlsx."""
    content, book = begun()
    pen = Pen(book, language)
    for name, rows in sheets(file):
        sheet = book.add_worksheet(SHEETS[name].in_(language))
        sheet.set_column(0, 20, WIDTH)
        if name in FORMS:
            for at, (key, cell) in enumerate(rows):
                pen.head(sheet, at, 0, key)
                # What the customer's own fields are called says nothing of what stands in them.
                pen.cell(sheet, at, 1, "value" if name == "characteristics" else key, cell)
        elif rows:
            keys, *items = rows
            for column, key in enumerate(keys):
                pen.head(sheet, 0, column, key)
            for at, item in enumerate(items, start=1):
                for column, (key, cell) in enumerate(zip(keys, item, strict=True)):
                    pen.cell(sheet, at, column, key, cell)
    book.close()
    return attached(content, f"{file.customer_id}.xlsx")


def begun(made_at: datetime | None = None) -> tuple[BytesIO, Workbook]:
    """A workbook, and where it is written to when it is closed."""
    content = BytesIO()
    book = Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    if made_at is not None:
        book.set_properties({"created": made_at})
    return content, book


class Pen:
    """Writes into the sheets of one book, in one language."""

    def __init__(self, book: Workbook, language: Language) -> None:
        self._language = language
        self._head = book.add_format({"bold": True, "bg_color": "#E8EEF4"})
        self._money = book.add_format({"num_format": MONEY_FORMAT})

    def head(self, sheet: Any, at: int, column: int, key: str) -> None:
        """What people call a column or a line; a field of the customer's own is called what it is called there."""
        sheet.write_string(at, column, HEADS.get(key, Text(zh=key, en=key)).in_(self._language), self._head)

    def cell(self, sheet: Any, at: int, column: int, key: str, cell: Any) -> None:
        """Text or a number, so that nothing that a customer wrote is a formula; money as numbers, to be summed."""
        if isinstance(cell, int) and not isinstance(cell, bool):
            sheet.write_number(at, column, cell)
        elif key in MONEY and len(Decimal(cell).as_tuple().digits) <= EXACT_DIGITS:
            sheet.write_number(at, column, float(cell), self._money)
        else:
            sheet.write_string(at, column, shown(self._told(key, cell)))

    def _told(self, key: str, cell: Any) -> Any:
        codes = CODES.get(key, {})
        if isinstance(cell, tuple):
            return " · ".join(codes[code].in_(self._language) for code in cell)
        return codes[cell].in_(self._language) if cell in codes else cell


def attached(content: BytesIO, name: str) -> Response:
    """A closed workbook for somebody's disk."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content.getvalue(), media_type=MEDIA_TYPE, headers=headers)


CARD: Final = ("customer_id", "version", "class", "file_tier", "rep", "department")
FORMS: Final = frozenset({"file", "basic", "characteristics", "business", "trading"})
"""Sheets of names and values; the others are tables."""


def sheets(file: FileBody) -> Iterable[tuple[str, Sequence[Sequence[Any]]]]:
    """Each sheet's name and its rows, of the parts that are there."""
    yield "file", form(card(file))
    for part in ("basic", "characteristics", "business", "trading"):
        if (values := part_of(file, part)) is not None:
            yield part, form(values)
    if file.business is not None:
        yield "contacts", table(file.business.contacts)
        yield "inquiries", table(file.business.inquiries)
    if file.trading is not None:
        yield "newest", table(file.trading.newest)


def card(file: FileBody) -> dict[str, Any]:
    """What a file is."""
    told = file.model_dump(mode="json", by_alias=True, include=set(CARD) | {"customer_class", "level"})
    level = told["level"]
    return {
        **{key: told[key] for key in CARD},
        "level": None if level is None else (level["class"], level["level"]),
    }


def part_of(file: FileBody, part: str) -> dict[str, Any] | None:
    """The single values of a part; None where it is closed."""
    values = file.model_dump(mode="json", include={part})[part]
    return None if values is None else {key: value for key, value in values.items() if not isinstance(value, list)}


def form(values: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(values.items())


def table(items: Sequence[BaseModel]) -> list[list[Any]]:
    rows = [item.model_dump(mode="json") for item in items]
    return [list(rows[0]), *(list(row.values()) for row in rows)] if rows else []


def shown(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "✓" if cell else ""
        case list():
            cell = "; ".join(map(str, cell))
    text = str(cell)
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT
