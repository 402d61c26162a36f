"""Measures become scores: what is missing is left out, what is better is never worth less."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.scores.allocating import Order, allocate
from services.scoring.domain.scores.measures import number_of
from services.scoring.domain.scores.scoring import POINTS, scale_of, scored
from services.scoring.domain.scores.sharing import ImpossibleError
from services.scoring.domain.scores.traits import Trade, Traits
from services.scoring.domain.scores.wording import ShareWording, impossible
from shared.policy.scores import NamedScore, Transform
from tests.unit.scoring.scores.shops import POLICY, TODAY, lines, measured, shop, ten_shops

GROWTH = POLICY.scores.named["potential_growth"]

traits = st.builds(
    shop,
    customer_id=st.uuids().map(str),
    sales=st.integers(0, 10**7).map(str),
    days=st.integers(1, 900),
    region=st.sampled_from(["", "浙江", "四川德阳", "nowhere"]),
    rival_counters=st.sampled_from(["", "0", "2", "7", "many"]),
    business_sales=st.sampled_from(["", "100000", "2,000,000"]),
)
companies = st.lists(traits, min_size=1, max_size=15, unique_by=lambda each: each.customer_id)
transforms: list[Transform] = ["percentile", "log", "proportional", "as_is"]


@given(companies, st.integers(0, 20_000), st.sampled_from(list(POLICY.resources)), st.randoms(use_true_random=False))
def test_allocation_adds_up_and_no_order_of_customers_matters(
    company: list[Traits], quantity: int, resource: str, chance: random.Random
) -> None:
    """D3: to the unit, for every resource of the policy, whoever is read first."""
    given_ = lines(company, quantity, resource)
    assert sum(line.grant.units for line in given_.values()) == quantity
    assert all(line.least <= line.grant.units <= line.most for line in given_.values())
    chance.shuffle(company)
    assert lines(company, quantity, resource) == given_


@given(st.lists(st.floats(-1e6, 1e9), min_size=1), st.sampled_from(transforms))
def test_transforms_never_fall_and_stay_within_0_and_1(values: list[float], transform: Transform) -> None:
    """D2: more is never worth less."""
    scale = scale_of(transform, values)
    parts = [scale(value) for value in sorted(values)]
    assert parts == sorted(parts)
    assert all(0 <= part <= 1 for part in parts)


@given(companies, st.integers(1, 10**6))
def test_more_sales_never_lower_a_score(company: list[Traits], more: int) -> None:
    """D2: with all else as it was, for scores of sales and reach; the population is held still."""
    score = NamedScore.model_validate(
        {
            "rule": "D2",
            "words": {"zh": "z", "en": "e"},
            "dimensions": {
                "sales": {"weight": 1, "transform": "percentile"},
                "purchasing_power": {"weight": 2, "transform": "log"},
            },
        }
    )
    before = measured(company)
    after = [replace(each, values=dict(each.values)) for each in before]
    for dimension in ("sales", "purchasing_power"):
        if dimension in after[0].values:
            after[0].values[dimension] += more
    was, now = scored(score, before), scored(score, after)
    assert now[0].points >= was[0].points
    assert all(new.points <= old.points for new, old in zip(now[1:], was[1:], strict=True))


def test_what_is_missing_is_left_out_and_the_rest_weighs_more() -> None:
    """D4: without rivals and region the score is that of sales and growth alone, by their own weights."""
    first, second = scored(GROWTH, measured([shop("a", "100000"), shop("b", "50000", rival_counters="3")]))
    assert first.parts == pytest.approx({"sales": 0.75, "growth": 0.5})
    assert first.points == round((2 * 0.75 + 0.5) / 3 * POINTS)
    assert second.parts == pytest.approx({"sales": 0.25, "room": 0.75, "growth": 0.5})
    assert {(gap.dimension, gap.lack) for gap in first.measured.missing if gap.filler == "rep"} == {
        ("purchasing_power", "region"),
        ("room", "counters"),
    }


def test_of_whom_nothing_is_known_the_middle_is_assumed_and_said() -> None:
    """D4: no score can be made of nothing; the reason says so."""
    (result,) = scored(GROWTH, measured([Traits("p", None, {})]))
    assert (result.points, result.parts) == (POINTS // 2, {})
    assert "nothing is known" in ShareWording("CNY").score(GROWTH, result).en
    assert {gap.dimension for gap in result.measured.missing} >= set(GROWTH.dimensions)


@pytest.mark.parametrize(
    ("attributes", "room"),
    [
        ({"rival_counters": "0"}, 0.0),
        ({"rival_counters": "4"}, 0.8),
        ({"rival_counters": "1", "counter_size": "12"}, 0.25),
        ({"business_sales": "400,000"}, 0.75),
        ({"business_sales": "４００００", "rival_counters": "0"}, 0.0),
        ({"rival_counters": "4", "business_sales": "400000"}, 0.775),
    ],
)
def test_room_is_what_is_not_ours_by_counters_and_by_sales(attributes: dict[str, str], room: float) -> None:
    """D2: by counters of their sizes, by the customer's own sales, or the mean of both."""
    (found,) = measured([shop("a", "100000", 365, **attributes)])
    assert found.values["room"] == pytest.approx(room, abs=0.001)


