"""Each market is ranked by itself, whoever comes and goes between them."""

from __future__ import annotations

import gc
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.markets import Market, MarketRanker, Markets
from services.scoring.domain.places import Place
from services.scoring.domain.ranking import Ranker, Scores
from services.scoring.domain.rules import RankingRules
from shared.policy import load_policy
from tests.unit.scoring import naive

START = date(2026, 3, 2)
RULES = RankingRules(
    quantiles=(Fraction(1, 5), Fraction(2, 5), Fraction(3, 5), Fraction(4, 5)),
    weights=(1, 1, 1),
    key_share=Fraction(1, 5),
    lapsed_after_days=20,
)

World = dict[str, tuple[Market, naive.Facts]]
Step = tuple[str, Market, naive.Facts] | str | int

ids = st.sampled_from([f"C-{number}" for number in range(14)])
facts = st.tuples(
    st.integers(0, 25).map(lambda days: START - timedelta(days=days)), st.integers(0, 4), st.integers(-2, 6)
)
steps = st.one_of(
    st.tuples(ids, st.sampled_from([None, "gifts", "retail"]), facts),
    ids,
    st.integers(1, 12),
)
batches = st.lists(st.lists(steps, max_size=20), max_size=6)


def take(ranker: MarketRanker, world: World, step: Step) -> None:
    match step:
        case (customer_id, market, (last, f, m)):
            ranker.change(customer_id, market, last, f, m)
            world[customer_id] = market, (last, f, m)
        case str(customer_id):
            ranker.remove(customer_id)
            world.pop(customer_id, None)
        case int(days):
            ranker.set_today(ranker.today + timedelta(days=days))


def agree(ranker: MarketRanker, world: World) -> set[str]:
    """Compare every market with the definition, and return who is key."""
    key: set[str] = set()
    found = {customer_id: ranker.scores(customer_id) for customer_id in ranker.places}
    expected: dict[str, Scores] = {}
    for market in {market for market, _ in world.values()}:
        members = {c: each for c, (home, each) in world.items() if home == market}
        plain = naive.rank(members, ranker.today, RULES)
        expected |= plain.scores
        key |= plain.key
        assert ranker.of(market).key_size == len(plain.key)
        in_order = sorted(plain.scores, key=lambda c: plain.scores[c].rank)
        assert ranker.of(market).best(99) == in_order
    assert found == expected
    assert {c for c, place in ranker.places.items() if place.is_key} == key
    assert all(place.market == world[c][0] for c, place in ranker.places.items())
    return key


@settings(max_examples=150, deadline=None)
@given(before=batches, undone=batches, after=batches)
def test_every_market_equals_the_definition_also_after_a_rollback(
    before: list[list[Step]], undone: list[list[Step]], after: list[list[Step]]
) -> None:
    """K4: customers change market, lapse, leave and return; who moved across a line is told; undone is undone."""
    ranker, world = MarketRanker(RULES, START, divided=True), dict[str, tuple[Market, naive.Facts]]()
    key: set[str] = set()
    for batch in before:
        for step in batch:
            take(ranker, world, step)
        moved = ranker.settle()
        key, before_key = agree(ranker, world), key
        assert key ^ before_key <= moved.keys()
        ranker.commit()
    kept, today = dict(world), ranker.today
    for batch in undone:
        for step in batch:
            take(ranker, world, step)
        ranker.settle()
    ranker.undo()
    assert ranker.today == today
    agree(ranker, kept)
    for batch in after:
        for step in batch:
            take(ranker, kept, step)
        ranker.settle()
        agree(ranker, kept)


@pytest.mark.parametrize("divided", [True, False])
def test_asking_for_a_market_founds_none(divided: bool) -> None:
    """Callers make up names: nothing of them is kept."""
    ranker = MarketRanker(RULES, START, divided=divided)
    ranker.change("C-1", "gifts" if divided else None, START, 1, 1)
    ranker.settle()
    before = sum(type(each) is Ranker for each in gc.get_objects())
    assert [ranker.best(5, f"made-up {number}") for number in range(20)] == [[]] * 20
    assert sum(type(each) is Ranker for each in gc.get_objects()) == before
    assert ranker.best(5, "gifts" if divided else None) == ["C-1"]


def test_the_file_says_which_market_a_customer_belongs_to() -> None:
    """The policy names a country, its region or a field; where nothing is on file the customer is of no market."""
    regions = load_policy().regions
    of = [Markets(by, regions).of for by in (None, "country", "region", "market")]
    assert [each("AE", {"market": "gifts"}) for each in of] == [None, "AE", "middle_east", "gifts"]
    assert [each(None, None) for each in of] == [None, None, "asia_africa", None]


@settings(max_examples=60, deadline=None)
@given(known=st.dictionaries(ids, st.tuples(st.sampled_from([None, "gifts", "retail"]), facts)), after=batches)
def test_markets_filled_at_once_equal_the_definition(known: World, after: list[list[Step]]) -> None:
    """A rebuild sends each customer to its market; who lapsed is in none; it goes on as any other."""
    ranker, world = MarketRanker(RULES, START, divided=True), dict(known)
    places = []
    for customer_id, (market, (last, f, m)) in known.items():
        places.append(Place(customer_id, last.toordinal(), f, m))
        places[-1].market = market
    ranker.load(places)
    ranker.settle()
    ranker.commit()
    agree(ranker, world)
    for batch in after:
        for step in batch:
            take(ranker, world, step)
        ranker.settle()
        agree(ranker, world)
