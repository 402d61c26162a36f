"""What time will do is foreseen to the day, and what would keep a level to the cent."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.levels import Levels
from services.scoring.domain.markets import MarketRanker
from services.scoring.domain.outlook import CENT, HEIGHT, MOST, Fall, Outlook, turning_point
from services.scoring.domain.rules import RankingRules
from shared.contracts.types import Level
from shared.policy import load_policy
from tests.unit.scoring import naive

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)
POLICY = load_policy()
LEVELS = Levels(POLICY.regions, POLICY.potential)

Order = tuple[date, int]
"""Business date and cents."""
World = dict[str, list[Order]]


def facts_on(world: World, day: date, rules: RankingRules) -> dict[str, naive.Facts]:
    """Last order, F and M of everybody, straight from the orders."""
    opens = day - timedelta(days=rules.window_days)
    return {
        name: (
            max(dated for dated, _ in orders),
            sum(dated > opens for dated, _ in orders),
            sum(cents for dated, cents in orders if dated > opens) * CENT,
        )
        for name, orders in world.items()
    }


def levels_on(world: World, day: date, rules: RankingRules) -> dict[str, Level]:
    facts = facts_on(world, day, rules)
    key = naive.rank(facts, day, rules).key
    return {
        name: "lapsed" if (day - last).days >= rules.lapsed_after_days else "key" if name in key else "ordinary"
        for name, (last, _, _) in facts.items()
    }


def foreseen(world: World, rules: RankingRules, days: int) -> list[Fall]:
    ranker = MarketRanker(rules, TODAY)
    for name, (last, f, m) in facts_on(world, TODAY, rules).items():
        ranker.change(name, None, last, f, m)
    ranker.settle()
    for name, level in levels_on(world, TODAY, rules).items():
        if name in ranker.places:
            ranker.places[name].level = level
    ranker.commit()
    before = list(ranker.ranking())
    outlook = Outlook(ranker, LEVELS)
    falls = []
    for day in (TODAY + n * DAY for n in range(1, days + 1)):
        gone: dict[str, list[int]] = defaultdict(list)
        for name, orders in world.items():
            for dated, cents in orders:
                if dated == day - timedelta(days=rules.window_days):
                    gone[name].append(cents * CENT)
        falling = outlook.next_day((name, len(amounts), sum(amounts)) for name, amounts in gone.items())
        falls += [outlook.fall_of(place) for place in falling]
    ranker.undo()
    assert list(ranker.ranking()) == before
    return falls


orders = st.lists(
    st.tuples(st.integers(0, 30).map(lambda days: TODAY - days * DAY), st.integers(0, 40).map(lambda n: n * 137)),
    min_size=1,
    max_size=5,
)
worlds = st.dictionaries(st.sampled_from([f"C-{n}" for n in range(16)]), orders, min_size=1, max_size=16)
rules = st.builds(
    RankingRules,
    quantiles=st.just((Fraction(1, 5), Fraction(2, 5), Fraction(3, 5), Fraction(4, 5))),
    weights=st.sampled_from([(1, 1, 1), (5, 3, 1), (1, 10, 100)]),
    key_share=st.sampled_from([Fraction(1, 5), Fraction(1, 2)]),
    window_days=st.sampled_from([20, 28]),
    lapsed_after_days=st.sampled_from([20, 25]),
    counts_lapsed=st.booleans(),
    pareto_share=st.sampled_from([None, None, Fraction(4, 5)]),
)


@settings(max_examples=60, deadline=None)
@given(world=worlds, rules=rules)
def test_falls_are_foreseen_to_the_day_and_what_keeps_a_level_to_the_cent(world: World, rules: RankingRules) -> None:
    """K4, K6: by the plain definition the order keeps the level on that day, and one of a cent less does not."""
    today = levels_on(world, TODAY, rules)
    falls = {fall.customer_id: fall for fall in foreseen(world, rules, 6)}
    first: dict[str, tuple[date, Level]] = {}
    for day in (TODAY + n * DAY for n in range(1, 7)):
        for name, level in levels_on(world, day, rules).items():
            if HEIGHT[level] < HEIGHT[today[name]]:
                first.setdefault(name, (day, level))
    assert {name: (fall.falls_on, fall.falls_to) for name, fall in falls.items()} == first
    for name, fall in falls.items():
        assert fall.level == today[name]

        def level_with(cents: int, name: str = name, fall: Fall = fall) -> int:
            then = levels_on(world | {name: [*world[name], (TODAY, cents)]}, fall.falls_on, rules)
            return HEIGHT[then[name]]

        if fall.keeps is None:
            assert level_with(MOST) < HEIGHT[fall.level]
        else:
            cents = int(fall.keeps * 100)
            assert level_with(cents) >= HEIGHT[fall.level]
            assert cents == 0 or level_with(cents - 1) < HEIGHT[fall.level]


@given(least=st.integers(1, 10**14), guess=st.integers(1, 10**14 - 1))
def test_the_turning_point_is_found_from_any_guess(least: int, guess: int) -> None:
    """Whatever is guessed; and that nothing holds is found too."""
    expected = None if least > MOST else least
    assert turning_point(lambda number: number >= least, guess, MOST) == expected


@pytest.mark.parametrize("near", [0, 1, -1])
def test_a_near_guess_asks_little(near: int) -> None:
    """Each question settles a population: when the line tells the amount, a few are enough."""
    asked: list[int] = []

    def holds(number: int) -> bool:
        asked.append(number)
        return number >= 5000

    assert turning_point(holds, 5000 + near, MOST) == 5000
    assert len(asked) <= 5
