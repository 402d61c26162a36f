"""N1–N10 as data: what it costs to break a rule, how a sum follows from a wage, a count or another sum, who judges."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from shared.contracts.types import FileTier as FileTierName
from shared.money import EXACT, multiply
from shared.policy.cadence import Interval
from shared.policy.fields import Count, Currency, Exact, Finding, RuleId, Section, Yes, refuse, report, sized
from shared.policy.shipped import as_shipped
from shared.roles import Role
from shared.words import Text

FineKind = Literal[
    "stale_file",
    "unapproved_consulting",
    "lent_account",
    "unapproved_copy",
    "unapproved_destruction",
    "unapproved_alteration",
    "customer_not_passed_on",
    "regional_customer_not_passed_on",
    "low_margin",
    "repeated_error",
    "poor_display",
    "slow_work",
    "lateness",
    "wrong_delivery",
    "embezzlement",
    "faulty_return",
    "returns_in_month",
]
"""Every breach that the company's rules name (N1–N8)."""

Fact = Literal["person", "file", "order", "sum", "amount", "base_wage", "manager"]
"""What a fine may need to be known (N9): `sum` is the one in question, `amount` the one that is to be paid."""

Money = Annotated[Exact, Field(ge=0)]


class AmountRange(Section):
    """A sum that whoever reports the breach names, within bounds that belong to it (N7: slow work)."""

    least: Money
    most: Money

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if self.most < self.least:
            raise refuse(f"most {self.most} is below least {self.least}", f"上限 {self.most} 小于下限 {self.least}")
        return self


class NthTime(Section):
    """What the n-th time within a month costs; with `further` every later one costs the same (N7: lateness)."""

    time: Count
    amount: Money
    further: Yes = False


class WageBand(Section):
    """`percent` of the month's base wage for a sum up to and with `to`; null is without end (N8)."""

    to: Annotated[Exact, Field(gt=0)] | None
    percent: Annotated[Exact, Field(ge=0, le=100)]


class OfBaseWage(Section):
    """N8: a part of the base wage, by the sum in question; a smaller one than `least` costs nothing."""

    least: Money
    bands: Annotated[tuple[WageBand, ...], sized(1)]

    @field_validator("bands")
    @classmethod
    def _ascending(cls, bands: tuple[WageBand, ...]) -> tuple[WageBand, ...]:
        report(
            Finding(
                Text(
                    zh="各档上限应从小到大，只有最后一档不设上限", en="bands ascend, and only the last one has no end"
                ),
                (index,),
            )
            for index, (low, high) in enumerate(pairwise(bands), start=1)
            if low.to is None or (high.to is not None and high.to <= low.to)
        )
        return bands

    def percent(self, amount: Decimal) -> Decimal | None:
        """Percent of the base wage that a sum costs; None where it costs nothing."""
        if amount < self.least:
            return None
        return next((band.percent for band in self.bands if band.to is None or amount <= band.to), None)


class Measure(Section):
    """N8: what follows, other than a sum, when a month's total is `above` this; the manager may have to answer too."""

    above: Money
    manager_answers: Yes = False
    words: Text


