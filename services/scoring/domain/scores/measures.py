"""The dimensions of D2, measured: what each customer's number is, or what is missing for it (D4).

- sales: a year's sales judged by tenure (`credibility`).
- purchasing_power: those sales over the purchasing power of the region: what the customer would sell in an average
  place, so that a shop in a poor city is held against what its city can buy.
- room: the part of the customer's business that is not ours: 1 − our share. Our share is taken by sales (a year's
  sales over the customer's own, `business_sales`) and by counters (our counter over all, a rival's of typical size);
  of both the mean, else the one that is known.
- growth: sales of the last growth period over those and the sales of as many days before: 0.5 is unchanged.
- contribution: a year's margin: the margin of lines with known cost, at a year's sales.
- fulfilment: completed orders over those old enough to be (履约率).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Final, Literal

from services.scoring.domain.scores.credibility import Credibility, Record
from services.scoring.domain.scores.traits import Trade, Traits
from shared.policy.scores import Dimension, Scores
from shared.words import Text

Lack = Literal["region", "region_unlisted", "counters", "unreadable", "costs", "completions", "history", "orders"]
"""Why a dimension is not known."""

Filler = Literal["rep", "policy", "order_system", "time"]
"""Who or what can mend a lack."""

FILLERS: Final[Mapping[Lack, Filler]] = {
    "region": "rep",
    "region_unlisted": "policy",
    "counters": "rep",
    "unreadable": "rep",
    "costs": "order_system",
    "completions": "order_system",
    "history": "time",
    "orders": "time",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """A dimension that is not known, why, and the fields of the file that would tell."""

    dimension: Dimension
    lack: Lack
    fields: tuple[str, ...] = ()

    @property
    def filler(self) -> Filler:
        return FILLERS[self.lack]


@dataclass(slots=True)
class Measured:
    """One customer's measures; `days` of trade in the window, `own_weight` of its own sales in the year's.

    `values` has the dimensions that are known, `missing` the others.
    """

    customer_id: str
    rep: str | None
    sales: Decimal
    days: int
    is_new: bool
    own_weight: float
    values: dict[Dimension, float] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    # What room was judged by, for the words: our share by sales and by counters.
    shares: tuple[float | None, float | None] = (None, None)
    region: str | None = None
    rivals: float | None = None


class Measures:
    """Measures customers on one day under one policy."""

    def __init__(self, scores: Scores, today: date) -> None:
        self._policy = scores
        self._today = today

    def of(self, customers: Sequence[Traits]) -> tuple[list[Measured], Credibility]:
        """The measures of all, in their order; the mean that young customers lean on is that of those who trade."""
        bounds = self._policy.credibility
        records = [self._record(customer.trade) for customer in customers if customer.trade is not None]
        credibility = Credibility.of(records, float(bounds.least_days), float(bounds.most_days))
        return [self._measured(customer, credibility) for customer in customers], credibility

    def days_of(self, trade: Trade) -> int:
        """Days of trade within the window, the first one included."""
        return min(max((self._today - trade.first_order_on).days + 1, 1), self._policy.window_days)

    def _record(self, trade: Trade) -> Record:
        return Record(self.days_of(trade), float(trade.sales), float(trade.squares))

    def _measured(self, customer: Traits, credibility: Credibility) -> Measured:
        trade, policy = customer.trade, self._policy
        if trade is None:
            lacks = (Missing(dimension, "orders") for dimension in ("sales", "purchasing_power"))
            found = Measured(customer.customer_id, customer.rep, Decimal(0), 0, False, 0.0, missing=list(lacks))
            self._measure_room(found, customer.attributes, None)
            found.missing += [Missing(each, "orders") for each in ("growth", "contribution", "fulfilment")]
            return found
        days = self.days_of(trade)
        tenure = (self._today - trade.first_order_on).days + 1
        found = Measured(
            customer.customer_id,
            customer.rep,
            trade.sales,
            days,
            tenure <= policy.new_for_days,
            credibility.own_weight(days),
        )
        annual = credibility.annual(float(trade.sales), days)
        found.values["sales"] = annual
        self._measure_power(found, customer.attributes, annual)
        self._measure_room(found, customer.attributes, annual)
        self._measure_growth(found, trade, tenure)
        self._measure_contribution(found, trade, annual)
        self._measure_fulfilment(found, trade)
        return found

    def _measure_power(self, found: Measured, attributes: Mapping[str, str], annual: float) -> None:
        found.region = attributes.get("region") or None
        if found.region is None:
            found.missing.append(Missing("purchasing_power", "region", ("region",)))
            return
        power = self._policy.power_of(found.region)
        if power is None:
            found.missing.append(Missing("purchasing_power", "region_unlisted", ("region",)))
        else:
            found.values["purchasing_power"] = annual / power

    def _measure_room(self, found: Measured, attributes: Mapping[str, str], annual: float | None) -> None:
        unreadable = [
            name
            for name in ("rival_counters", "counter_size", "business_sales")
            if attributes.get(name) and number_of(attributes[name]) is None
        ]
        found.rivals = number_of(attributes.get("rival_counters"))
        business = number_of(attributes.get("business_sales"))
        by_sales = None if annual is None or not business else min(annual / business, 1.0)
        by_counters = None if found.rivals is None else self._counter_share(found.rivals, attributes)
        found.shares = by_sales, by_counters
        known = [share for share in found.shares if share is not None]
        if known:
            found.values["room"] = 1 - sum(known) / len(known)
        if unreadable:
            found.missing.append(Missing("room", "unreadable", tuple(unreadable)))
        elif not known:
            found.missing.append(Missing("room", "counters", ("rival_counters", "business_sales")))

    def _counter_share(self, rivals: float, attributes: Mapping[str, str]) -> float:
        typical = float(self._policy.typical_counter)
        # A counter of ours whose size nobody entered is of typical size.
        own = number_of(attributes.get("counter_size")) or typical
        return own / (own + rivals * typical)

    def _measure_growth(self, found: Measured, trade: Trade, tenure: int) -> None:
        recent, earlier = max(float(trade.recent), 0.0), max(float(trade.earlier), 0.0)
        if tenure < 2 * self._policy.growth_days or not recent + earlier:
            found.missing.append(Missing("growth", "history"))
        else:
            found.values["growth"] = recent / (recent + earlier)

    def _measure_contribution(self, found: Measured, trade: Trade, annual: float) -> None:
        if trade.costed <= 0:
            found.missing.append(Missing("contribution", "costs"))
        else:
            found.values["contribution"] = annual * float(trade.margin) / float(trade.costed)

    def _measure_fulfilment(self, found: Measured, trade: Trade) -> None:
        if trade.fulfilled is None:
            found.missing.append(Missing("fulfilment", "completions"))
        elif not trade.due:
            found.missing.append(Missing("fulfilment", "history"))
        else:
            found.values["fulfilment"] = trade.fulfilled / trade.due


def number_of(written: str | None) -> float | None:
    """A number as people write it in a file (1,200; full-width digits too), not below 0; None for anything else."""
    if not written:
        return None
    try:
        number = float(Decimal(written.replace(",", "").replace("，", "").strip()))
    except (InvalidOperation, ValueError):
        # Not a number; a ValueError: one that signals so (sNaN).
        return None
    return number if isfinite(number) and number >= 0 else None


LACKS: Final[Mapping[Lack, Text]] = {
    "region": Text(zh="档案缺少所在地区", en="the region is not in the file"),
    "region_unlisted": Text(
        zh="所在地区不在政策的购买力表中", en="the region is not in the policy's table of purchasing power"
    ),
    "counters": Text(
        zh="档案缺少竞争专柜数和店铺总销售额",
        en="neither the number of rival counters nor the shop's own sales are in the file",
    ),
    "unreadable": Text(zh="档案中的数字无法读取", en="a number in the file cannot be read"),
    "costs": Text(zh="订单没有成本", en="orders come without costs"),
    "completions": Text(zh="订单系统未报告完成情况", en="the order system tells of no completed orders"),
    "history": Text(zh="交易时间还不够长", en="there is not enough trade behind it yet"),
    "orders": Text(zh="尚无订单", en="no order yet"),
}


def known_values(customers: Iterable[Measured], dimension: Dimension) -> list[float]:
    return [customer.values[dimension] for customer in customers if dimension in customer.values]
