"""F1–F6 as data: whom to contact how often, and on which occasions."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.contracts.types import CustomerClass
from shared.policy.fields import Count, Days, Name, RuleId, Section, Share, Yes, refuse


class Interval(Section):
    """A number of days, or of calendar months; a hundred years at most, so that each has an end within the calendar."""

    days: Days | None = None
    months: Annotated[int, Field(strict=True, ge=1, le=1200)] | None = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.days is None) == (self.months is None):
            raise refuse("write either {days: n} or {months: n}", "请写 {days: n} 或 {months: n} 之一")
        return self

    def after(self, day: date) -> date:
        """The day one interval later; a month later than 31 January is the last of February."""
        if self.days is not None:
            return day + timedelta(days=self.days)
        months = day.year * 12 + day.month - 1 + (self.months or 0)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Contact(Section):
    """What one contact is: the rule that asks for it, its length in minutes, how and with which words."""

    rule: RuleId
    minutes: Count
    channel: Name
    template: Name


class Cadence(Contact):
    """A contact owed again and again; `plan_required` asks for a written plan first (F3)."""

    every: Interval
    plan_required: Yes


class AheadOfPurchase(Section):
    """F1: remind so many days ahead of the usual purchase date, known from `min_orders` days of purchase on.

    Where half of the intervals lie farther from the usual one than this part of it (`widest`), nothing is predicted.
    """

    days: Days
    min_orders: Annotated[Count, Field(ge=2)]
    # What came later has a default, so that a policy written before is still read.
    widest: Share = Decimal("0.5")


class ContractCadences(Section):
    """F1, by level; `minutes_a_year` is what a customer should cost."""

    key: Cadence
    ordinary: Cadence
    lapsed: Cadence
    minutes_a_year: Count
    ahead_of_purchase: AheadOfPurchase


class SampleCadences(Section):
    """F2, by phase: while the sample is confirmed, after it arrived, and from `quiet_after_days` after that.

    After the arrival a reminding mail takes the place of the ordinary one whenever both are due.
    """

    confirming: Cadence
    delivered: Cadence
    reminding: Cadence
    quiet: Cadence
    quiet_after_days: Count
    minutes_a_year: Count


class PotentialCadences(Section):
    """F3, F4 and F5, by level."""

    high: Cadence
    moderate: Cadence
    none: Cadence
    minutes_a_year: Count


class Cadences(Section):
    """F1–F5: the contacts that a rep owes each customer, by class."""

    contract: ContractCadences
    sample: SampleCadences
    potential: PotentialCadences


class Occasion(Contact):
    """A contact owed to whole classes when something happens."""

    classes: tuple[CustomerClass, ...]


class Occasions(Section):
    """F6."""

    holiday_greeting: Occasion
    new_product: Occasion