def test_a_number_that_cannot_be_read_is_a_gap_and_not_a_guess() -> None:
    """D4: "several" counters are none that can be counted; another field may still tell."""
    (found,) = measured([shop("a", "100000", rival_counters="several", business_sales="200000")])
    assert found.values["room"] == pytest.approx(0.5)
    assert [(gap.lack, gap.fields) for gap in found.missing if gap.dimension == "room"] == [
        ("unreadable", ("rival_counters",))
    ]
    assert number_of("1，200") == 1200
    assert {number_of(text) for text in ("-1", "nan", "sNaN", "1e400", "1e-", "", None)} == {None}


def test_margin_fulfilment_and_growth_are_measured_where_orders_tell() -> None:
    """D2: a year's margin from lines with costs, completed over due orders, the last period over both."""
    sales = Decimal(365_000)
    trade = Trade(TODAY - timedelta(days=729), sales, sales, Decimal(60), Decimal(40), Decimal(200), Decimal(50), 8, 6)
    (found,) = measured([Traits("a", trade, {})])
    assert found.values["contribution"] == pytest.approx(365_000 / 4)
    assert found.values["fulfilment"] == 0.75
    assert found.values["growth"] == pytest.approx(0.6)


def test_a_floor_for_new_customers_holds_and_says_so() -> None:
    """D3: half an even share, however low the score."""
    company = [shop(f"C-{n}", "900000", region="四川", rival_counters="9") for n in range(9)]
    company.append(shop("new", "1", 3, region="上海", rival_counters="0"))
    line = lines(company, 1000)["new"]
    assert (line.grant.units, line.grant.bound) == (50, "least")
    wording = ShareWording("CNY").share(POLICY.resources["trial_pack"], GROWTH, line)
    assert "a new customer gets at least 50" in wording.en
    assert "新客户保底 50" in wording.zh


@pytest.mark.parametrize(
    ("order", "en", "zh"),
    [
        (
            Order(100, least_new=50, least=20),
            "The floors of 10 customers come to 230 packs, more than 100",
            "保底合计 230",
        ),
        (Order(100, most=5), "The caps of 10 customers come to 50 packs, less than 100", "上限合计 50"),
        (Order(100, least=0, most=12, least_new=30), "A floor is above the cap", "保底高于上限"),
    ],
)
def test_impossible_bounds_are_explained(order: Order, en: str, zh: str) -> None:
    """D3: what the bounds come to, and what to change."""
    resource = POLICY.resources["trial_pack"]
    with pytest.raises(ImpossibleError) as refused:
        allocate(order, resource, GROWTH, measured(ten_shops()))
    words = impossible(refused.value, resource)
    assert en in words.en
    assert zh in words.zh


def test_nobody_to_give_to_is_explained() -> None:
    """D3: no division by the customers that there are not."""
    resource = POLICY.resources["trial_pack"]
    with pytest.raises(ImpossibleError) as refused:
        allocate(Order(5), resource, GROWTH, [])
    assert "no customer" in impossible(refused.value, resource).en
