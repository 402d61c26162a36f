"""Ordered keys: a sorted list that does not slow down."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.line import select
from services.scoring.domain.ordered import OrderedKeys

numbers = st.integers(0, 3000)


def key(number: int) -> bytes:
    return number.to_bytes(2)


def ordered(values: set[int]) -> OrderedKeys:
    keys = OrderedKeys()
    keys.update([key(value) for value in values])
    return keys


@given(
    laid=st.sets(numbers, max_size=50),
    span=st.integers(0, 3000),
    steps=st.lists(numbers, max_size=200),
    bounds=st.lists(numbers, max_size=10),
)
def test_ordered_keys_are_a_sorted_list(laid: set[int], span: int, steps: list[int], bounds: list[int]) -> None:
    """After any additions and removals, counts, positions and slices are those of a sorted list."""
    expected = laid | set(range(1000, 1000 + span // 2))
    keys = ordered(expected)
    for number in steps:
        if number in expected:
            keys.remove(key(number))
        else:
            keys.add(key(number))
        expected ^= {number}
    for number in range(span):
        if number not in expected:
            keys.add(key(number))
            expected.add(number)
    plain = sorted(map(key, expected))
    assert keys.size == len(plain)
    assert [keys.at(position) for position in range(0, len(plain), 7)] == plain[::7]
    assert [keys.count_below(key(bound)) for bound in bounds] == [bisect_left(plain, key(bound)) for bound in bounds]
    for start, stop in pairwise(min(bound, len(plain)) for bound in bounds):
        assert keys.between(start, stop) == plain[start:stop]


@given(
    groups=st.lists(st.integers(1, 900), min_size=1, max_size=90),
    share=st.floats(0, 1, exclude_max=True),
    guess=st.integers(0, 2**20),
    seed=st.integers(0, 2**32),
)
def test_selection_finds_the_key_at_any_place_of_many_runs(
    groups: list[int], share: float, guess: int, seed: int
) -> None:
    """Whatever is guessed, the found key is the one at that place of all keys in order."""
    chance = Random(seed)  # noqa: S311 - test data
    values = iter(chance.sample(range(2**20), sum(groups)))
    runs, everything = [], []
    for size in groups:
        run = OrderedKeys()
        run.update([next(values).to_bytes(3) for _ in range(size)])
        start = chance.randrange(size + 1)
        stop = chance.randrange(start, size + 1)
        runs.append((run, start, stop))
        everything += run.between(start, stop)
    if everything:
        index = int(share * len(everything))
        assert select(runs, index, guess.to_bytes(3)) == sorted(everything)[index]
