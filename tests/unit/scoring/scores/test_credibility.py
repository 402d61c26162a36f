"""A year's sales by tenure lean on the population as far as the data say they must."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.scores.credibility import YEAR, Credibility, Record

records = st.lists(
    st.builds(Record, st.integers(1, 365), st.floats(-1e3, 1e7), st.floats(0, 1e12)), min_size=1, max_size=20
)


@given(records, st.integers(0, 19))
def test_an_estimate_lies_between_the_customers_own_rate_and_the_mean(found: list[Record], index: int) -> None:
    """D2: z is above 0 and below 1, so neither two weeks nor the crowd decides alone."""
    credibility = Credibility.of(found, 14, 365)
    record = found[index % len(found)]
    own, mean = YEAR * record.sales / record.days, YEAR * credibility.mean
    low, high = sorted((own, mean))
    slack = 1e-9 * (abs(low) + abs(high) + 1)
    assert max(low, 0) - slack <= credibility.annual(record.sales, record.days) <= max(high, 0) + slack


@given(records, st.randoms(use_true_random=False))
def test_the_order_of_customers_is_without_effect(found: list[Record], chance: random.Random) -> None:
    """D2: to the last bit."""
    before = Credibility.of(found, 14, 365)
    chance.shuffle(found)
    assert Credibility.of(found, 14, 365) == before


@given(records)
def test_the_policys_bounds_hold(found: list[Record]) -> None:
    """D2: k stays between them whatever the data are."""
    assert 30 <= Credibility.of(found, 30, 200).days <= 200


def test_longer_trade_counts_for_more() -> None:
    """D1: the same rate a day over two weeks and over a year: the year is believed."""
    credibility = Credibility(mean=100.0, days=40.0)
    assert credibility.annual(500 * 15, 15) < credibility.annual(500 * 200, 200) < YEAR * 500
    assert credibility.own_weight(15) == pytest.approx(15 / 55)


def test_equal_customers_show_nothing_of_their_own() -> None:
    """D2: where rates differ by no more than orders scatter, k is the policy's most."""
    assert Credibility.of([Record(100, 1000.0, 100_000.0)] * 5, 14, 365) == Credibility(10.0, 365)


def test_without_trade_there_is_no_mean() -> None:
    """D2: nobody traded, so nothing is expected."""
    assert Credibility.of([], 14, 365).annual(0.0, 1) == 0


def simulated(seed: int, customers: int = 3000) -> tuple[list[Record], list[float], float]:
    """Customers with known true rates a day, and the k that they were drawn with."""
    chance = random.Random(seed)  # noqa: S311 - test data
    size, shape, scale = 50.0, 2.0, 0.02  # of an order; of the gamma that orders a day are drawn from
    found, truth = [], []
    for _ in range(customers):
        often, days = chance.gammavariate(shape, scale), chance.choice([10, 30, 90, 365])
        orders, moment = [], chance.expovariate(often)
        while moment < days:
            orders.append(chance.expovariate(1 / size))
            moment += chance.expovariate(often)
        found.append(Record(days, sum(orders), sum(order**2 for order in orders)))
        truth.append(often * size)
    scatter, between = shape * scale * 2 * size**2, shape * scale**2 * size**2
    return found, truth, scatter / between


@pytest.mark.parametrize("seed", range(3))
def test_k_is_found_in_data_drawn_with_a_known_one(seed: int) -> None:
    """D2: of three thousand customers drawn with k = 100 days, the estimate finds it to a fifth."""
    found, _, k = simulated(seed)
    assert Credibility.of(found, 1, 10_000).days == pytest.approx(k, rel=0.2)


@pytest.mark.parametrize("seed", range(3))
def test_shrunk_rates_are_nearer_the_truth_than_raw_ones_and_than_the_mean(seed: int) -> None:
    """D1: what the shrinkage is for, by mean squared error."""
    found, truth, _ = simulated(seed)
    credibility = Credibility.of(found, 1, 10_000)

    def error(estimates: list[float]) -> float:
        return sum((estimate - true) ** 2 for estimate, true in zip(estimates, truth, strict=True))

    shrunk = error([credibility.annual(record.sales, record.days) / YEAR for record in found])
    assert shrunk < 0.8 * error([record.sales / record.days for record in found])
    assert shrunk < 0.8 * error([credibility.mean] * len(found))
