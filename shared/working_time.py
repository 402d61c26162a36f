"""When people work (F8): working days, and the moments at which they begin and end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from shared.policy import Policy

DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The company's working days by its policy; days are business dates, moments UTC."""

    policy: Policy

    def is_working(self, day: date) -> bool:
        """Whether people work on `day`."""
        return WEEKDAYS[day.weekday()] not in self.policy.working_time.days_off

    def on_or_after(self, day: date) -> date:
        """`day` itself, or the first working day after it."""
        return next(d for d in (day + n * DAY for n in count()) if self.is_working(d))

    def on_or_before(self, day: date) -> date:
        """`day` itself, or the last working day before it."""
        return next(d for d in (day - n * DAY for n in count()) if self.is_working(d))

    def plus(self, day: date, working_days: int) -> date:
        """The so-many-th working day after `day`; 0 is `day` itself, or the first working day after it."""
        day = self.on_or_after(day) if working_days == 0 else day
        for _ in range(working_days):
            day = self.on_or_after(day + DAY)
        return day

    def begins(self, day: date) -> datetime:
        """When work begins on `day`, were it a working day."""
        return self._moment(day, self.policy.working_time.opens(day))

    def ends(self, day: date) -> datetime:
        """When work ends on `day`, were it a working day."""
        return self._moment(day, self.policy.working_time.closes)

    def starts(self, day: date) -> datetime:
        """When work begins on `day` or on the first working day after it."""
        return self.begins(self.on_or_after(day))

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.policy.zone).astimezone(UTC)
