"""The analyses as a workbook that a manager prints: a sheet and a chart for each, landscape, one page wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from services.scoring.api.book import Book, Chart, Column
from services.scoring.domain.analyses.figures import Dimension, Loyalty, Pair, Period, Sales, SalesBy
from services.scoring.domain.analyses.outlook import Outlook
from services.scoring.domain.analyses.promotion import Effect
from services.scoring.usecases.analysing import Report
from shared.words import Language, Text

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

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


def workbook(report: Report, language: Language) -> bytes:
    """The bytes of an .xlsx file."""
    book = Book(report.today, report.currency, language)
    by = {found.by: found for found in report.sales}
    composition(book, [by["level"], by["region"], by["category"]])
    loyalty(book, report.loyalty)
    profit(book, [by["category"], by["sku"]])
    performance(book, [by["sku"], by["channel"], by["rep"], by["month"]])
    outlook(book, report.outlook)
    affinity(book, report.pairs, report.loyalty.period)
    if report.promotion is not None:
        promotion(book, report.promotion)
    return book.close()


def spoken(period: Period) -> str:
    return f"{period.since.isoformat()} – {period.until.isoformat()}"


def titled(title: Text, book: Book, period: Period) -> Text:
    """A title with the period and the currency in it."""
    currency = book.currency
    return Text(zh=f"{title.zh}  {spoken(period)}（{currency}）", en=f"{title.en}  {spoken(period)} ({currency})")


def below(book: Book, found: SalesBy, line: Sales) -> str:
    """What a line of sales is called."""
    return book.name(line.key) if found.by in {"level", "region"} or line.key is None else line.key


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
            book.chart(sheet, Chart("column", title, (first + 1, end - 1), [(columns[3].head, 3)]), (end + 1, 0))


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


def affinity(book: Book, pairs: Sequence[Pair], period: Period) -> None:
    """P7, product: what is bought together."""
    sheet = book.sheet(
        Text(zh="关联", en="Affinity"),
        titled(Text(zh="品类关联", en="Bought together"), book, period),
        Text(
            zh="支持度：同一订单中同时出现的占比；置信度：买甲也买乙的占比；提升度大于 1 表示比偶然更常一起购买。",
            en="Support: of all orders, those with both; confidence: of those with the first, those with both; a lift"
            " above 1 is more often than by chance.",
        ),
    )
    lift = Text(zh="提升度", en="lift")
    columns = (
        Column(Text(zh="品类甲", en="first"), width=30), Column(Text(zh="品类乙", en="second"), width=30),
        Column(Text(zh="同现订单", en="orders with both"), "whole"),
        Column(Text(zh="支持度", en="support"), "part", 10),
        Column(Text(zh="置信度 甲→乙", en="confidence"), "part", 14),
        Column(Text(zh="置信度 乙→甲", en="the other way"), "part", 14), Column(lift, "ratio", 10),
    )  # fmt: skip
    rows = [(p.first, p.second, p.both, p.support, p.confidence, p.reverse_confidence, p.lift) for p in pairs]
    book.table(sheet, columns, rows, FIRST_ROW)
    if rows:
        last = FIRST_ROW + min(len(rows), ON_CHART)
        title = Text(zh="提升度最高的品类", en="Pairs of the greatest lift")
        book.chart(sheet, Chart("bar", title, (FIRST_ROW + 1, last), [(lift, 6)], names=(0, 1)), (FIRST_ROW, 8))


def promotion(book: Book, found: Effect) -> None:
    """P7, promotion: against the same customers' ordinary periods."""
    goods = found.goods.sku or found.goods.category
    about = Text(
        zh=f"促销效果{f'：{goods}' if goods else ''}", en=f"What the promotion did{f': {goods}' if goods else ''}"
    )
    sheet = book.sheet(
        Text(zh="促销", en="Promotion"),
        titled(about, book, found.period),
        Text(
            zh=f"同一批 {found.customers:,} 位老客户；区间为平常期间以 {found.confidence:.0%} 可信度会落入的范围，"
            f"未计趋势与季节。期间新客户 {found.newcomers:,} 位另计。",
            en=f"The same {found.customers:,} customers; the interval is where an ordinary period would lie with"
            f" {found.confidence:.0%} confidence, trend and season aside. {found.newcomers:,} new customers are not in"
            " it.",
        ),
    )
    during, after = Text(zh="促销期", en="during"), Text(zh="促销后", en="after")
    columns = (
        Column(PERIOD, width=30), Column(Text(zh="指标", en="measure"), width=22),
        Column(Text(zh="实际", en="actual"), "money", 16), Column(Text(zh="预期", en="expected"), "money", 16),
        Column(Text(zh="下限", en="from"), "money", 16), Column(Text(zh="上限", en="to"), "money", 16),
        Column(Text(zh="差额", en="difference"), "money", 16), Column(Text(zh="异常", en="unusual"), width=10),
    )  # fmt: skip
    yes, no = Text(zh="是", en="yes"), Text(zh="否", en="no")
    rows = [
        (
            book.of(name), book.of(MEASURES[each.measure]), each.actual, each.expected, each.low, each.high,
            each.difference, None if each.is_unusual is None else book.of(yes if each.is_unusual else no),
        )
        for name, window in ((during, found.during), (after, found.after))
        if window is not None
        for each in found.verdicts(window)
    ]  # fmt: skip
    row = book.table(sheet, columns, rows, FIRST_ROW) + 1
    windows = [*found.before, found.during, *([found.after] if found.after else [])]
    heads = (
        Column(PERIOD, width=30), Column(MEASURES["amount"], "money", 22), Column(MEASURES["orders"], "whole", 16),
        Column(MEASURES["buyers"], "whole", 16),
    )  # fmt: skip
    end = book.table(sheet, heads, [(spoken(w.period), w.amount, w.orders, w.buyers) for w in windows], row)
    title = Text(zh="各期净额", en="Net amount, period by period")
    book.chart(sheet, Chart("column", title, (row + 1, end - 1), [(AMOUNT, 1)]), (end + 1, 0))
