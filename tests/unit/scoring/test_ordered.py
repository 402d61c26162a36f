"""Ordered customers: a sorted list that does not slow down."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from itertools import accumulate, pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.line import Group, fewest, select
from services.scoring.domain.ordered import OrderedPlaces
from services.scoring.domain.places import BEYOND, FIRST, Mark, Place, behind

# Amounts that many share, and amounts that differ by less than a float can tell.
amounts = st.one_of(st.integers(-3, 3), st.integers(10**30, 10**30 + 5), st.integers(-(10**40), 10**40))
marks = st.builds(lambda m, name: (-m, name), amounts, st.sampled_from(["", "C-1", "C-5", "中", "\U0001f600"]))
bounds = st.one_of(marks, st.sampled_from([FIRST, BEYOND]))


def place(number: int, amount: int) -> Place:
    return Place(f"C-{number}", 0, 1, amount)


def sorted_by_mark(places: list[Place]) -> list[Place]:
    return sorted(places, key=lambda each: (each.mark[0], each.mark[1].encode()))


@given(
    laid=st.lists(amounts, max_size=50),
    span=st.integers(0, 3000),
    steps=st.lists(st.one_of(amounts, st.integers(0, 10**6).map(float)), max_size=200),
    bounds=st.lists(bounds, max_size=10),
    seed=st.integers(0, 2**32),
)
def test_ordered_places_are_a_sorted_list(
    laid: list[int], span: int, steps: list[int | float], bounds: list[Mark], seed: int
) -> None:
    """After any additions (whole numbers) and removals (parts of all), all answers are those of a sorted list."""
    chance = Random(seed)  # noqa: S311 - test data
    numbers = iter(range(10**6))
    expected = [place(next(numbers), amount) for amount in laid]
    ordered = OrderedPlaces(summed=True)
    ordered.update(expected)
    for _ in range(span):
        new = place(next(numbers), chance.choice([7, chance.randrange(10**30), chance.randrange(200)]))
        ordered.add(new)
        expected.append(new)
    for step in steps:
        if isinstance(step, int):
            new = place(next(numbers), step)
            ordered.add(new)
            expected.append(new)
        elif expected:
            ordered.remove(expected.pop(int(step) % len(expected)))
    plain = sorted_by_mark(expected)
    assert ordered.size == len(plain)
    assert ordered.between(0, len(plain)) == plain
    assert [ordered.at(position) for position in range(0, len(plain), 7)] == plain[::7]
    marks = [each.mark for each in plain]
    brought = list(accumulate((each.m for each in plain), initial=0))
    for bound in [*bounds, *marks[::5], *map(behind, marks[::5])]:
        assert ordered.count_below(bound) == bisect_left(marks, bound)
        assert ordered.brought_below(bound) == brought[bisect_left(marks, bound)]
    cuts = [chance.randrange(len(plain) + 1) for _ in range(6)]
    for start, stop in pairwise(cuts):
        assert ordered.between(start, stop) == plain[start:stop]


@given(
    groups=st.lists(st.integers(1, 900), min_size=1, max_size=90),
    share=st.floats(0, 1, exclude_max=True),
    guess=st.integers(-(2**20), 0),
    seed=st.integers(0, 2**32),
)
def test_selection_finds_the_mark_at_any_place_of_many_runs(
    groups: list[int], share: float, guess: int, seed: int
) -> None:
    """Whatever is guessed, the found mark is the one at that place of all customers in order."""
    chance = Random(seed)  # noqa: S311 - test data
    values = iter(chance.sample(range(2**20), sum(groups)))
    runs, everything = [], []
    for size in groups:
        run = OrderedPlaces()
        run.update([place(value, value) for value in (next(values) for _ in range(size))])
        start = chance.randrange(size + 1)
        stop = chance.randrange(start, size + 1)
        runs.append((run, start, stop))
        everything += run.between(start, stop)
    if everything:
        index = int(share * len(everything))
        assert select(runs, index, (guess, "")) == sorted(each.mark for each in everything)[index]


@given(
    sizes=st.lists(st.integers(0, 300), min_size=1, max_size=20),
    share=st.sampled_from([Fraction(1, 100), Fraction(4, 5), Fraction(99, 100)]),
    least=st.sampled_from([-900, -5, 0, 1]),
    guess=st.integers(-1000, 1000),
    seed=st.integers(0, 2**32),
)
def test_the_fewest_who_bring_a_share_are_found_from_any_guess(
    sizes: list[int], share: Fraction, least: int, guess: int, seed: int
) -> None:
    """篇1: the size is that of counting from the top until the share is brought; nobody when all bring nothing."""
    chance = Random(seed)  # noqa: S311 - test data
    numbers = iter(range(10**6))
    everybody: list[Place] = []
    groups = []
    for size in sizes:
        group = Group(1, 1, summed=True)
        members = [place(next(numbers), chance.randint(least, 900)) for _ in range(size)]
        group.places.update(members)
        groups.append(group)
        everybody += members
    brought = list(accumulate((each.m for each in sorted_by_mark(everybody)), initial=0))
    expected = next(size for size, amount in enumerate(brought) if amount >= share * brought[-1])
    size, bound = fewest(groups, share, (guess, ""))
    assert size == expected
    assert sum(group.places.count_below(bound) for group in groups) == expected
