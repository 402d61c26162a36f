"""Shares add up, keep their bounds, follow the scores and do not depend on any order."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.scores.sharing import Claim, Grant, ImpossibleError, share_out

bounds = st.tuples(st.integers(0, 30), st.integers(0, 60)).map(lambda two: (two[0], two[0] + two[1]))
points = st.one_of(st.integers(0, 5), st.integers(0, 1_000_000))


@st.composite
def possible(draw: st.DrawFn) -> tuple[int, list[Claim]]:
    """A quantity that the bounds allow."""
    some = draw(st.lists(st.tuples(points, bounds), min_size=1, max_size=12))
    claims = [Claim(f"C-{number}", score, *limits) for number, (score, limits) in enumerate(some)]
    least, most = sum(claim.least for claim in claims), sum(claim.most for claim in claims)
    return draw(st.integers(least, most)), claims


@given(possible())
def test_shares_sum_to_the_quantity_within_every_bound(case: tuple[int, list[Claim]]) -> None:
    """D3: no unit is lost or made, and nobody stands below a floor or above a cap."""
    quantity, claims = case
    grants = share_out(quantity, claims)
    assert sum(grant.units for grant in grants) == quantity
    assert all(claim.least <= grant.units <= claim.most for claim, grant in zip(claims, grants, strict=True))


@given(possible(), st.randoms(use_true_random=False))
def test_the_order_of_customers_changes_nothing(case: tuple[int, list[Claim]], chance: random.Random) -> None:
    """D3: ties are settled by score and id, not by who was read first."""
    quantity, claims = case
    granted = {claim.customer_id: grant for claim, grant in zip(claims, share_out(quantity, claims), strict=True)}
    chance.shuffle(claims)
    again = {claim.customer_id: grant for claim, grant in zip(claims, share_out(quantity, claims), strict=True)}
    assert granted == again


@given(st.lists(points, min_size=1, max_size=12), bounds, st.data())
def test_a_better_score_never_gets_less(scores: list[int], limits: tuple[int, int], data: st.DataObject) -> None:
    """D3: among customers with the same bounds units follow the scores; equals differ by one unit at most."""
    claims = [Claim(f"C-{number}", score, *limits) for number, score in enumerate(scores)]
    quantity = data.draw(st.integers(limits[0] * len(claims), limits[1] * len(claims)))
    line = sorted(zip(scores, (grant.units for grant in share_out(quantity, claims)), strict=True))
    for (low, fewer), (high, more) in pairwise(line):
        assert fewer <= more
        assert high > low or more - fewer <= 1


@given(possible())
def test_between_bounds_shares_are_proportional_to_scores(case: tuple[int, list[Claim]]) -> None:
    """D3: who is at no bound gets its part of what those together get, to less than one unit."""
    quantity, claims = case
    free = [(c, g) for c, g in zip(claims, share_out(quantity, claims), strict=True) if g.bound is None]
    units, weights = sum(grant.units for _, grant in free), sum(max(claim.points, 1) for claim, _ in free)
    for claim, grant in free:
        assert abs(grant.units * weights - units * max(claim.points, 1)) < weights


@given(st.lists(st.tuples(points, bounds), max_size=6), st.integers(0, 400))
def test_impossible_bounds_are_refused_with_their_sums(some: list[tuple[int, tuple[int, int]]], quantity: int) -> None:
    """D3: exactly where floors ask for more, or caps allow less, than there is."""
    claims = [Claim(str(number), score, *limits) for number, (score, limits) in enumerate(some)]
    least, most = sum(claim.least for claim in claims), sum(claim.most for claim in claims)
    if least <= quantity <= most:
        assert sum(grant.units for grant in share_out(quantity, claims)) == quantity
        return
    with pytest.raises(ImpossibleError) as refused:
        share_out(quantity, claims)
    assert (refused.value.least, refused.value.most, refused.value.customers) == (least, most, len(claims))


def test_remainders_go_to_the_largest_and_ties_to_the_smaller_id() -> None:
    """D3: ten among three equals: the one more goes to the first id in bytes."""
    claims = [Claim(name, 5, 0, 10) for name in ("中", "B", "a")]
    assert [grant.units for grant in share_out(10, claims)] == [3, 4, 3]


def test_a_floor_is_paid_by_the_others_in_proportion() -> None:
    """D3: what the floor takes is taken from the others by score; what the cap leaves goes to them."""
    claims = [Claim("new", 1, 20, 100), Claim("a", 30, 0, 100), Claim("b", 10, 0, 100)]
    assert share_out(100, claims) == [Grant(20, "least", 2439), Grant(60, None, 73170), Grant(20, None, 24390)]
    claims = [Claim("big", 98, 0, 40), Claim("a", 1, 0, 100), Claim("b", 1, 0, 100)]
    assert [(grant.units, grant.bound) for grant in share_out(100, claims)] == [(40, "most"), (30, None), (30, None)]
