"""What is computed of the sums: the purchase model against its authors' figures, effects against made-up ones."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.analyses.figures import Pair, Period
from services.scoring.domain.analyses.outlook import Past, by_level, forecasts
from services.scoring.domain.analyses.promotion import judge
from services.scoring.domain.analyses.purchases import Buyers, PurchaseModel, fit

CDNOW = Path(__file__).with_name("cdnow_39_weeks.csv")
PUBLISHED = PurchaseModel(r=0.243, alpha=4.414, a=0.793, b=2.426)
"""Fader, Hardie and Lee (2005): the 2,357 customers of CDNOW's sample, 39 weeks."""


def sample() -> list[Buyers]:
    """That sample: customers with the same past in a row, days as the shop kept them."""
    with CDNOW.open(newline="") as file:
        rows = [[int(cell) for cell in row] for row in list(csv.reader(file))[1:]]
    return [Buyers(repeats, recency / 7, age / 7, customers) for repeats, recency, age, customers in rows]


def test_the_fit_finds_the_published_parameters() -> None:
    """To the three decimals that the paper prints."""
    assert sum(each.customers for each in sample()) == 2357
    model = fit(sample())
    assert model is not None
    assert (round(model.r, 3), round(model.alpha, 3)) == (0.243, 4.414)
    assert (round(model.a, 3), round(model.b, 3)) == (0.793, 2.426)


def test_expectations_are_the_published_ones() -> None:
    """The authors' worked example: two repeat orders, the last in week 30.43 of 38.86, expected in the next 39."""
    assert round(PUBLISHED.expected([Buyers(2, 30.43, 38.86, 1)], 39)[0], 3) == 1.226


def test_nobody_came_back_bears_no_model() -> None:
    """There is nothing to learn a rate from."""
    assert fit([Buyers(0, 0, 10, 50)]) is None


def test_a_few_customers_of_one_habit_bear_a_model_without_end() -> None:
    """All alike, and none ever gone: the likelihood grows for ever, the parameters must not."""
    model = fit([Buyers(20, 100, 101, 3), Buyers(19, 99, 101, 3)])
    assert model is not None
    (expected,) = model.expected([Buyers(20, 100, 101, 1)], 10)
    assert expected == pytest.approx(2, abs=0.2)


buyers = st.builds(
    lambda repeats, share, age: Buyers(repeats, age * share if repeats else 0.0, age, 1),
    st.integers(0, 5000),
    st.floats(0, 1),
    st.floats(0, 2000),
)


@settings(deadline=None)
@given(buyers, st.floats(0.1, 500))
def test_any_past_has_a_finite_expectation(past: Buyers, weeks: float) -> None:
    """Frequent buyers overflow the formula as it is printed."""
    expected, alive = PUBLISHED.expected([past], weeks)[0], PUBLISHED.alive([past])[0]
    assert 0 <= alive <= 1
    assert 0 <= expected < float("inf")
    assert PUBLISHED.expected([past], weeks * 2)[0] >= expected * (1 - 1e-9)


def test_levels_sum_up_their_customers() -> None:
    """A past shared by three counts three times."""
    pasts = [Past("key", 3, 70, 140, 3), Past("key", 0, 0, 140, 1), Past("lapsed", 1, 7, 700, 2)]
    found = forecasts(PUBLISHED, pasts, 90)
    key, lapsed = by_level(found)
    assert (key.level, key.customers, lapsed.level, lapsed.customers) == ("key", 4, "lapsed", 2)
    assert key.orders == pytest.approx(3 * found[0].orders + found[1].orders)


def test_an_effect_is_unusual_beyond_the_students_interval() -> None:
    """Mean 10, deviation 2 over 4 periods: 95 % of a fifth lies within 3.182 x 2 x sqrt(1 + 1/4) of it."""
    ordinary = [8.0, 12.0, 10 - 2 * 0.5**0.5, 10 + 2 * 0.5**0.5]
    verdict = judge("amount", ordinary, 17.2, 0.95)
    assert verdict.expected == pytest.approx(10)
    assert verdict.difference == pytest.approx(7.2)
    assert verdict.low == pytest.approx(10 - 3.1824 * 2 * 1.25**0.5, abs=1e-3)
    assert verdict.is_unusual
    assert not judge("amount", ordinary, 17.0, 0.95).is_unusual


def test_too_few_ordinary_periods_have_no_interval() -> None:
    """Nobody can say how much two periods differ in general, or what to expect of none."""
    assert judge("orders", [4.0, 6.0], 50.0, 0.95)[1:] == (50.0, 5.0, None, None)
    assert judge("orders", [4.0, 6.0], 50.0, 0.95).is_unusual is None
    assert judge("orders", [], 50.0, 0.95).difference is None


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e9), min_size=3, max_size=12), st.sampled_from(["orders", "buyers", "amount"]))
def test_the_mean_itself_is_never_unusual(ordinary: list[float], measure: str) -> None:
    """Whatever the periods brought."""
    mean = sum(ordinary) / len(ordinary)
    assert not judge(measure, ordinary, mean, 0.9).is_unusual  # type: ignore[arg-type]


def test_independent_categories_have_a_lift_of_one() -> None:
    """A tenth and a half of all baskets, both in a twentieth."""
    pair = Pair("cups", "tea", first_in=10, second_in=50, both=5, baskets=100)
    assert (pair.support, pair.confidence, pair.reverse_confidence, pair.lift) == (0.05, 0.5, 0.1, 1.0)


def test_the_period_before_is_as_long_and_ends_the_day_before() -> None:
    """Both ends count."""
    assert Period(date(2026, 3, 1), date(2026, 3, 31)).before() == Period(date(2026, 1, 29), date(2026, 2, 28))
