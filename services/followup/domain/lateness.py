"""How late a reminder is, in working days (F8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

DAY = timedelta(days=1)
LONGEST = 3660
"""Calendar days that are looked back: who waited for ten years is late by ten years."""


class Lateness:
    """Counts from `today` back, each calendar day once, whoever asks."""

    def __init__(self, is_working: Callable[[date], bool], today: date) -> None:
        self._is_working = is_working
        self._today = today
        # What a reminder listed so many calendar days ago is late by.
        self._by_age = [0]
        self._passed = 0

    def days(self, listed_on: date) -> int:
        """Working days since the day of the list, 0 while that day is not over.

        A list of a day off is worked on the working day after it.
        """
        age = (self._today - listed_on).days
        return 0 if age <= 0 else self._of_age(min(age, LONGEST))

    def listed_until(self, working_days: int) -> date:
        """The latest day whose list is late by that many working days, of which there is at least one."""
        age = 0
        while age < LONGEST and self._of_age(age) < working_days:
            age += 1
        return self._today - age * DAY

    def _of_age(self, age: int) -> int:
        while len(self._by_age) <= age:
            day = self._today - len(self._by_age) * DAY
            # Working days after `day`, up to today.
            self._passed += self._is_working(day + DAY)
            # The first one after a day off is the day of its list, not a late one.
            self._by_age.append(self._passed if self._is_working(day) else max(0, self._passed - 1))
        return self._by_age[age]


def late_from(is_working: Callable[[date], bool], listed_on: date) -> date:
    """The first day on which a reminder of this day's list is late: the second working day from it on."""
    day, seen = listed_on, 0
    for _ in range(LONGEST):
        seen += is_working(day)
        if seen == 2:  # noqa: PLR2004 - the day of the list, and the one after
            break
        day += DAY
    return day
