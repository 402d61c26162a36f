"""Tables other than orders: customers for a trial, the catalogue, customs records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from deploy.failure import ExitCode, Failure
from deploy.local.tables import Columns, Row, RowError, moment_of, read_rows, text_of
from shared.words import Text

SHOPS = Columns(
    ("customer_id", "days", "sales"),
    ("orders", "recent", "earlier", "costed", "margin", "due", "fulfilled", "region", "rival_counters"),
    {
        "客户编号": "customer_id",
        "客户号": "customer_id",
        "营业天数": "days",
        "销售额": "sales",
        "订单数": "orders",
        "近期销售额": "recent",
        "前期销售额": "earlier",
        "地区": "region",
        "竞争专柜数": "rival_counters",
        "专柜面积": "counter_size",
        "店铺总销售额": "business_sales",
    },
)
NUMBERS = ("sales", "recent", "earlier", "costed", "margin")
COUNTS = ("days", "orders", "due", "fulfilled")
ARTICLES = Columns(
    ("sku", "name"),
    ("category", "words"),
    {
        "产品编号": "sku",
        "货号": "sku",
        "名称": "name",
        "品名": "name",
        "类别": "category",
        "品类": "category",
        "关键词": "words",
    },
)
IMPORTS = Columns(
    ("importer", "country", "hs_code", "goods", "date"),
    ("quantity", "value"),
    {
        "进口商": "importer",
        "国家": "country",
        "海关编码": "hs_code",
        "HS编码": "hs_code",
        "商品": "goods",
        "货物": "goods",
        "数量": "quantity",
        "金额": "value",
        "日期": "date",
    },
)


def read_shops(file: Path) -> list[dict[str, Any]]:
    """Customers as `POST /allocation/trial` takes them; columns that it does not know are fields of the file."""
    return [shop_of(row, number) for number, row in numbered(file, SHOPS, "customer_id")]


def shop_of(row: Row, number: int) -> dict[str, Any]:
    shop: dict[str, Any] = {"customer_id": text_of(row["customer_id"]), "attributes": {}}
    for name, cell in row.items():
        written = text_of(cell)
        if not written or name == "customer_id":
            continue
        if name in NUMBERS:
            shop[name] = amount_of(written, name, number)
        elif name in COUNTS:
            shop[name] = count_of(written, name, number)
        else:
            shop["attributes"][name] = written
    return shop


def read_articles(file: Path) -> list[dict[str, str]]:
    """The catalogue as `PUT /catalogue` takes it."""
    names = (*ARTICLES.required, *ARTICLES.optional)
    return [{name: text_of(row.get(name)) for name in names} for _, row in numbered(file, ARTICLES, "sku")]


def read_imports(file: Path, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Customs records as `POST /customs` takes them."""
    return [import_of(row, number, zone) for number, row in numbered(file, IMPORTS, "importer")]


def import_of(row: Row, number: int, zone: ZoneInfo) -> dict[str, Any]:
    record: dict[str, Any] = {name: text_of(row.get(name)) for name in ("importer", "hs_code", "goods", "quantity")}
    record["country"] = text_of(row["country"]).upper()
    if value := text_of(row.get("value")):
        record["value"] = amount_of(value, "value", number)
    try:
        record["date"] = moment_of(row["date"], zone, "date")[:10]
    except RowError:
        raise unreadable(number, "date", text_of(row["date"])) from None
    return record


def numbered(file: Path, columns: Columns, key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Rows with their numbers as a spreadsheet counts; those without a key are empty ones."""
    for number, row in enumerate(read_rows(file, columns), start=2):
        if text_of(row[key]):
            yield number, row


def amount_of(written: str, column: str, number: int) -> str:
    try:
        amount = Decimal(written.replace(",", ""))
    except InvalidOperation:
        raise unreadable(number, column, written) from None
    if not amount.is_finite():
        raise unreadable(number, column, written)
    return format(amount, "f")


def count_of(written: str, column: str, number: int) -> int:
    if not written.isdecimal():
        raise unreadable(number, column, written)
    return int(written)


def unreadable(number: int, column: str, written: str) -> Failure:
    return Failure(
        Text(
            en=f"Row {number}, {column}: {written!r} cannot be read.",
            zh=f"第 {number} 行 {column}：无法读取 {written!r}。",
        ),
        code=ExitCode.NOT_SO,
    )
