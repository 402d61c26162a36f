"""Weeks as ISO 8601 counts them, and when each one's report is owed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.plans import expired_on
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.weeks import DAY, owed, week_named, week_of
from shared.working_time import WorkingTime
from tests.unit.followup.strategies import PACES, POLICY

WORK = WorkingTime(POLICY)


@given(st.dates(date(1990, 1, 8), date(9998, 1, 1)))
def test_a_week_is_named_as_iso_names_it(day: date) -> None:
    """Its name leads back to it, and the weeks around it follow one another without gaps."""
    week = week_of(day)
    assert week.first <= day <= week.last
    assert week_named(week.name) == week
    assert week.name == f"{day:%G-W%V}"
    assert week.next().first == week.last + DAY
    assert week.before().last == week.first - DAY


@pytest.mark.parametrize("name", ["2025-W53", "2026-W00", "0000-W01", "9999-W52", "2026-W99"])
def test_a_week_that_is_none_is_refused(name: str) -> None:
    """2025 has 52 weeks."""
    with pytest.raises(NotPossibleError):
        week_named(name)


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_a_report_is_owed_on_the_last_working_day_up_to_saturday(day: date) -> None:
    """F9: asked for some hours before closing; a week without work owes none."""
    week = week_of(day)
    due = owed(week, WORK)
    working = [each for each in week.days[:6] if WORK.is_working(each)]
    if due is None:
        assert not working
        return
    assert due.on == max(working)
    assert due.at == WORK.ends(due.on)
    assert due.at - due.asked_from == timedelta(hours=POLICY.desk.weekly_report.hours_before_closing)


def test_an_ordinary_saturday_closes_at_half_past_five() -> None:
    """F8: the policy's closing, in Shanghai."""
    due = owed(week_named("2026-W10"), WORK)
    assert due is not None
    assert (due.on, due.at) == (date(2026, 3, 7), datetime(2026, 3, 7, 9, 30, tzinfo=UTC))


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)))
def test_a_plan_lasts_as_long_as_the_policy_says(today: date) -> None:
    """The last day whose plan has run out, leap years among them."""
    lasts = POLICY.desk.plans.lasts
    expired = expired_on(PACES, today)
    assert lasts.after(expired) <= today < lasts.after(expired + DAY)
