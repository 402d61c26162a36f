"""Counts of past days add up what entered and left."""

from __future__ import annotations

from datetime import date

import pytest

from services.scoring.domain.customers import Tier
from services.scoring.domain.flows import Every, Flow, counts_on, days_between

KEY, LAPSED = Tier("contract", "key"), Tier("contract", "lapsed")


@pytest.mark.parametrize(
    ("every", "days"),
    [
        ("day", ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"]),
        ("week", ["2026-01-30", "2026-02-02"]),
        ("month", ["2026-01-31", "2026-02-02"]),
    ],
)
def test_counts_are_shown_at_regular_days_and_at_the_last(every: Every, days: list[str]) -> None:
    """Months at their ends; the last day always."""
    found = days_between(date(2026, 1, 30), date(2026, 2, 2), every)
    assert [day.isoformat() for day in found] == days


def test_a_month_that_ends_on_the_last_day_comes_once() -> None:
    """One day is one row, whatever the step."""
    assert list(days_between(date(2026, 1, 1), date(2026, 2, 28), "month")) == [date(2026, 1, 31), date(2026, 2, 28)]
    assert list(days_between(date(2026, 1, 5), date(2026, 1, 5), "week")) == [date(2026, 1, 5)]


def test_days_without_a_decision_keep_the_counts_of_the_day_before() -> None:
    """A level that everybody left is not listed."""
    flows = [Flow(date(2026, 1, 2), KEY, 2), Flow(date(2026, 1, 4), KEY, -2), Flow(date(2026, 1, 4), LAPSED, 2)]
    found = list(counts_on([date(2026, 1, day) for day in (1, 2, 3, 4)], flows))
    assert [dict(counts) for _, counts in found] == [{}, {KEY: 2}, {KEY: 2}, {LAPSED: 2}]
