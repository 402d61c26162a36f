"""What the analyses' answers are, and how figures become them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.scoring.domain.analyses.figures import Dimension, Loyalty, Pair, Period, SalesBy
from services.scoring.domain.analyses.outlook import Outlook
from services.scoring.domain.analyses.promotion import Effect, Verdict, Window
from shared.contracts.tiers import Tier as TierPair
from shared.contracts.types import Level
from shared.money import to_text

Money = Annotated[Decimal, PlainSerializer(to_text, return_type=str)]
"""A decimal string, base currency."""


class PeriodBody(BaseModel):
    """Business dates, both included."""

    model_config = ConfigDict(validate_by_name=True)

    since: date = Field(serialization_alias="from")
    until: date


class CompositionLine(BaseModel):
    """A part of the sales; `key` null is what is not known of them."""

    key: str | None
    customers: int
    orders: int
    quantity: str
    amount: Money
    share: float | None


class PerformanceLine(CompositionLine):
    """With the period of the same length before; `growth` is null where that brought nothing."""

    before: Money
    growth: float | None


class ProfitLine(CompositionLine):
    """`margin` of the amount whose cost is known (O5); `uncosted` is the amount of which it is not, a gap to fill."""

    costed: Money
    cost: Money
    profit: Money
    margin: float | None
    uncosted: Money


class SalesBody(BaseModel):
    """Sales by a dimension, largest first; `rest` is the amount of the keys that are not listed."""

    by: Dimension
    period: PeriodBody
    total: CompositionLine
    rest: Money


class CompositionBody(SalesBody):
    """P3."""

    lines: list[CompositionLine]


class PerformanceBody(SalesBody):
    """P7, performance."""

    total: PerformanceLine
    lines: list[PerformanceLine]


class ProfitBody(SalesBody):
    """P7, profitability."""

    total: ProfitLine
    lines: list[ProfitLine]


class CohortBody(BaseModel):
    """Customers by the month of their first order; `active[n]` of them ordered in the nth month after it."""

    month: str
    customers: int
    active: list[int]


class LoyaltyBody(BaseModel):
    """P7, persistency."""

    period: PeriodBody
    customers: int
    repeated: int
    repeat_rate: float | None
    median_days_between: float | None
    cohorts: list[CohortBody]


class FlowBody(BaseModel):
    """How many customers went from one tier to another; `from` is null for those not known at first."""

    model_config = ConfigDict(validate_by_name=True)

    before: TierPair | None = Field(serialization_alias="from")
    after: TierPair = Field(serialization_alias="to")
    customers: int


class ModelBody(BaseModel):
    """BG/NBD, fitted; times are weeks."""

    model_config = ConfigDict(from_attributes=True)

    r: float
    alpha: float
    a: float
    b: float


class ExpectedBody(BaseModel):
    """What the customers of a level will do: how many still order, and on how many days."""

    model_config = ConfigDict(from_attributes=True)

    level: Level
    customers: int
    alive: float
    orders: float


class PromisingBody(BaseModel):
    """A customer of whom much is expected; `alive` is the chance that it still orders."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: str
    level: Level
    rep: str | None
    last_order_on: date | None
    alive: float
    orders: float


class OutlookBody(BaseModel):
    """P7, prospecting: flows between the ends of the period, and what is expected in the `days` after today.

    `model` is null where the customers' past bears none, as when nobody has ordered twice.
    """

    period: PeriodBody
    flows: list[FlowBody]
    days: int
    model: ModelBody | None
    expected: list[ExpectedBody]
    best: list[PromisingBody]


class PairBody(BaseModel):
    """Two categories bought together; a `lift` of 1 is chance."""

    model_config = ConfigDict(from_attributes=True)

    first: str
    second: str
    first_in: int
    second_in: int
    both: int
    baskets: int
    support: float
    confidence: float
    reverse_confidence: float
    lift: float


class AffinityBody(BaseModel):
    """P7, product."""

    period: PeriodBody
    pairs: list[PairBody]


class WindowBody(BaseModel):
    """What the customers bought in a period of the promotion's length."""

    period: PeriodBody
    amount: float
    orders: int
    buyers: int


class VerdictBody(BaseModel):
    """A measure against what an ordinary period brings; `low` and `high` are null for fewer than three of these."""

    model_config = ConfigDict(from_attributes=True)

    measure: Literal["amount", "orders", "buyers"]
    actual: float
    expected: float | None
    low: float | None
    high: float | None
    difference: float | None
    is_unusual: bool | None


class PromotionBody(BaseModel):
    """P7, promotion: the same `customers` before, during and after; `newcomers` are in no other figure."""

    period: PeriodBody
    sku: str | None
    category: str | None
    confidence: float
    customers: int
    newcomers: int
    before: list[WindowBody]
    during: WindowBody
    after: WindowBody | None
    effect: list[VerdictBody]
    aftermath: list[VerdictBody]


def dated(period: Period) -> PeriodBody:
    return PeriodBody(since=period.since, until=period.until)


def heading(found: SalesBy) -> dict[str, object]:
    return {"by": found.by, "period": dated(found.period), "total": line_of(found, None), "rest": found.rest}


def composed(found: SalesBy) -> list[dict[str, object]]:
    return [line_of(found, place) for place in range(len(found.lines))]


def line_of(found: SalesBy, place: int | None) -> dict[str, object]:
    """A line, or the total, as all three bodies' lines take what they show of it."""
    line = found.total if place is None else found.lines[place]
    return {
        **line._asdict(),
        "quantity": format(line.quantity.normalize(), "f"),
        "share": found.share(line),
        "growth": line.growth,
        "margin": line.margin,
        "profit": line.costed - line.cost,
        "uncosted": line.amount - line.costed,
    }


def loyal(found: Loyalty) -> LoyaltyBody:
    return LoyaltyBody(
        period=dated(found.period),
        customers=found.customers,
        repeated=found.repeated,
        repeat_rate=found.repeat_rate,
        median_days_between=found.median_gap,
        cohorts=[
            CohortBody(month=f"{each.month:%Y-%m}", customers=each.customers, active=list(each.active))
            for each in found.cohorts
        ],
    )


def foreseen(found: Outlook) -> OutlookBody:
    return OutlookBody(
        period=dated(found.period),
        flows=[
            FlowBody(
                before=flow.before and TierPair(**flow.before._asdict()),
                after=TierPair(**flow.after._asdict()),
                customers=flow.customers,
            )
            for flow in found.flows
        ],
        days=found.days,
        model=None if found.model is None else ModelBody.model_validate(found.model),
        expected=[ExpectedBody.model_validate(each) for each in found.expected],
        best=[PromisingBody.model_validate(each) for each in found.best],
    )


def paired(pair: Pair) -> PairBody:
    return PairBody.model_validate(pair)


def judged(found: Effect) -> PromotionBody:
    return PromotionBody(
        period=dated(found.period),
        sku=found.goods.sku,
        category=found.goods.category,
        confidence=found.confidence,
        customers=found.customers,
        newcomers=found.newcomers,
        before=[shown(window) for window in found.before],
        during=shown(found.during),
        after=None if found.after is None else shown(found.after),
        effect=[verdict(each) for each in found.verdicts(found.during)],
        aftermath=[] if found.after is None else [verdict(each) for each in found.verdicts(found.after)],
    )


def shown(window: Window) -> WindowBody:
    return WindowBody(period=dated(window.period), amount=window.amount, orders=window.orders, buyers=window.buyers)


def verdict(found: Verdict) -> VerdictBody:
    return VerdictBody.model_validate(found)
