"""Loyalty and outlook: sheets about customers."""

from __future__ import annotations

from services.scoring.api.book import Book, Chart, Column
from services.scoring.api.workbook.words import CUSTOMERS, DIMENSIONS, FIRST_ROW, titled
from services.scoring.domain.analyses.figures import Loyalty
from services.scoring.domain.analyses.outlook import Outlook
from shared.words import Text


def loyalty(book: Book, found: Loyalty) -> None:
    """P7, persistency: who comes back."""
    sheet = book.sheet(
        Text(zh="忠诚度", en="Loyalty"),
        titled(Text(zh="客户忠诚度", en="Who comes back"), book, found.period),
        Text(
            zh="留存：首次下单后第 n 个月仍有订单的客户占比；最近一个月可能未满。",
            en="Retention: the share of a month's new customers who ordered in the nth month after it; the last month"
            " may not be over.",
        ),
    )
    facts: tuple[tuple[Text, float | None, str], ...] = (
        (Text(zh="下单客户数", en="customers who ordered"), found.customers, "whole"),
        (Text(zh="其中以前下过单", en="of them not for the first time"), found.repeated, "whole"),
        (Text(zh="复购率", en="repeat rate"), found.repeat_rate, "part"),
        (Text(zh="两次下单间隔中位数（天）", en="median days between orders"), found.median_gap, "decimal"),
    )
    for row, (name, value, form) in enumerate(facts, start=FIRST_ROW):
        sheet.write_string(row, 0, book.of(name))
        if value is not None:
            sheet.write_number(row, 1, value, book.formats[form])
    months = max((len(each.active) for each in found.cohorts), default=0)
    first = FIRST_ROW + len(facts) + 1
    columns = (
        Column(Text(zh="首单月份", en="first order in"), width=30),
        Column(CUSTOMERS, "whole"),
        *(Column(Text(zh=f"第 {n} 月", en=f"month {n}"), "part", 8) for n in range(months)),
    )
    rows = [
        (
            f"{each.month:%Y-%m}",
            each.customers,
            *(each.active[n] / each.customers if n < len(each.active) else None for n in range(months)),
        )
        for each in found.cohorts
    ]
    end = book.table(sheet, columns, rows, first)
    if rows:
        sheet.conditional_format(
            first + 1, 2, end - 1, months + 1, {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#63A375"}
        )
        title = Text(zh="各月新客户在次月的留存", en="New customers who ordered again the month after")
        if months > 1:
            book.chart(
                sheet, Chart("column", title, (first + 1, end - 1), [(columns[3].head, 3)], axis="0%"), (end + 1, 0)
            )


def outlook(book: Book, found: Outlook) -> None:
    """P7, prospecting: the flows as a matrix, and what is to be expected of whom."""
    sheet = book.sheet(
        Text(zh="展望", en="Outlook"),
        titled(Text(zh="级别流动与预期订单", en="Moves between levels, and orders to expect"), book, found.period),
        Text(
            zh=f"行：期初级别；列：期末级别。预期订单为今后 {found.days} 天内的下单天数（BG/NBD 模型）。",
            en=f"Rows: level at first; columns: level in the end. Orders are days of ordering in the next {found.days}"
            " days (BG/NBD model).",
        ),
    )
    befores = sorted({flow.before for flow in found.flows}, key=lambda tier: tier or ("", ""))
    afters = sorted({flow.after for flow in found.flows})
    moved = {(flow.before, flow.after): flow.customers for flow in found.flows}
    columns = (
        Column(Text(zh="期初 \\ 期末", en="from \\ to"), width=30),
        *(Column(Text(zh=book.tier(tier), en=book.tier(tier)), "whole", 16) for tier in afters),
    )
    matrix = [(book.tier(before), *(moved.get((before, after)) for after in afters)) for before in befores]
    row = book.table(sheet, columns, matrix, FIRST_ROW) + 1
    if found.model is None:
        missing = Text(
            zh="客户的历史尚不足以建立模型（无人第二次下单）。",
            en="The past bears no model yet: nobody has ordered twice.",
        )
        sheet.write_string(row, 0, book.of(missing), book.formats["note"])
        return
    orders = Text(zh="预期订单", en="orders expected")
    heads = (
        Column(DIMENSIONS["level"], width=30), Column(CUSTOMERS, "whole", 16),
        Column(Text(zh="仍活跃（预期）", en="still active, expected"), "decimal", 16), Column(orders, "decimal", 16),
    )  # fmt: skip
    levels = [(book.name(each.level), each.customers, each.alive, each.orders) for each in found.expected]
    first, row = row, book.table(sheet, heads, levels, row)
    title = Text(zh="各级别的预期订单", en="Orders to expect by level")
    book.chart(sheet, Chart("column", title, (first + 1, row - 1), [(orders, 3)]), (first, 5))
    named = (
        Column(Text(zh="客户", en="customer"), width=30), Column(DIMENSIONS["level"], width=16),
        Column(DIMENSIONS["rep"], width=16), Column(Text(zh="最近下单", en="last order"), "day", 16),
        Column(Text(zh="仍活跃的概率", en="chance still active"), "part", 16), Column(orders, "ratio", 16),
    )  # fmt: skip
    best = [
        (each.customer_id, book.name(each.level), each.rep, each.last_order_on, each.alive, each.orders)
        for each in found.best
    ]
    book.table(sheet, named, best, max(row, first + 18) + 1)
