"""What the sheets call things."""

from __future__ import annotations

from typing import Final

from services.scoring.api.book import Book
from services.scoring.domain.analyses.figures import Dimension, Period, Sales, SalesBy
from shared.words import Text

DIMENSIONS: Final[dict[Dimension, Text]] = {
    "level": Text(zh="级别", en="level"),
    "region": Text(zh="地区", en="region"),
    "country": Text(zh="国家", en="country"),
    "category": Text(zh="品类", en="category"),
    "sku": Text(zh="货号", en="article"),
    "channel": Text(zh="渠道", en="channel"),
    "rep": Text(zh="业务员", en="rep"),
    "month": Text(zh="月份", en="month"),
}
MEASURES: Final = {
    "amount": Text(zh="净额", en="net amount"),
    "orders": Text(zh="订单数", en="orders"),
    "buyers": Text(zh="下单客户数", en="customers who ordered"),
}
TOTAL: Final = Text(zh="合计", en="total")
REST: Final = Text(zh="其余", en="the rest")
CUSTOMERS: Final = Text(zh="客户数", en="customers")
ORDERS: Final = Text(zh="订单数", en="orders")
AMOUNT: Final = Text(zh="净额", en="net amount")
SHARE: Final = Text(zh="占比", en="share")
PERIOD: Final = Text(zh="期间", en="period")
FIRST_ROW = 4  # of a sheet's first table: below title, subtitle and note
ON_CHART = 15  # lines that a chart can show legibly


def spoken(period: Period) -> str:
    return f"{period.since.isoformat()} – {period.until.isoformat()}"


def titled(title: Text, book: Book, period: Period) -> Text:
    """A title with the period and the currency in it."""
    currency = book.currency
    return Text(zh=f"{title.zh}  {spoken(period)}（{currency}）", en=f"{title.en}  {spoken(period)} ({currency})")


def below(book: Book, found: SalesBy, line: Sales) -> str:
    """What a line of sales is called."""
    return book.name(line.key) if found.by in {"level", "region"} or line.key is None else line.key
