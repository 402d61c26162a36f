"""When the next contact of each kind is due (F1–F5)."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.followup.domain.cadence import Pace, last_start, settled, spread
from services.followup.domain.customer import Facts, Standing
from shared.policy.cadence import Interval
from tests.unit.followup.strategies import DAY, LEVELS, PACES, TODAY, Rank, days, known, planned, standing, told

paces = st.sampled_from(
    [
        *{
            pace
            for owed in (*PACES.by_level.values(), *PACES.by_phase.values())
            for pace in owed
            if pace.span != "ahead"
        },
    ]
)


def due_on(line: str, facts: Facts, level: Standing, *, today: date = TODAY) -> date | None:
    return planned(facts, level, today=today).lines[line].due_on


@pytest.mark.parametrize(
    ("level", "line", "contacted_on", "expected"),
    [
        (("contract", "key"), "F1", date(2026, 2, 10), date(2026, 3, 10)),
        (("contract", "ordinary"), "F1", date(2026, 2, 28), date(2026, 3, 28)),
        (("contract", "lapsed"), "F1", date(2026, 3, 1), date(2026, 4, 1)),
        (("potential", "high"), "F3", date(2026, 1, 15), date(2026, 3, 15)),
        (("potential", "moderate"), "F4", date(2026, 1, 15), date(2026, 4, 15)),
        (("potential", "none"), "F5", date(2026, 1, 15), date(2026, 7, 15)),
    ],
)
def test_each_level_is_contacted_at_the_interval_of_its_rule(
    level: Rank, line: str, contacted_on: date, expected: date
) -> None:
    """F1, F3, F4, F5: one, two, three and six calendar months after the last contact."""
    facts = known(contacted_on=contacted_on)
    assert due_on(line, facts, standing(*level)) == expected


@pytest.mark.parametrize(
    ("contacted_on", "expected"),
    [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2024, 1, 31), date(2024, 2, 29)),
        (date(2026, 8, 31), date(2026, 9, 30)),
        (date(2026, 12, 31), date(2027, 1, 31)),
    ],
)
def test_a_month_ends_where_the_shorter_one_ends(contacted_on: date, expected: date) -> None:
    """F1: a month after the 31st is the last day of a shorter month."""
    facts = known(contacted_on=contacted_on)
    assert due_on("F1", facts, standing("contract", "key"), today=contacted_on) == expected


@given(contacted_on=st.none() | days, last_order_on=st.none() | days, since=days)
def test_the_clock_starts_at_the_last_contact_else_the_last_order_else_the_decision(
    contacted_on: date | None, last_order_on: date | None, since: date
) -> None:
    """F7: and when that leads to a past date, as after an import, the first contact lies within one interval."""
    facts = known(orders=1 if last_order_on else 0, last_order_on=last_order_on, contacted_on=contacted_on)
    expected = Interval(months=3).after(contacted_on or last_order_on or since)
    due = due_on("F4", facts, standing("potential", "moderate", since=since))
    if expected >= TODAY:
        assert due == expected
    else:
        assert due is not None
        assert TODAY <= due < Interval(months=3).after(TODAY)


def test_first_dates_are_spread_evenly_over_the_interval() -> None:
    """After an import every day of the month gets its share of the customers."""
    month_after = Interval(months=1).after
    first_dates = Counter(spread(f"C-{n}", TODAY, month_after) for n in range(31_000))
    assert min(first_dates) == TODAY
    assert max(first_dates) == month_after(TODAY) - DAY
    assert len(first_dates) == 31
    assert all(850 < count < 1150 for count in first_dates.values())


def test_a_delivered_sample_is_mailed_every_two_days_and_reminded_every_six() -> None:
    """F2: two lines run at once, and the quiet one waits behind them."""
    lines = planned(known(sample=("delivered", TODAY)), standing("sample", "europe_america")).lines
    assert {name: line.due_on for name, line in lines.items()} == {
        "F2.delivered": TODAY + 2 * DAY,
        "F2.reminding": TODAY + 6 * DAY,
        "F2.quiet": TODAY + 90 * DAY,
    }


def test_a_sample_being_confirmed_is_mailed_daily() -> None:
    """F2: the policy's default is every day."""
    lines = planned(known(sample=("confirming", TODAY)), standing("sample", "asia_africa")).lines
    assert {name: line.due_on for name, line in lines.items()} == {
        "F2.confirming": TODAY + DAY,
        "F2.quiet": TODAY + 90 * DAY,
    }