class Fine(Section):
    """One entry of the catalogue: what a breach costs, in one of six ways.

    A fixed `amount`; what the reporter names within `named`; what the n-th time `in_month` costs; the sum in question
    `times` so much; a part `of_base_wage`; `measures` by the month's total. With none of them the breach is only
    recorded. `allowed` is the time after which neglect counts; `evidence` names what may prove it, `needs` the facts
    without which no fine is proposed (N9), `tiers` the files that it is about. Sums are of `Fines.currency`.
    """

    rule: RuleId
    amount: Money | None
    named: AmountRange | None = None
    in_month: Annotated[tuple[NthTime, ...], sized(1)] | None = None
    times: Count | None = None
    of_base_wage: OfBaseWage | None = None
    measures: Annotated[tuple[Measure, ...], sized(1)] | None = None
    per: Literal["occurrence", "month"]
    allowed: Interval | None = None
    dismissal: Yes
    evidence: Annotated[tuple[Literal["entry", "event"], ...], sized(1)]
    needs: tuple[Fact, ...]
    tiers: Annotated[tuple[FileTierName, ...], sized(1)] = ("company", "department", "personal")
    words: Text

    @field_validator("in_month")
    @classmethod
    def _counted_upwards(cls, times: tuple[NthTime, ...] | None) -> tuple[NthTime, ...] | None:
        report(
            Finding(
                Text(
                    zh="次数应从小到大，只有最后一项可写 further", en="times ascend, and only the last one is further"
                ),
                (index,),
            )
            for index, (low, high) in enumerate(pairwise(times or ()), start=1)
            if low.further or high.time <= low.time
        )
        return times

    @field_validator("measures")
    @classmethod
    def _measured_upwards(cls, measures: tuple[Measure, ...] | None) -> tuple[Measure, ...] | None:
        report(
            Finding(Text(zh="各项界限应从小到大", en="the limits of the measures ascend"), (index,))
            for index, (low, high) in enumerate(pairwise(measures or ()), start=1)
            if high.above <= low.above
        )
        return measures

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.amount, self.named, self.in_month, self.times, self.of_base_wage, self.measures)
        if sum(way is not None for way in ways) > 1:
            raise refuse("a fine is priced in one way, not in several", "一项罚款只能有一种计价方式")
        return self

    def nth(self, number: int) -> Decimal | None:
        """What the `number`-th time in a month costs (N7); None where it costs nothing."""
        for each in reversed(self.in_month or ()):
            if number == each.time or (each.further and number > each.time):
                return each.amount
        return None

    def crossed(self, before: Decimal, after: Decimal) -> Sequence[Measure]:
        """The measures that a month's total brings when it grows from `before` to `after` (N8)."""
        return [measure for measure in self.measures or () if before <= measure.above < after]


def of_wage(percent: Decimal, base_wage: Decimal) -> Decimal:
    """So many percent of a wage, exact."""
    return EXACT.scaleb(multiply(percent, base_wage), -2)


class FineCatalogue(Section):
    """N1–N8. What came later than N5 is as shipped in a policy that was written before."""

    stale_file: Fine
    unapproved_consulting: Fine
    lent_account: Fine
    unapproved_copy: Fine
    unapproved_destruction: Fine
    unapproved_alteration: Fine
    customer_not_passed_on: Fine = as_shipped("fines", "catalogue", "customer_not_passed_on")
    regional_customer_not_passed_on: Fine = as_shipped("fines", "catalogue", "regional_customer_not_passed_on")
    low_margin: Fine = as_shipped("fines", "catalogue", "low_margin")
    repeated_error: Fine = as_shipped("fines", "catalogue", "repeated_error")
    poor_display: Fine = as_shipped("fines", "catalogue", "poor_display")
    slow_work: Fine = as_shipped("fines", "catalogue", "slow_work")
    lateness: Fine = as_shipped("fines", "catalogue", "lateness")
    wrong_delivery: Fine = as_shipped("fines", "catalogue", "wrong_delivery")
    embezzlement: Fine = as_shipped("fines", "catalogue", "embezzlement")
    faulty_return: Fine = as_shipped("fines", "catalogue", "faulty_return")
    returns_in_month: Fine = as_shipped("fines", "catalogue", "returns_in_month")

    def of(self, kind: FineKind) -> Fine:
        """The entry of one kind."""
        entry: Fine = getattr(self, kind)
        return entry


JUDGES = (Role.GM, Role.DEPUTY_GM, Role.GM_OFFICE_HEAD, Role.MARKETING_DIRECTOR)
"""Who may be named to judge appeals: neither human resources, who fine (N10), nor who reports."""


class Appeals(Section):
    """N9: how many calendar days a confirmed fine may be appealed against, and who decides (nobody on their own)."""

    within_days: Annotated[int, Field(strict=True, ge=1, le=366)]
    decided_by: Annotated[tuple[Role, ...], sized(1)]

    @field_validator("decided_by")
    @classmethod
    def _not_the_fining(cls, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        report(
            Finding(
                Text(
                    zh=f"{role} 不能裁定申诉；可选：{'、'.join(JUDGES)}",
                    en=f"{role} does not judge appeals; these may: {', '.join(JUDGES)}",
                ),
                (index,),
            )
            for index, role in enumerate(roles)
            if role not in JUDGES
        )
        return roles


class Fines(Section):
    """N1–N9, in one currency."""

    currency: Currency
    catalogue: FineCatalogue
    appeals: Appeals = as_shipped("fines", "appeals")
