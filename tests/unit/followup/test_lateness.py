"""Lateness in working days, counted one way and another."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.lateness import Lateness, late_from
from tests.unit.followup.strategies import DAY, TODAY

calendars = st.sets(st.integers(-60, 5), max_size=40)
"""Days off, by their distance from today."""


def working(off: set[int], day: date) -> bool:
    return (day - TODAY).days not in off


def counted(off: set[int], listed_on: date) -> int:
    """Working days after the day of the list, which is the first working day from it on."""
    worked_on = listed_on
    while not working(off, worked_on):
        worked_on += DAY
    days = [worked_on + n * DAY for n in range(1, 1 + max(0, (TODAY - worked_on).days))]
    return sum(working(off, day) for day in days)


@given(off=calendars, asked=st.lists(st.integers(-5, 50), min_size=1, max_size=8))
def test_lateness_is_the_working_days_since_the_day_of_the_list(off: set[int], asked: list[int]) -> None:
    """In whatever order lists are asked about; today's and later ones are not late."""
    lateness = Lateness(lambda day: working(off, day), TODAY)
    for age in asked:
        listed_on = TODAY - age * DAY
        assert lateness.days(listed_on) == (counted(off, listed_on) if age > 0 else 0)


@given(off=calendars, working_days=st.integers(1, 9))
def test_the_latest_list_that_is_so_late_is_found(off: set[int], working_days: int) -> None:
    """Every list up to it is as late, and the one after it is not."""
    lateness = Lateness(lambda day: working(off, day), TODAY)
    until = lateness.listed_until(working_days)
    assert lateness.days(until) >= working_days
    assert lateness.days(until + DAY) < working_days
    assert all(lateness.days(until - n * DAY) >= working_days for n in range(20))


@given(off=calendars, age=st.integers(1, 50))
def test_a_list_is_late_from_the_day_on_which_it_is_late_by_one(off: set[int], age: int) -> None:
    """What SQL compares with and what people are shown agree on every day."""
    listed_on = TODAY - age * DAY
    lateness = Lateness(lambda day: working(off, day), TODAY)
    assert (late_from(lambda day: working(off, day), listed_on) <= TODAY) == (lateness.days(listed_on) > 0)


def test_a_calendar_without_work_comes_to_an_end() -> None:
    """A policy that gives every day off is no reason to search for ever."""
    lateness = Lateness(lambda _: False, TODAY)
    assert lateness.days(TODAY - 900 * DAY) == 0
    assert lateness.listed_until(1) < TODAY - 3000 * DAY
    assert late_from(lambda _: False, TODAY) > TODAY + 3000 * DAY
