"""Weeks as ISO 8601 counts them, Monday to Sunday, and when each one's report is owed (F9)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.followup.domain.refusal import NotPossibleError
from shared.words import Text
from shared.working_time import WorkingTime

DAY = timedelta(days=1)
SATURDAY = 6


class Week(NamedTuple):
    """A week by its ISO year and number, which begin on `first`, a Monday."""

    name: str
    first: date

    @property
    def last(self) -> date:
        return self.first + 6 * DAY

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + n * DAY for n in range(7))

    def next(self) -> Week:
        return week_of(self.first + 7 * DAY)

    def before(self) -> Week:
        return week_of(self.first - 7 * DAY)


class Owed(NamedTuple):
    """When a week's report is owed: the business date, the moment of closing, and when it is asked for."""

    on: date
    at: datetime
    asked_from: datetime


def week_of(day: date) -> Week:
    """The week that a day is in."""
    year, number, weekday = day.isocalendar()
    return Week(f"{year:04}-W{number:02}", day - (weekday - 1) * DAY)


def week_named(name: str) -> Week:
    """The week of a name such as 2026-W10; NotPossibleError `bad_week` when its year has no such week."""
    try:
        week = week_of(date.fromisocalendar(int(name[:4]), int(name[6:]), 1))
        # The last week that a date can be of has no next one.
        week.next()
        return week
    except (ValueError, OverflowError):
        raise NotPossibleError("bad_week", Text(zh="周的写法如 2026-W10", en="a week is written 2026-W10")) from None


def owed(week: Week, work: WorkingTime) -> Owed | None:
    """Before closing on Saturday, or on the last working day before it; None in a week that nobody works (F9)."""
    days = [day for day in week.days[:SATURDAY] if work.is_working(day)]
    if not days:
        return None
    at = work.ends(days[-1])
    return Owed(days[-1], at, at - timedelta(hours=work.policy.desk.weekly_report.hours_before_closing))
