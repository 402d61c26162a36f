"""F8 as data: when people work, and the company's own exceptions from its calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from shared.policy.fields import Count, Day, Finding, MonthDay, Section, TimeOfDay, refuse, report, sized
from shared.words import Text

DAY = timedelta(days=1)
LONGEST_EXCEPTION = timedelta(days=366)


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


class Exceptional(Section):
    """Days from `begins` to `until`, both included, on which people work or do not, whatever the calendar says."""

    begins: Day = Field(alias="from")
    until: Day | None = None
    kind: Literal["off", "working"] = Field(alias="is")
    why: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not timedelta() <= self.last - self.begins < LONGEST_EXCEPTION:
            raise refuse("until is not before from, and at most a year later", "until 不得早于 from，且不超过一年")
        return self

    @property
    def last(self) -> date:
        return self.until or self.begins


def _apart(exceptions: tuple[Exceptional, ...]) -> tuple[Exceptional, ...]:
    report(_overlaps(exceptions))
    return exceptions


def _overlaps(exceptions: tuple[Exceptional, ...]) -> Iterator[Finding]:
    for index, (earlier, later) in enumerate(pairwise(exceptions), start=1):
        if later.begins <= earlier.last:
            yield Finding(
                Text(
                    zh=f"应按日期先后排列且不重叠：{later.begins} 不晚于 {earlier.last}",
                    en=f"exceptions are in order and do not overlap: {later.begins} is not after {earlier.last}",
                ),
                (index, "from"),
            )


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Year = Annotated[int, Field(strict=True, ge=1990, le=2200)]


class WorkingTime(Section):
    """F8, in the business time zone."""

    calendar: Literal["company", "china"]
    seasons: Annotated[tuple[Season, ...], sized(1)]
    closes: TimeOfDay
    lunch: Lunch
    days_off: Annotated[tuple[Weekday, ...], sized(0, 6)]
    holidays: Holidays
    # What came later has a default, so that a policy written before is still read.
    spring_festival_from: Literal["day", "eve"] = "day"
    exceptions: Annotated[tuple[Exceptional, ...], sized(0, 500), AfterValidator(_apart)] = ()
    confirmed_years: tuple[Year, ...] = ()
    leave: Literal["wait", "deputy"] = "wait"

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

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        report(
            Finding(
                Text(
                    zh=f"上班时间 {season.opens:%H:%M} 应早于下班时间 {self.closes:%H:%M}",
                    en=f"work opens at {season.opens:%H:%M}, which is not before it closes at {self.closes:%H:%M}",
                ),
                ("seasons", index, "opens"),
            )
            for index, season in enumerate(self.seasons)
            if season.opens >= self.closes
        )
        return self

    def opens(self, day: date) -> time:
        """When work starts on `day`, were it a working day."""
        today = f"{day:%m-%d}"
        # Before the year's first season the last one of the year before still holds.
        return next(
            (season.opens for season in reversed(self.seasons) if season.begins <= today), self.seasons[-1].opens
        )

    @cached_property
    def excepted(self) -> dict[date, Exceptional]:
        """The exception of each day that has one."""
        return {
            entry.begins + n * DAY: entry
            for entry in self.exceptions
            for n in range((entry.last - entry.begins).days + 1)
        }