@given(age=st.integers(0, 400), since_contact=st.none() | st.integers(0, 400))
def test_a_sample_is_followed_up_closely_for_sixty_days_and_then_monthly(age: int, since_contact: int | None) -> None:
    """F2: whatever the contacts, close follow-up ends on the sixtieth day and the quiet one begins after it."""
    sample_on = TODAY - age * DAY
    contacted_on = None if since_contact is None else TODAY - since_contact * DAY
    facts = known(sample=("delivered", sample_on), contacted_on=contacted_on)
    lines = planned(facts, standing("sample", "europe_america")).lines
    quiet_on = sample_on + 60 * DAY
    for name in ("F2.delivered", "F2.reminding"):
        due = lines[name].due_on
        assert due is None if age > 60 else due is None or TODAY <= due <= quiet_on
    quiet_due = lines["F2.quiet"].due_on
    assert quiet_due is not None
    assert max(TODAY, quiet_on + DAY) <= quiet_due <= max(TODAY, quiet_on) + 30 * DAY


def test_an_earlier_contact_does_not_hurry_a_new_phase() -> None:
    """F2: nothing is owed from before the sample arrived."""
    facts = known(sample=("delivered", TODAY), contacted_on=TODAY - 20 * DAY)
    assert due_on("F2.delivered", facts, standing("sample", "europe_america")) == TODAY + 2 * DAY


def test_a_purchase_is_expected_at_the_usual_interval_and_reminded_of_ahead() -> None:
    """F1: orders usually 40 days apart, so the next is reminded of 33 days after the last."""
    facts = known(orders=4, last_order_on=TODAY - 10 * DAY, rhythm=(4, 40, 6))
    assert due_on("F1.purchase", facts, standing("contract", "key")) == TODAY + 23 * DAY


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(known(orders=4, last_order_on=TODAY, rhythm=(4, 3, 0)), id="more often than notice"),
        pytest.param(known(orders=4, last_order_on=date(2020, 4, 1), rhythm=(4, 30, 2)), id="expected long ago"),
        pytest.param(known(orders=4, last_order_on=TODAY, rhythm=(4, 41, 21)), id="too unlike to predict by"),
    ],
)
def test_a_purchase_that_cannot_be_helped_is_not_reminded_of(facts: Facts) -> None:
    """F1: nothing is owed ahead of a purchase when it is too late, or would be at once."""
    assert due_on("F1.purchase", facts, standing("contract", "key")) is None


@pytest.mark.parametrize(("contacted", "owed"), [(12, True), (13, False), (14, False)])
def test_a_contact_in_time_is_the_one_owed_ahead_of_a_purchase(contacted: int, owed: bool) -> None:
    """F1: who was in touch on the day or later has done it; who was before still owes it."""
    facts = known(orders=3, last_order_on=TODAY - 10 * DAY, rhythm=(3, 30, 5))
    schedule = planned(facts, standing("contract", "key"))
    assert schedule.lines["F1.purchase"].due_on == TODAY + 13 * DAY
    contacted_on = TODAY + contacted * DAY
    moved = told(schedule, [facts._replace(version=2, contacted_on=contacted_on)], today=contacted_on)
    assert moved.lines["F1.purchase"].due_on == (TODAY + 13 * DAY if owed else None)


def test_two_orders_say_nothing_of_a_habit() -> None:
    """F1: the usual purchase date is judged from the policy's number of orders on."""
    facts = known(orders=2, last_order_on=TODAY - 40 * DAY, rhythm=(2, 40, 0))
    assert set(planned(facts, standing("contract", "key")).lines) == {"F1"}


def test_every_level_owes_at_least_one_contact() -> None:
    """F1–F5: nobody is forgotten, a customer without potential neither (K5: never drop one)."""
    for level in LEVELS:
        lines = planned(known(sample=("delivered", TODAY)), standing(*level)).lines
        assert any(line.due_on is not None for line in lines.values()), level


@given(pace=paces, due=days, late=st.integers(0, 500))
def test_one_reminder_stands_for_all_dates_that_an_outage_swallowed(pace: Pace, due: date, late: int) -> None:
    """The sequence goes on from the last date that is not in the future."""
    today = due + late * DAY
    dates = [due]
    while dates[-1] <= today:
        dates.append(pace.cadence.every.after(dates[-1]))
    assert settled(pace, due, today) == dates[-2]


@given(pace=paces, due=days, contacted_on=days)
def test_a_contact_answers_what_it_would_have_kept_from_falling_due(pace: Pace, due: date, contacted_on: date) -> None:
    """F7: the border day is exactly where the clock, started then, no longer leads to the due date."""
    assume(abs((due - contacted_on).days) < 400)
    assert (contacted_on > last_start(pace, due)) == (pace.cadence.every.after(contacted_on) > due)
