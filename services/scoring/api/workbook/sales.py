"""Composition, profit and performance: sheets about sales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.scoring.api.book import Book, Chart, Column
from services.scoring.api.workbook.words import (
    AMOUNT,
    CUSTOMERS,
    DIMENSIONS,
    FIRST_ROW,
    ON_CHART,
    ORDERS,
    REST,
    SHARE,
    TOTAL,
    below,
    spoken,
    titled,
)
from services.scoring.domain.analyses.figures import SalesBy
from shared.words import Text


def composition(book: Book, parts: Sequence[SalesBy]) -> None:
    """P3: who and what makes up the sales."""
    sheet = book.sheet(
        Text(zh="构成", en="Composition"),
        titled(Text(zh="销售构成", en="What sales are made of"), book, parts[0].period),
        Text(
            zh="净额已减退货；级别与地区按客户目前的情况。未列货品的订单归入“未填”。",
            en="Net of returns; level and region as they are now. Orders that name no article are “not known”.",
        ),
    )
    row = FIRST_ROW
    for found in parts:
        columns = (
            Column(DIMENSIONS[found.by], width=30), Column(CUSTOMERS, "whole"), Column(ORDERS, "whole"),
            Column(AMOUNT, "money", 16), Column(SHARE, "part", 10),
        )  # fmt: skip
        rows: list[Sequence[Any]] = [
            (below(book, found, line), line.customers, line.orders, line.amount, found.share(line))
            for line in found.lines
            if line.amount or line.orders
        ]
        shown = min(len(rows), ON_CHART)
        rows += summed(book, found)
        end = book.table(sheet, columns, rows, row)
        if shown:
            title = Text(zh=f"按{DIMENSIONS[found.by].zh}构成", en=f"Sales by {DIMENSIONS[found.by].en}")
            kind = "pie" if found.by in {"level", "region"} else "bar"
            book.chart(sheet, Chart(kind, title, (row + 1, row + shown), [(AMOUNT, 3)]), (row, 6))
        row = max(end, row + 18) + 1


def summed(book: Book, found: SalesBy) -> list[Sequence[Any]]:
    """What is not listed, and the total."""
    total = found.total
    rest: list[Sequence[Any]] = [(book.of(REST), None, None, found.rest, None)] if found.rest else []
    return [*rest, (book.of(TOTAL), total.customers, total.orders, total.amount, found.share(total))]


def profit(book: Book, parts: Sequence[SalesBy]) -> None:
    """P7, profitability: the margin, where the cost is known (O5)."""
    sheet = book.sheet(
        Text(zh="毛利", en="Profit"),
        titled(Text(zh="毛利分析", en="What is earned"), book, parts[0].period),
        Text(
            zh="毛利率 =（售价 − 成本）/ 售价，只算成本已知的部分；成本未知的净额单列，待补。",
            en="Margin = (price − cost) / price, where the cost is known; net amounts without a cost are gaps to fill.",
        ),
    )
    row = FIRST_ROW
    for found in parts:
        columns = (
            Column(DIMENSIONS[found.by], width=30), Column(AMOUNT, "money", 16),
            Column(Text(zh="成本已知净额", en="of it, cost known"), "money", 16),
            Column(Text(zh="成本", en="cost"), "money", 16), Column(Text(zh="毛利", en="profit"), "money", 16),
            Column(Text(zh="毛利率", en="margin"), "part", 10),
            Column(Text(zh="成本未知净额", en="cost not known"), "money", 16),
        )  # fmt: skip
        rows = [
            (name, line.amount, line.costed, line.cost, line.costed - line.cost, line.margin, line.amount - line.costed)
            for name, line in (
                *((below(book, found, line), line) for line in found.lines if line.amount),
                (book.of(TOTAL), found.total),
            )
        ]
        end = book.table(sheet, columns, rows, row)
        shown = min(len(rows) - 1, ON_CHART)
        if shown:
            title = Text(zh=f"按{DIMENSIONS[found.by].zh}的毛利", en=f"Profit by {DIMENSIONS[found.by].en}")
            book.chart(sheet, Chart("bar", title, (row + 1, row + shown), [(columns[4].head, 4)]), (row, 8))
        row = max(end, row + 18) + 1


def performance(book: Book, parts: Sequence[SalesBy]) -> None:
    """P7, performance: against the period before."""
    sheet = book.sheet(
        Text(zh="业绩", en="Performance"),
        titled(Text(zh="业绩分析", en="How sales went"), book, parts[0].period),
        Text(
            zh=f"与此前等长期间（{spoken(parts[0].period.before())}）相比。",
            en=f"Against the period of the same length before it, {spoken(parts[0].period.before())}.",
        ),
    )
    row = FIRST_ROW
    before, growth = Text(zh="上期净额", en="period before"), Text(zh="增长", en="growth")
    for found in parts:
        columns = (
            Column(DIMENSIONS[found.by], width=30), Column(CUSTOMERS, "whole"), Column(ORDERS, "whole"),
            Column(AMOUNT, "money", 16), Column(before, "money", 16), Column(growth, "part", 10),
        )  # fmt: skip
        named = [(below(book, found, line), line) for line in found.lines]
        if found.by == "month":
            named = sorted((name, line) for name, line in named if line.amount or line.orders)
        rows = [
            (name, line.customers, line.orders, line.amount, line.before, line.growth)
            for name, line in (*named, (book.of(TOTAL), found.total))
        ]
        end = book.table(sheet, columns, rows, row)
        shown = min(len(rows) - 1, ON_CHART)
        if shown:
            title = Text(zh=f"按{DIMENSIONS[found.by].zh}的业绩", en=f"Sales by {DIMENSIONS[found.by].en}")
            series = [(AMOUNT, 3)] if found.by == "month" else [(AMOUNT, 3), (before, 4)]
            kind = "column" if found.by == "month" else "bar"
            book.chart(sheet, Chart(kind, title, (row + 1, row + shown), series), (row, 7))
        row = max(end, row + 18) + 1
