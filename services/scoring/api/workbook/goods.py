"""Affinity and promotion: sheets about goods."""

from __future__ import annotations

from collections.abc import Sequence

from services.scoring.api.book import Book, Chart, Column
from services.scoring.api.workbook.words import AMOUNT, FIRST_ROW, MEASURES, ON_CHART, PERIOD, spoken, titled
from services.scoring.domain.analyses.figures import Pair, Period
from services.scoring.domain.analyses.promotion import Effect
from shared.words import Text


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
        book.chart(sheet, Chart("bar", title, (FIRST_ROW + 1, last), [(lift, 6)], (0, 1), "0.0"), (FIRST_ROW, 8))


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
