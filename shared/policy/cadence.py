"""F1–F6 and F8 as data: whom to contact how often, on which occasions, and when people work."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from shared.contracts.types import CustomerClass
from shared.policy.fields import (
    Count,
    Days,
    Finding,
    MonthDay,
    Name,
    RuleId,
    Section,
    TimeOfDay,
    Yes,
    refuse,
    report,
    sized,
)
from shared.words import Text


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
    """F1: remind so many days ahead of the usual purchase date, known from `min_orders` orders on."""

    days: Count
    min_orders: Annotated[Count, Field(ge=2)]


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


class Season(Section):
    """From its first day (`05-01`) until the next season begins, work starts at `opens`."""

    begins: MonthDay = Field(alias="from")
    opens: TimeOfDay


class Lunch(Section):
    begins: TimeOfDay = Field(alias="from")
    until: TimeOfDay

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until <= self.begins:
            raise refuse("lunch ends after it begins", "午休结束应晚于开始")
        return self


class Holidays(Section):
    """F8: how many days each holiday has in the company's calendar."""

    new_year: Count
    spring_festival: Count
    may_day: Count
    national_day: Count


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class WorkingTime(Section):
    """F8, in the business time zone."""

    calendar: Literal["company", "china"]
    seasons: Annotated[tuple[Season, ...], sized(1)]
    closes: TimeOfDay
    lunch: Lunch
    days_off: Annotated[tuple[Weekday, ...], sized(0, 6)]
    holidays: Holidays

    @field_validator("seasons")
    @classmethod
    def _seasons_in_order(cls, seasons: tuple[Season, ...]) -> tuple[Season, ...]:
        report(
            Finding(
                Text(
                    zh=f"季节应按日期先后排列且不重叠：{later.begins} 不晚于 {earlier.begins}",
                    en=f"seasons are in order and do not overlap: {later.begins} is not after {earlier.begins}",
                ),
                (index, "from"),
            )
            for index, (earlier, later) in enumerate(pairwise(seasons), start=1)
            if later.begins <= earlier.begins
        )
        return seasons

    def opens(self, day: date) -> time:
        """When work starts on `day`, were it a working day."""
        today = f"{day:%m-%d}"
        # Before the year's first season the last one of the year before still holds.
        return next(
            (season.opens for season in reversed(self.seasons) if season.begins <= today), self.seasons[-1].opens
        )
