"""Counting in working days and in working time, by bisection in the tables of years."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Final

from shared.policy import Policy
from shared.words import Text
from shared.working_time.calendars import DAY, DayInfo
from shared.working_time.tables import MICROSECOND, WEEKDAYS, Years, microseconds, moment_of, years_of

__all__ = ["DAY", "WEEKDAYS", "WorkingTime"]

# What a plan made today may reach: reminders are at most half a year apart, and levelling looks a month ahead.
DIGEST_YEARS: Final = 3


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The company's working days and hours by its policy; days are business dates, moments UTC.

    `away` are days on which one person does not work besides: a rep's leave.
    """

    policy: Policy
    _years: Years = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_years", years_of(self.policy.working_time, self.policy.zone))

    # Days

    def is_working(self, day: date) -> bool:
        """Whether people work on `day`."""
        days = self._years.days(day.year)
        index = bisect_left(days, day.toordinal())
        return index < len(days) and days[index] == day.toordinal()

    def info(self, day: date) -> DayInfo:
        """Whether people work on `day`, why, and why that may still change."""
        return self._years.info(day)

    def provisional(self, day: date) -> Text | None:
        """Why it may still change whether people work on `day`; None when it will not."""
        return self._years.info(day).provisional

    def on_or_after(self, day: date, away: Collection[date] = ()) -> date:
        """`day` itself, or the first working day after it."""
        return next(d for d in self._from(day) if d not in away)

    def on_or_before(self, day: date) -> date:
        """`day` itself, or the last working day before it."""
        return self.plus(day + DAY, -1)

    def plus(self, day: date, working_days: int, away: Collection[date] = ()) -> date:
        """The so-many-th working day after `day`, before it for a negative number.

        0 is `day` itself, or the first working day after it.
        """
        if working_days == 0 or away:
            return self._plus_present(day, working_days, away)
        year, days = day.year, self._years.days(day.year)
        if working_days > 0:
            index = bisect_right(days, day.toordinal()) + working_days - 1
            while index >= len(days):
                index, year = index - len(days), year + 1
                days = self._years.days(year)
        else:
            index = bisect_left(days, day.toordinal()) + working_days
            while index < 0:
                year -= 1
                days = self._years.days(year)
                index += len(days)
        return date.fromordinal(days[index])

    def days_between(self, after: date, until: date, away: Collection[date] = ()) -> int:
        """How many working days lie after `after` and not after `until`; negative the other way round."""
        if until < after:
            return -self.days_between(until, after, away)
        count = sum(len(self._years.days(year)) for year in range(after.year, until.year))
        count += bisect_right(self._years.days(until.year), until.toordinal())
        count -= bisect_right(self._years.days(after.year), after.toordinal())
        return count - sum(after < day <= until and self.is_working(day) for day in away)

    # Moments

    def begins(self, day: date) -> datetime:
        """When work begins on `day`, were it a working day."""
        return self._years.moment(day, self.policy.working_time.opens(day))

    def ends(self, day: date) -> datetime:
        """When work ends on `day`, were it a working day."""
        return self._years.moment(day, self.policy.working_time.closes)

    def starts(self, day: date, away: Collection[date] = ()) -> datetime:
        """When work begins on `day` or on the first working day after it."""
        return self.begins(self.on_or_after(day, away))

    def plus_minutes(self, moment: datetime, minutes: int) -> datetime:
        """As `plus_time`."""
        return self.plus_time(moment, timedelta(minutes=minutes))

    def plus_time(self, moment: datetime, worked: timedelta) -> datetime:
        """The earliest moment by which so much time is worked after `moment`: `moment` itself for none.

        With a negative time the latest moment from which so much is worked until `moment`.
        """
        left = worked // MICROSECOND
        if left == 0:
            return moment.astimezone(UTC)
        year = self._year_of(moment)
        hours = self._years.hours(year)
        left += hours.worked(microseconds(moment))
        if worked > timedelta():
            while left > hours.total:
                left, year = left - hours.total, year + 1
                hours = self._years.hours(year)
            return moment_of(hours.earliest(left))
        while left < 0:
            year -= 1
            hours = self._years.hours(year)
            left += hours.total
        return moment_of(hours.latest(left))

    def time_between(self, since: datetime, until: datetime) -> timedelta:
        """How much time is worked from `since` to `until`; negative the other way round."""
        if until < since:
            return -self.time_between(until, since)
        first, last = self._year_of(since), self._year_of(until)
        worked = sum(self._years.hours(year).total for year in range(first, last))
        worked += self._years.hours(last).worked(microseconds(until))
        worked -= self._years.hours(first).worked(microseconds(since))
        return worked * MICROSECOND

    # The calendar itself

    def digests(self, today: date) -> dict[str, str]:
        """By year, of the days and hours that a plan made today may reach: another digest, other dates."""
        rules = self.policy.working_time
        return {
            str(year): self._digest_of(year, rules.closes.isoformat(), rules.lunch.model_dump_json())
            for year in range(today.year, today.year + DIGEST_YEARS)
        }

    def _digest_of(self, year: int, *hours: str) -> str:
        opens = [self.begins(date(year, month, 1)).isoformat() for month in range(1, 13)]
        return sha256(json.dumps([self._years.days(year), opens, *hours]).encode()).hexdigest()

    def _from(self, day: date) -> Iterator[date]:
        year, days = day.year, self._years.days(day.year)
        index = bisect_left(days, day.toordinal())
        while True:
            for ordinal in days[index:]:
                yield date.fromordinal(ordinal)
            year, index = year + 1, 0
            days = self._years.days(year)

    def _plus_present(self, day: date, working_days: int, away: Collection[date]) -> date:
        """With days away there is nothing to bisect; they are a handful, and so are the days counted."""
        if working_days == 0:
            return self.on_or_after(day, away)
        step = 1 if working_days > 0 else -1
        for _ in range(abs(working_days)):
            day = self.plus(day, step)
            while day in away:
                day = self.plus(day, step)
        return day

    def _year_of(self, moment: datetime) -> int:
        return moment.astimezone(self.policy.zone).year
