"""Who stands before whom (K4), told from groups inside which the order never changes with the cutoffs.

All members of a group have the same R score and the same F, so the weighted mean grows with M inside it: ordered by M
descending, then id, a group is in order of rank whatever the M cutoffs are, and its key members are its first ones.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from heapq import merge
from math import isqrt

from services.scoring.domain.ordered import OrderedPlaces, mark_of
from services.scoring.domain.places import BEYOND, FIRST, Mark, Place, behind, bound_of
from services.scoring.domain.quantiles import Cutoff

SCORES = 5
ENOUGH = 64  # so many customers are sorted faster than narrowed further


class Group:
    """Customers with one R score and one class of F; `bound` lies behind the marks of its key members."""

    __slots__ = ("bound", "f_class", "levels", "places", "r", "starts")

    def __init__(self, r: int, f_class: int, *, summed: bool) -> None:
        self.r = r
        self.f_class = f_class
        self.places = OrderedPlaces(summed=summed)
        self.bound = FIRST
        # As of the last settling: r and f scores weighted, and where the members of each M score (5 first) begin.
        self.levels = 0
        self.starts: list[int] = []


Run = tuple[OrderedPlaces, int, int]
"""The customers of a group at positions from the first number up to, but not with, the second."""


class Line:
    """The order of rank at one moment: cells of equal scores, best first, each a piece of some groups.

    A cell is (weighted r and f scores, M score). Cells of one weighted mean follow by M score, which is how ties by M
    fall. `spots` are where the quantiles of M lie (see `positions`); `guess` is the line before this one.
    """

    def __init__(
        self, groups: Sequence[Group], spots: Sequence[tuple[int, Fraction]], weight_m: int, guess: Line | None
    ) -> None:
        self.population = sum(group.places.size for group in groups)
        guesses = guess.bounds if guess else (FIRST,) * len(spots)
        # The highest cutoff first, as marks ascend with falling M.
        highest_first = [
            divide(groups, self.population - 1 - index, way, guessed)
            for (index, way), guessed in zip(reversed(spots), guesses, strict=True)
        ]
        self.cutoffs = tuple(cutoff for cutoff, _ in reversed(highest_first))
        self.bounds: tuple[Mark, ...] = tuple(bound_of(cutoff.reach) for cutoff, _ in highest_first)
        self._weight_m = weight_m
        self._groups: dict[int, list[Group]] = {}
        sizes: dict[int, list[int]] = {}
        for group, *starts in zip(groups, *(cuts for _, cuts in highest_first), strict=True):
            group.starts = [0, *starts, group.places.size]
            cells = sizes.get(group.levels)
            if cells is None:
                self._groups[group.levels] = []
                cells = sizes[group.levels] = [0] * SCORES
            self._groups[group.levels].append(group)
            for index in range(SCORES):
                cells[index] += group.starts[index + 1] - group.starts[index]
        # (weighted sum, M score, weighted r and f) of each cell, best first, with the ranks before its first member.
        self._cells = sorted(
            ((levels + weight_m * m, m, levels) for levels in sizes for m in range(1, SCORES + 1)), reverse=True
        )
        self._cell_runs: dict[tuple[int, int], list[Run]] = {}
        self._before: dict[tuple[int, int], int] = {}
        before = 0
        for _, m, levels in self._cells:
            self._before[levels, m] = before
            before += sizes[levels][SCORES - m]

    def m_score(self, mark: Mark) -> int:
        return SCORES - bisect_right(self.bounds, mark)

    def rank(self, group: Group, mark: Mark) -> int:
        """1 is best."""
        m = self.m_score(mark)
        levels = group.levels
        ahead = self._before[levels, m] + 1
        for places, start, _ in self._runs(levels, m):
            ahead += places.count_below(mark) - start
        return ahead

    def key_bounds(self, key_size: int) -> dict[int, Mark]:
        """For each sum of weighted r and f scores, the bound of the customers among the first `key_size`."""
        if key_size >= self.population:
            return dict.fromkeys(self._groups, BEYOND)
        if key_size < 1:
            return dict.fromkeys(self._groups, FIRST)
        last = bisect_right([self._before[levels, m] for _, m, levels in self._cells], key_size - 1) - 1
        _, line_m, line_levels = self._cells[last]
        within = key_size - 1 - self._before[line_levels, line_m]
        edges = (FIRST, *self.bounds, BEYOND)
        bounds = dict.fromkeys(self._groups, FIRST)
        for _, m, levels in self._cells[:last]:
            bounds[levels] = edges[SCORES + 1 - m]
        bounds[line_levels] = behind(select(self._runs(line_levels, line_m), within))
        return bounds

    def best(self) -> Iterator[Place]:
        """All customers in order of rank."""
        for _, m, levels in self._cells:
            runs = (places.between(start, stop) for places, start, stop in self._runs(levels, m))
            yield from merge(*runs, key=mark_of)

    def _runs(self, levels: int, m: int) -> list[Run]:
        """The pieces of groups that make up a cell."""
        runs = self._cell_runs.get((levels, m))
        if runs is None:
            index = SCORES - m
            runs = self._cell_runs[levels, m] = [
                (group.places, group.starts[index], group.starts[index + 1])
                for group in self._groups[levels]
                if group.starts[index] < group.starts[index + 1]
            ]
        return runs


def divide(groups: Sequence[Group], index: int, way: Fraction, guess: Mark) -> tuple[Cutoff, list[int]]:
    """The cutoff of M whose lower neighbour has `index` in the order of all; how many of each group are above."""
    low_mark = select([(group.places, 0, group.places.size) for group in groups], index, guess)
    cuts = [group.places.count_below(low_mark) for group in groups]
    low = high = money_of(low_mark)
    if way:
        high = money_of(max([group.places.at(cut - 1).mark for group, cut in zip(groups, cuts, strict=True) if cut]))
    cutoff = Cutoff(low, high, way)
    if low == high:
        # Others may have as much as the lower neighbour, and stand before it by their ids.
        bound = bound_of(cutoff.reach)
        cuts = [group.places.count_below(bound) for group in groups]
    return cutoff, cuts


def money_of(mark: Mark) -> int:
    """M in atoms, from the mark of a customer."""
    return -int(mark[0])


def select(runs: list[Run], index: int, guess: Mark = FIRST) -> Mark:
    """The mark at `index`, counted from 0, of all customers of `runs` in order: a few bisections of each run.

    Customers are left out beyond a bound: first beyond `guess`, then beyond one a little to the far side of where the
    wanted one should be, going by the longest run.
    """
    total = sum([stop - start for _, start, stop in runs])
    runs, index, total = split(runs, index, total, guess)
    halve = False
    # Runs of more than two customers on the average: then the middle of the longest always leaves something out.
    while total > max(ENOUGH, 2 * len(runs)):
        places, start, stop = max(runs, key=length_of)
        length = stop - start
        slack = ENOUGH // 4 + 2 * isqrt(min(index, total - index) * total // length)
        aim = index + slack if 2 * index < total else index - slack
        at = length // 2 if halve else min(max(aim * length // total, 0), length - 1)
        before = total
        runs, index, total = split(runs, index, total, places.at(start + at).mark)
        halve = 4 * total > 3 * before
    return sorted([place.mark for places, start, stop in runs for place in places.between(start, stop)])[index]


def length_of(run: Run) -> int:
    return run[2] - run[1]


def split(runs: list[Run], index: int, total: int, bound: Mark) -> tuple[list[Run], int, int]:
    """The part of `runs` on that side of `bound` where `index` lies, the index in that part, and its total."""
    lower, upper, below = cut(runs, bound)
    return (lower, index, below) if index < below else (upper, index - below, total - below)


def cut(runs: list[Run], bound: Mark) -> tuple[list[Run], list[Run], int]:
    """The parts of `runs` before and behind `bound`, and how many customers stand before it."""
    lower: list[Run] = []
    upper: list[Run] = []
    below = 0
    for run in runs:
        places, start, stop = run
        at = places.count_below(bound)
        if at <= start:
            upper.append(run)
        elif at >= stop:
            lower.append(run)
            below += stop - start
        else:
            lower.append((places, start, at))
            upper.append((places, at, stop))
            below += at - start
    return lower, upper, below


def fewest(groups: Sequence[Group], share: Fraction, guess: Mark) -> tuple[int, Mark]:
    """How many customers, at the least, bring `share` of all M, and the bound behind them (篇1, Pareto).

    What the first ones bring together grows as long as M is positive, and the share, where it is more than nothing,
    is reached by then: so it is found by halving, with the amounts that the groups keep added up.
    """
    everything = sum(group.places.brought_below(BEYOND) for group in groups)
    wanted = -(-share.numerator * everything // share.denominator)
    if wanted <= 0:
        return 0, FIRST
    runs: list[Run] = [(group.places, 0, group.places.size) for group in groups]
    runs = cut(runs, bound_of(1))[0]
    bound = guess
    while sum(map(length_of, runs)) > max(ENOUGH, 2 * len(runs)):
        lower, upper, _ = cut(runs, bound)
        runs = lower if sum(group.places.brought_below(bound) for group in groups) >= wanted else upper
        longest, start, stop = max(runs, key=length_of)
        bound = longest.at((start + stop) // 2).mark
    near = sorted((place for places, start, stop in runs for place in places.between(start, stop)), key=mark_of)
    brought = sum(group.places.brought_below(near[0].mark) for group in groups)
    for place in near:
        brought += place.m
        if brought >= wanted:
            break
    bound = behind(place.mark)
    return sum(group.places.count_below(bound) for group in groups), bound
