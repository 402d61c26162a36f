"""Groups of ranked customers (K4): of one R score and one F, or class of F, so that inside a group only M matters."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

from services.scoring.domain.line import Group, Line, fewest
from services.scoring.domain.places import FIRST, Mark, Place, Shelf
from services.scoring.domain.quantiles import Cutoff
from services.scoring.domain.rules import RankingRules

# Up to so many orders each number has groups of its own, five for the R scores: to a little above the highest cutoff
# of F, so that it can move on without dividing a group, and at most to where groups would become too many.
LEAST_SINGLE, MOST_SINGLE = 4, 40
AHEAD, FAR_AHEAD = 3, 8

Spots: TypeAlias = Sequence[tuple[int, Fraction]]
"""Where in the population the cutoffs lie, and how far on towards the next customer."""


class Grouping:
    """Who is in which group, by the cutoffs of the last settling; days are ordinals, as the shelves hold them."""

    def __init__(self, rules: RankingRules, by_day: Shelf, by_f: Shelf) -> None:
        """Group the customers of these shelves, which others fill: by last order, and by number of orders."""
        self._rules = rules
        self._by_day = by_day
        self._by_f = by_f
        self._single = LEAST_SINGLE
        self._groups: dict[tuple[int, int], Group] = {}
        # The last day (number) of each R score from 1 to 4, and the least F of each F score from 2 to 5.
        self._r_edges: list[int] = []
        self._f_edges: list[int] = []
        # Pareto: behind the fewest who bring the share.
        self._reach: Mark = FIRST

    def clear(self) -> None:
        """Nobody is ranked any more."""
        self._groups.clear()

    def cut(self, spots: Spots, population: int, today: int) -> tuple[tuple[Cutoff, ...], tuple[Cutoff, ...]]:
        """The cutoffs of R and F, of which `spots` says where they lie."""
        low = [index for index, _ in spots]
        high = [index + 1 if way else index for index, way in spots]
        # Days since the last order ascend as its date descends.
        days = self._by_day.at([population - 1 - index for index in low + high])
        orders = self._by_f.at(low + high)

        def cutoffs(values: Sequence[int]) -> tuple[Cutoff, ...]:
            return tuple(Cutoff(values[i], values[i + len(spots)], way) for i, (_, way) in enumerate(spots))

        return cutoffs([today - day for day in days]), cutoffs(orders)

    def regroup(self, r: Sequence[Cutoff], f: Sequence[Cutoff], today: int) -> list[Place]:
        """Return who has left a group because a cutoff of R, or one of high F, moved."""
        r_edges, self._r_edges = self._r_edges, [today - cutoff.reach for cutoff in reversed(r)]
        f_edges, self._f_edges = self._f_edges, [cutoff.reach for cutoff in f]
        single = self._single
        highest = self._f_edges[-1]
        if not (highest < single <= highest + FAR_AHEAD):
            self._single = min(max(highest + AHEAD, LEAST_SINGLE), MOST_SINGLE)
        movers: list[Place] = []
        for day in self._by_day.between(r_edges, self._r_edges):
            r_score = self._r_score(day)
            movers += detach(p for p in self._by_day.holders(day) if p.group is not None and p.group.r != r_score)
        before = [single, *(edge - 1 for edge in f_edges)]
        for number in self._by_f.between(before, [self._single, *(edge - 1 for edge in self._f_edges)]):
            f_class = self._f_class(number)
            movers += detach(
                p for p in self._by_f.holders(number) if p.group is not None and p.group.f_class != f_class
            )
        return movers

    def put(self, movers: Iterable[Place]) -> None:
        """Give a group to each of `movers`, and drop groups that became empty."""
        arrivals: defaultdict[tuple[int, int], list[Place]] = defaultdict(list)
        # Few different days and numbers of orders, however many customers.
        r_scores, f_classes = Memo(self._r_score), Memo(self._f_class)
        for place in movers:
            arrivals[r_scores[place.last], f_classes[place.f]].append(place)
        for home, places in arrivals.items():
            group = self._groups.get(home)
            if group is None:
                group = self._groups[home] = Group(*home, summed=self._rules.pareto_share is not None)
            group.places.update(places)
            for place in places:
                place.group = group
        self._groups = {home: group for home, group in self._groups.items() if group.places.size}

    def order(self, spots: Spots, before: Line | None) -> Line:
        """Everybody's order, whose cutoffs of M are looked for from those of the line before."""
        weight_r, weight_f, weight_m = self._rules.weights
        groups = list(self._groups.values())
        for group in groups:
            f_score = self.f_score(group.f_class) if group.f_class >= 0 else -group.f_class
            group.levels = weight_r * group.r + weight_f * f_score
        return Line(groups, spots, weight_m, before)

    def draw(self, line: Line, population: int) -> tuple[int, list[Place]]:
        """Draw the line between key and ordinary anew: how many are key, and who lies between old bounds and new."""
        if self._rules.pareto_share is None:
            share = self._rules.key_share
            key_size = -(-share.numerator * population // share.denominator)
            bounds = line.key_bounds(key_size)
        else:
            groups = list(self._groups.values())
            key_size, self._reach = fewest(groups, self._rules.pareto_share, self._reach)
            bounds = dict.fromkeys((group.levels for group in groups), self._reach)
        between = []
        for group in self._groups.values():
            bound = bounds[group.levels]
            if bound != group.bound:
                start, stop = sorted((group.places.count_below(group.bound), group.places.count_below(bound)))
                between += group.places.between(start, stop)
                group.bound = bound
        return key_size, between

    def f_score(self, f: int) -> int:
        return 1 + bisect_right(self._f_edges, f)

    def _r_score(self, day: int) -> int:
        return 1 + bisect_left(self._r_edges, day)

    def _f_class(self, f: int) -> int:
        """F itself or, beyond the single ones, a class for each score: its negative."""
        return f if f <= self._single else -self.f_score(f)


class Memo(dict[int, int]):
    """A function's values, each found once."""

    def __init__(self, find: Callable[[int], int]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, number: int) -> int:
        found = self[number] = self._find(number)
        return found


def detach(places: Iterable[Place]) -> Iterator[Place]:
    """Take customers out of their groups, one by one: who comes twice has left when it comes again."""
    for place in places:
        if place.group is not None:
            place.group.places.remove(place)
            place.group = None
            yield place
