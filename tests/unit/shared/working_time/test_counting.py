"""Counting in working days and working time: exact, additive, monotone, and the inverse of each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy import Policy, load_policy
from shared.working_time import DAY, WorkingTime
from tests.in_force import changed

POLICY = load_policy()
ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",  # its clocks move by half an hour
    "Pacific/Apia",  # had no 30 December 2011
    "Africa/Casablanca",  # moves twice more around Ramadan
)


def night_shift(zone: str) -> Policy:
    """Work at the hours at which clocks are moved, so that they matter."""
    return changed(
        POLICY,
        f"night-{zone}",
        time_zone=zone,
        working_time__seasons=[{"from": "01-01", "opens": "00:15"}],
        working_time__lunch={"from": "02:15", "until": "02:45"},
        working_time__closes="04:00",
        working_time__days_off=["friday"],
    )


RULES = [WorkingTime(changed(POLICY, zone, time_zone=zone)) for zone in ZONES] + [
    WorkingTime(night_shift(zone)) for zone in ZONES
]
RULES.append(WorkingTime(changed(POLICY, "china", working_time__calendar="china")))
rules = st.sampled_from(RULES)
days = st.dates(date(2008, 1, 1), date(2031, 12, 31))
moments = st.datetimes(datetime(2008, 1, 1), datetime(2031, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
worked = st.timedeltas(timedelta(), timedelta(days=200))
counts = st.integers(0, 400)


@given(rules, days, counts, counts)
def test_days_add_up(rule: WorkingTime, day: date, first: int, then: int) -> None:
    """n working days after m working days are n + m; none is the next working day, which changes nothing after it."""
    if first and then:
        assert rule.plus(rule.plus(day, first), then) == rule.plus(day, first + then)
    assert rule.plus(rule.plus(day, first), 0) == rule.plus(day, first)


@given(rules, days, st.integers(1, 400))
def test_going_back_undoes_going_forth(rule: WorkingTime, day: date, count: int) -> None:
    """From a working day, and what lies between is as many as were counted."""
    start = rule.on_or_after(day)
    end = rule.plus(start, count)
    assert rule.is_working(end)
    assert rule.plus(end, -count) == start
    assert rule.days_between(start, end) == count == -rule.days_between(end, start)


@given(rules, days)
def test_days_are_what_a_walk_finds(rule: WorkingTime, day: date) -> None:
    """The bisection against the obvious way."""
    walk = day
    while not rule.is_working(walk):
        walk += DAY
    assert rule.on_or_after(day) == walk == rule.plus(day, 0)
    while rule.is_working(walk):
        walk += DAY
    assert rule.on_or_before(walk) == rule.plus(walk, -1) == walk - DAY or not rule.is_working(walk - DAY)


@given(rules, days, st.integers(1, 60), st.sets(st.integers(0, 90), max_size=30))
def test_days_away_are_stepped_over(rule: WorkingTime, day: date, count: int, away_after: set[int]) -> None:
    """A rep's own working days are the company's less the leave, in both ways of counting."""
    away = frozenset(day + n * DAY for n in away_after)
    end = rule.plus(day, count, away)
    assert rule.is_working(end)
    assert end not in away
    assert rule.days_between(day, end, away) == count


@given(rules, moments, worked, worked)
def test_time_adds_up(rule: WorkingTime, moment: datetime, first: timedelta, then: timedelta) -> None:
    """To the microsecond, over lunch, nights, holidays, seasons, years and moved clocks."""
    assert rule.plus_time(rule.plus_time(moment, first), then) == rule.plus_time(moment, first + then)


@given(rules, moments, worked)
def test_what_was_added_lies_between(rule: WorkingTime, moment: datetime, added: timedelta) -> None:
    """`time_between` is the inverse of `plus_time`, forth and back."""
    later, earlier = rule.plus_time(moment, added), rule.plus_time(moment, -added)
    assert earlier <= moment <= later
    assert rule.time_between(moment, later) == added == -rule.time_between(later, moment)
    assert rule.time_between(earlier, moment) == added


@given(rules, moments, moments, worked)
def test_who_begins_later_ends_no_earlier(rule: WorkingTime, one: datetime, other: datetime, added: timedelta) -> None:
    """Deadlines keep the order of what they are counted from."""
    first, second = sorted((one, other))
    assert rule.plus_time(first, added) <= rule.plus_time(second, added)


@given(rules, st.tuples(moments, moments, moments))
def test_between_is_additive(rule: WorkingTime, three: tuple[datetime, datetime, datetime]) -> None:
    """What is worked until noon and from noon on is what is worked; and never more than passed."""
    first, second, third = sorted(three)
    whole = rule.time_between(first, third)
    assert rule.time_between(first, second) + rule.time_between(second, third) == whole
    assert timedelta() <= whole <= third - first


@pytest.mark.parametrize(
    ("since", "minutes", "until"),
    [
        ("2026-03-02T09:00", 60, "2026-03-02T10:00"),
        ("2026-03-02T11:30", 60, "2026-03-02T13:30"),  # over lunch
        ("2026-03-02T11:30", 30, "2026-03-02T12:00"),  # done when lunch begins, not when it ends
        ("2026-03-02T12:20", 1, "2026-03-02T13:01"),
        ("2026-03-07T17:00", 60, "2026-03-09T09:00"),  # Saturday evening, Monday morning
        ("2026-04-30T17:00", 60, "2026-05-04T08:30"),  # over May Day into summer's hours, which begin at 8:00
        ("2026-12-31T17:00", 60, "2027-01-02T09:00"),
        ("2024-02-28T17:00", 510, "2024-02-29T17:30"),  # the leap day is a day like others
        ("2026-03-02T17:00", -450, "2026-03-02T08:30"),
        ("2026-03-02T17:00", -451, "2026-02-28T17:29"),
    ],
)
def test_deadlines_of_the_company(since: str, minutes: int, until: str) -> None:
    """F8 by hand, in Shanghai."""
    rule = WorkingTime(POLICY)
    zone = POLICY.zone
    found = rule.plus_minutes(datetime.fromisoformat(since).replace(tzinfo=zone), minutes)
    assert found == datetime.fromisoformat(until).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("zone", "day", "minutes"),
    [
        ("America/New_York", "2026-03-08", 135),  # an hour is leapt over, lunch is where it would have been
        ("America/New_York", "2026-11-01", 255),  # an hour comes twice
        ("America/New_York", "2026-11-02", 195),
        ("Europe/London", "2026-03-29", 135),
        ("Europe/London", "2026-10-25", 255),
        ("Australia/Lord_Howe", "2026-10-04", 195),  # the half hour that is leapt over was lunch
        ("Australia/Lord_Howe", "2026-04-05", 225),
    ],
)
def test_a_night_on_which_clocks_are_moved(zone: str, day: str, minutes: int) -> None:
    (
        """What is worked is what passes: 3 h 15 min, less or more what the clocks leap.

    A time that does not occur counts by the clock before the leap, one that occurs twice is the first (RFC 5545).
    """
        ""
    )
    rule = WorkingTime(night_shift(zone))
    on = date.fromisoformat(day)
    assert rule.time_between(rule.begins(on), rule.ends(on)) == timedelta(minutes=minutes)


@pytest.mark.parametrize("zone", ZONES)
def test_office_hours_are_eight_everywhere(zone: str) -> None:
    """Moved clocks change when a day begins by the sun, not how long it is."""
    rule = WorkingTime(changed(POLICY, zone, time_zone=zone))
    day = date(2026, 1, 1)
    lengths = set()
    for _ in range(300):
        day = rule.plus(day, 1)
        length = rule.time_between(rule.begins(day), rule.ends(day))
        lengths.add(length)
        assert rule.plus_time(rule.begins(day), length) == rule.ends(day)
    assert lengths == {timedelta(hours=8), timedelta(hours=8, minutes=30)}


def test_a_years_moments_are_in_order() -> None:
    """No hour is worked twice, whatever clocks do."""
    for rule in RULES:
        for year in (2010, 2011, 2012, 2026):
            hours = rule._years.hours(year)
            flat = [moment for span in zip(hours.begins, hours.ends, strict=True) for moment in span]
            assert all(earlier <= later for earlier, later in pairwise(flat)), (rule.policy.version, year)


def test_counting_far_costs_no_more_than_counting_near() -> None:
    """Ten years ahead by bisection in tables, not by walking: far under the 0.3 ms that 3,650 steps of a walk take."""
    rule = WorkingTime(POLICY)
    rule.plus(date(2026, 3, 2), 3000)

    def best_of(days: int) -> float:
        best = 1.0
        for _ in range(50):
            begun = perf_counter()
            rule.plus(date(2026, 3, 2), days)
            best = min(best, perf_counter() - begun)
        return best

    assert best_of(3000) < 0.0001
