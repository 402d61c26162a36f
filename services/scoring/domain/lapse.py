"""Why a customer lapsed, from its last year of trade (K7): what it bought, how often, what it dropped, who changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from shared.money import ZERO, total
from shared.words import Text

A_YEAR: Final = timedelta(days=365)
HALF_A_YEAR: Final = timedelta(days=182)


class Purchase(NamedTuple):
    """An order, or a return that names none (`amount` negative); `lines`: how many articles are known of it."""

    entry_id: str
    dated: date
    is_order: bool
    amount: Decimal
    lines: int


class Bought(NamedTuple):
    """What orders of a day held of a category (None: articles without one), in the base currency."""

    dated: date
    category: str | None
    amount: Decimal


class FileChange(NamedTuple):
    """The file said otherwise from a day on; None: nothing."""

    noted_on: date
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Trade:
    """What is known of a customer's trade and of its file, in order of time."""

    purchases: Sequence[Purchase]
    bought: Sequence[Bought]
    buyer: str | None
    suppliers: str | None
    changes: Sequence[FileChange]


@dataclass(frozen=True, slots=True)
class Year:
    """A year of trade that ends on `until`: orders, net amount less unnamed returns, usual days between orders."""

    until: date
    orders: int
    amount: Decimal
    returned: Decimal
    usual_gap_days: int | None


@dataclass(frozen=True, slots=True)
class Category:
    """What was bought of a category in the last year and the one before; dropped: nothing in the last half year."""

    category: str
    year_before: Decimal
    last_year: Decimal
    last_bought_on: date
    dropped: bool


@dataclass(frozen=True, slots=True)
class Lapse:
    """The report: the last year, ending with the last order, held against the year before it.

    `gaps` is what would have to be filled in to know more (D4), `findings` what stands out.
    """

    last_order_on: date
    lapsed_on: date
    last_year: Year
    year_before: Year
    purchases: Sequence[Purchase]
    categories: Sequence[Category]
    buyer: str | None
    buyer_changes: Sequence[FileChange]
    suppliers: str | None
    supplier_changes: Sequence[FileChange]
    findings: Sequence[Text]
    gaps: Sequence[Text]


def explain(last_order_on: date, lapsed_after_days: int, currency: str, trade: Trade) -> Lapse:
    """Analyse the trade of a customer whose last counting order was on `last_order_on`."""
    last = [p for p in trade.purchases if last_order_on - A_YEAR < p.dated]
    before = [p for p in trade.purchases if last_order_on - 2 * A_YEAR < p.dated <= last_order_on - A_YEAR]
    last_year, year_before = year(last_order_on, last), year(last_order_on - A_YEAR, before)
    categories = categories_of(last_order_on, trade.bought)
    buyer_changes = [c for c in trade.changes if c.field == "buyer"]
    supplier_changes = [c for c in trade.changes if c.field == "suppliers"]
    report = Lapse(
        last_order_on=last_order_on,
        lapsed_on=last_order_on + timedelta(days=lapsed_after_days),
        last_year=last_year,
        year_before=year_before,
        purchases=last,
        categories=categories,
        buyer=trade.buyer,
        buyer_changes=buyer_changes,
        suppliers=trade.suppliers,
        supplier_changes=supplier_changes,
        findings=[],
        gaps=list(gaps_of(trade, last)),
    )
    return with_findings(report, currency)


def year(until: date, purchases: Sequence[Purchase]) -> Year:
    orders = sorted({p.dated for p in purchases if p.is_order})
    gaps = [(later - earlier).days for earlier, later in pairwise(orders)]
    return Year(
        until=until,
        orders=sum(p.is_order for p in purchases),
        amount=total(p.amount for p in purchases),
        returned=-total(p.amount for p in purchases if not p.is_order),
        usual_gap_days=round(median(gaps)) if gaps else None,
    )


def categories_of(last_order_on: date, bought: Sequence[Bought]) -> list[Category]:
    """Named categories, the dearest first."""
    amounts: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    newest: dict[str, date] = {}
    for each in bought:
        if each.category is not None and each.dated > last_order_on - 2 * A_YEAR:
            is_last_year = each.dated > last_order_on - A_YEAR
            amounts[each.category][is_last_year] = total([amounts[each.category][is_last_year], each.amount])
            newest[each.category] = max(newest.get(each.category, each.dated), each.dated)
    found = [
        Category(name, before, last, newest[name], dropped=newest[name] <= last_order_on - HALF_A_YEAR)
        for name, (before, last) in amounts.items()
    ]
    return sorted(found, key=lambda c: (-(c.year_before + c.last_year), c.category))


def gaps_of(trade: Trade, last: Sequence[Purchase]) -> list[Text]:
    """What nobody said (D4)."""
    gaps = []
    bare = sum(p.is_order and not p.lines for p in last)
    if bare:
        gaps.append(
            Text(
                zh=f"{bare} 张订单没有产品明细。",
                en="1 order names no articles." if bare == 1 else f"{bare} orders name no articles.",
            )
        )
    if any(each.category is None for each in trade.bought):
        gaps.append(Text(zh="部分产品没有品类。", en="Some articles have no category."))
    if trade.buyer is None:
        gaps.append(Text(zh="档案未填采购负责人。", en="No buyer is on file."))
    if trade.suppliers is None:
        gaps.append(Text(zh="档案未填其他供应商。", en="No other suppliers are on file."))
    return gaps


def with_findings(report: Lapse, currency: str) -> Lapse:
    last, before = report.last_year, report.year_before
    found = [
        Text(
            zh=f"最后一年 {last.orders} 单、{last.amount:,.2f} {currency}；此前一年 {before.orders} 单、"
            f"{before.amount:,.2f} {currency}。",
            en=f"Last year: {last.orders} orders, {last.amount:,.2f} {currency}; the year before: {before.orders} "
            f"orders, {before.amount:,.2f} {currency}.",
        )
    ]
    if last.usual_gap_days and before.usual_gap_days and last.usual_gap_days > before.usual_gap_days:
        found.append(
            Text(
                zh=f"下单间隔由 {before.usual_gap_days} 天拉长到 {last.usual_gap_days} 天。",
                en=f"The usual gap between orders grew from {before.usual_gap_days} to {last.usual_gap_days} days.",
            )
        )
    dropped = [category.category for category in report.categories if category.dropped]
    if dropped:
        found.append(
            Text(
                zh=f"最后半年不再购买：{'、'.join(dropped)}。",
                en=f"No longer bought in the last half year: {', '.join(dropped)}.",
            )
        )
    found += [
        Text(
            zh=f"{c.noted_on} 采购负责人由 {c.before} 换为 {c.after or '（空）'}。",
            en=f"The buyer changed from {c.before} to {c.after or 'nobody'} on {c.noted_on}.",
        )
        for c in report.buyer_changes
        if c.before is not None
    ]
    if report.suppliers is not None:
        found.append(Text(zh=f"其他供应商：{report.suppliers}。", en=f"Other suppliers: {report.suppliers}."))
    return replace(report, findings=found)
