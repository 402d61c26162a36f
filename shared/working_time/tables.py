"""Years as tables, made once: working days as ordinals, working hours as moments with the time worked before each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from shared.policy.working import WorkingTime
from shared.words import Text
from shared.working_time.calendars import DAY, Calendar, DayInfo, calendar_of, weekly_off

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NOON: Final = time(12)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
# A year's tables are some 30 KB; plans look a few years ahead, and a request may ask for any.
YEARS_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours of a year in order, in microseconds since 1970.

    `before[i]` is worked in the year before `begins[i]`; the last one, of one more item, is the whole year's.
    """

    begins: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]

    @property
    def total(self) -> int:
        return self.before[-1]

    def worked(self, moment: int) -> int:
        """What is worked in the year before `moment`."""
        index = bisect_right(self.begins, moment) - 1
        return 0 if index < 0 else self.before[index] + min(moment, self.ends[index]) - self.begins[index]

    def earliest(self, worked: int) -> int:
        """The earliest moment by which so much is worked: 0 < `worked` <= `total`."""
        # The first interval at whose end at least so much is worked.
        index = bisect_right(self.before, worked - 1) - 1
        return self.begins[index] + worked - self.before[index]

    def latest(self, worked: int) -> int:
        """The latest moment by which no more is worked: 0 <= `worked` < `total`."""
        index = bisect_right(self.before, worked) - 1
        return self.begins[index] + worked - self.before[index]


class Years:
    """The working days and hours of any year under one policy's rules."""

    def __init__(self, rules: WorkingTime, zone: ZoneInfo) -> None:
        self._rules = rules
        self._zone = zone
        self._weekly_off = weekly_off(rules)
        # Bound to this object, which `years_of` keeps few of.
        self.calendar = lru_cache(maxsize=YEARS_KEPT)(self._calendar)
        self.days = lru_cache(maxsize=YEARS_KEPT)(self._days)
        self.hours = lru_cache(maxsize=YEARS_KEPT)(self._hours)

    def info(self, day: date) -> DayInfo:
        """All that is known of a day."""
        calendar = self.calendar(day.year)
        first = calendar.provisional_from
        provisional = calendar.provisional if first is not None and day >= first else None
        if not exists(day, self._zone):
            words = Text(zh=f"{self._zone.key} 没有这一天", en=f"there was no such day in {self._zone.key}")
            return DayInfo(day, working=False, kind="skipped", name=words)
        exception = self._rules.excepted.get(day)
        if exception is not None:
            return DayInfo(day, exception.kind == "working", "exception", exception.why)
        special = calendar.special.get(day)
        if special is not None:
            return DayInfo(day, special.working, special.kind, special.name, provisional)
        off = WEEKDAYS[day.weekday()] in self._weekly_off
        return DayInfo(day, not off, "day_off" if off else "working", None, provisional)

    def moment(self, day: date, at: time) -> datetime:
        """When the zone's clocks show `at` on `day`; the earlier time where they do so twice."""
        return datetime.combine(day, at, self._zone).astimezone(UTC)

    def _calendar(self, year: int) -> Calendar:
        return calendar_of(self._rules, year)

    def _days(self, year: int) -> tuple[int, ...]:
        """The ordinals of the year's working days."""
        first = date(year, 1, 1).toordinal()
        days = (date.fromordinal(first + n) for n in range((date(year, 12, 31).toordinal() - first) + 1))
        return tuple(day.toordinal() for day in days if self.info(day).working)

    def _hours(self, year: int) -> Hours:
        spans = [
            (begins, ends)
            for ordinal in self.days(year)
            for begins, ends in self._spans(date.fromordinal(ordinal))
            # The zone's clocks may leap over an hour of work.
            if begins < ends
        ]
        before = accumulate((ends - begins for begins, ends in spans), initial=0)
        return Hours(tuple(begins for begins, _ in spans), tuple(ends for _, ends in spans), tuple(before))

    def _spans(self, day: date) -> Iterator[tuple[int, int]]:
        opens, closes, lunch = self._rules.opens(day), self._rules.closes, self._rules.lunch
        for begins, ends in ((opens, min(lunch.begins, closes)), (max(lunch.until, opens), closes)):
            if begins < ends:
                yield microseconds(self.moment(day, begins)), microseconds(self.moment(day, ends))


@lru_cache(maxsize=16)
def years_of(rules: WorkingTime, zone: ZoneInfo) -> Years:
    """The tables of these rules, shared by all who count by them."""
    return Years(rules, zone)


def exists(day: date, zone: ZoneInfo) -> bool:
    """Whether the zone had this day: clocks that crossed the date line left one out."""
    return datetime.combine(day, NOON, zone).astimezone(UTC).astimezone(zone).date() == day


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def moment_of(microseconds: int) -> datetime:
    return EPOCH + microseconds * MICROSECOND


__all__ = ["DAY", "WEEKDAYS", "Hours", "Years", "microseconds", "moment_of", "years_of"]
