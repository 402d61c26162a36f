"""All contract customers in order of RFM (K4), kept up customer by customer and settled batch by batch.

Scores compare a value with a quantile of the population, so one order may move anybody's. What makes that cheap:

- Recency order does not change as time passes: R cutoffs are dates. When one moves, the customers whose last order
  lies between the old date and the new one change groups.
- F is a small number: its cutoffs come from a histogram, and groups are made by F itself, so that a moved cutoff
  touches nobody. Only well above the highest cutoff, where all have one score, is there one group for all; and beyond
  `MOST_SINGLE` orders, where a number belongs to few, one for each score.
- Inside a group only M matters, and its order does not depend on the cutoffs of M, which are themselves found by
  bisecting the groups (`line`).

So an order costs its customer a new place in a group; a settling costs some bisections of each group, and looks at
no customer but those who were touched, changed groups, or lie between an old bound and a new one. So it is with the
Pareto rule, for which the groups keep their amounts added up.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from services.scoring.domain.line import Group, Line, fewest
from services.scoring.domain.places import FIRST, Facts, Mark, Place, Shelf
from services.scoring.domain.quantiles import Cutoff, positions
from services.scoring.domain.rules import RankingRules

# Up to so many orders each number has groups of its own, five for the R scores: to a little above the highest cutoff
# of F, so that it can move on without dividing a group, and at most to where groups would become too many.
LEAST_SINGLE, MOST_SINGLE = 4, 40
AHEAD, FAR_AHEAD = 3, 8


class Scores(NamedTuple):
    """A ranked customer at the last settling: scores 1..5, rank from 1, and what they were judged by (M in atoms)."""

    r: int
    f: int
    m: int
    rank: int
    recency_days: int
    orders: int
    amount: int


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """The four cutoffs of each score at the last settling: days, orders, atoms."""

    r: tuple[Cutoff, ...]
    f: tuple[Cutoff, ...]
    m: tuple[Cutoff, ...]


class Ranker:
    """The population and its order as of `today`; exact, and the same whatever way it was reached.

    `change`, `remove` and `set_today` only take note; `settle` brings them into effect, and everything that is asked
    answers as of the last settling. `undo` goes back to the last `commit`.
    """

    def __init__(
        self, rules: RankingRules, today: date, market: str | None = None, index: dict[str, Place] | None = None
    ) -> None:
        """Rank the population of `market`; `index`, where several share one, is kept up too."""
        self.places: dict[str, Place] = {}
        self.market = market
        self._index = index
        self.cutoffs: Cutoffs | None = None
        self.key_size = 0
        self._rules = rules
        self._today = self._committed_today = self._settled_today = today.toordinal()
        self._noted: dict[str, Facts | None] = {}
        self._loaded: list[Place] = []
        # One number for each day, however many customers share it.
        self._days: dict[int, int] = {}
        self._journal: dict[str, tuple[Place, int, int, int] | None] = {}
        self._returning: dict[str, Place] = {}
        self._by_day = Shelf(attrgetter("last"))
        self._by_f = Shelf(attrgetter("f"), indexed_above=LEAST_SINGLE)
        self._single = LEAST_SINGLE
        self._groups: dict[tuple[int, int], Group] = {}
        # The last day (number) of each R score from 1 to 4, and the least F of each F score from 2 to 5.
        self._r_edges: list[int] = []
        self._f_edges: list[int] = []
        self._line: Line | None = None
        # Pareto: behind the fewest who bring the share.
        self._reach: Mark = FIRST
        # Who fell out of the population, or lapsed in it, since the last settling.
        self._fallen: dict[str, Place] = {}

    @property
    def today(self) -> date:
        return date.fromordinal(self._today)

    @property
    def population(self) -> int:
        """How many customers are ranked."""
        return len(self.places)

    def has_lapsed(self, last: date) -> bool:
        """Whether a customer whose last counting order was on `last` is lapsed today (K4)."""
        return last.toordinal() <= self._today - self._rules.lapsed_after_days

    def change(self, customer_id: str, last: date, f: int, m: int) -> None:
        """Take note of a contract customer's facts: last counting order, F and M (atoms) of the window as of today."""
        day = last.toordinal()
        self._noted[customer_id] = (self._days.setdefault(day, day), f, m)

    def load(self, places: Iterable[Place]) -> None:
        """Fill a new ranker, lot by lot, with customers as of today; to be settled before anything else is noted.

        Who is not of the population (K4) is left out.
        """
        stay_after = self._stay_after()
        by_day: defaultdict[int, list[Place]] = defaultdict(list)
        by_f: defaultdict[int, list[Place]] = defaultdict(list)
        for place in places:
            if place.last > stay_after:
                by_day[place.last].append(place)
                by_f[place.f].append(place)
        for day, held in by_day.items():
            self._by_day.put_all(day, held)
            self._loaded += held
            for place in held:
                self.places[place.name] = place
                if self._index is not None:
                    self._index[place.name] = place
        for f, held in by_f.items():
            self._by_f.put_all(f, held)

    def adjust(self, customer_id: str, f: int, m: int) -> None:
        """Take note that a customer's F and M grew by so much; nothing when the customer is not ranked."""
        place = self.places.get(customer_id)
        if place is not None:
            last, known_f, known_m = self._noted.get(customer_id) or place.facts
            self._noted[customer_id] = (last, known_f + f, known_m + m)

    def remove(self, customer_id: str) -> None:
        """Take note that a customer is no contract customer; nothing when it is not ranked."""
        if customer_id in self.places or customer_id in self._noted:
            self._noted[customer_id] = None

    def set_today(self, today: date) -> None:
        """Take note that the day has moved forward: who has not ordered for a year lapses (K4, K6)."""
        lapse_before = self._today - self._rules.lapsed_after_days
        self._today = today.toordinal()
        lapsed_until = self._today - self._rules.lapsed_after_days
        for day in self._by_day.between([lapse_before if self._rules.counts_lapsed else 0], [lapsed_until]):
            for place in self._by_day.holders(day):
                if self._rules.counts_lapsed:
                    self._fallen[place.name] = place
                else:
                    self._noted.setdefault(place.name, place.facts)

    def settle(self) -> dict[str, Place]:
        """Bring what was noted into effect; return whose level may differ now: in or out of key, fallen, or lapsed."""
        if not self._noted and not self._loaded and self._today == self._settled_today:
            return {}
        self._settled_today = self._today
        movers = self._absorb()
        loaded, self._loaded = self._loaded, []
        moved, self._fallen = self._fallen, {}
        if not self.places:
            self.cutoffs, self.key_size = None, 0
            self._groups.clear()
            self._line = None
            return moved
        spots = list(positions(self._rules.quantiles, self.population))
        r_cutoffs, f_cutoffs = self._cut(spots)
        movers += self._regroup(r_cutoffs, f_cutoffs)
        self._put(loaded)
        self._put(movers)
        self._line = line = self._order(spots)
        self.cutoffs = Cutoffs(r_cutoffs, f_cutoffs, line.cutoffs)
        # Of those who were loaded, the first bounds that are drawn show who is key.
        for place in movers + self._draw(line):
            group = place.group
            if group is not None and place.is_key != place.stands_before(group.bound):
                place.is_key = not place.is_key
                moved[place.name] = place
        return moved

    def commit(self) -> None:
        """Forget the way back."""
        self._journal.clear()
        self._committed_today = self._today

    def undo(self) -> None:
        """Go back to the last commit, exactly: the order depends on the facts alone."""
        self._today = self._committed_today
        journal, self._journal = self._journal, {}
        for customer_id, before in journal.items():
            place = self.places.get(customer_id)
            if before is not None and place is not None and place is not before[0]:
                self._leave(customer_id, place)
        self._noted = {customer_id: before and before[1:] for customer_id, before in journal.items()}
        self._returning = {customer_id: before[0] for customer_id, before in journal.items() if before}
        self.settle()
        self._returning = {}
        self.commit()

    def scores(self, customer_id: str) -> Scores | None:
        """How a customer stands; None when it is not ranked."""
        place, line = self.places.get(customer_id), self._line
        if place is None or place.group is None or line is None:
            return None
        return self._stand(place, place.group, line, line.rank(place.group, place.mark))

    def best(self, count: int) -> list[str]:
        """The first `count` customers in order of rank."""
        return [place.name for place in islice(self._line.best(), count)] if self._line else []

    def ranking(self) -> Iterator[tuple[str, Scores]]:
        """Everybody in order of rank; not to be continued after another settling."""
        line = self._line
        if line is None:
            return
        for rank, place in enumerate(line.best(), start=1):
            if place.group is not None:
                yield place.name, self._stand(place, place.group, line, rank)

    def _stand(self, place: Place, group: Group, line: Line, rank: int) -> Scores:
        return Scores(
            r=group.r,
            f=self._f_score(place.f),
            m=line.m_score(place.mark),
            rank=rank,
            recency_days=self._today - place.last,
            orders=place.f,
            amount=place.m,
        )

    def _absorb(self) -> list[Place]:
        """Bring the noted facts among days and numbers of orders; return who needs a group."""
        noted, self._noted = self._noted, {}
        stay_after = self._stay_after()
        movers = []
        for customer_id, facts in noted.items():
            place = self.places.get(customer_id)
            if facts is None or facts[0] <= stay_after:
                if place is not None:
                    self._leave(customer_id, place)
                    if facts is not None:
                        place.last, place.f, place.m = facts
            elif place is None:
                movers.append(self._enter(customer_id, facts))
            elif self._follow(customer_id, place, facts):
                movers.append(place)
        return movers

    def _stay_after(self) -> int:
        """Whose last order is of a later day stays in the population (K4)."""
        return -1 if self._rules.counts_lapsed else self._today - self._rules.lapsed_after_days

    def _enter(self, customer_id: str, facts: Facts) -> Place:
        last, f, m = facts
        place = self._returning.get(customer_id)
        if place is None:
            place = Place(customer_id, last, f, m)
            place.market = self.market
            self._journal.setdefault(customer_id, None)
        else:
            place.last, place.f, place.m = last, f, m
            place.is_ranked = True
        self.places[customer_id] = place
        if self._index is not None:
            self._index[customer_id] = place
        self._by_day.put(last, place)
        self._by_f.put(f, place)
        return place

    def _leave(self, customer_id: str, place: Place) -> None:
        self._remember(customer_id, place)
        del self.places[customer_id]
        if self._index is not None and self._index.get(customer_id) is place:
            del self._index[customer_id]
        if place.group is not None:
            place.group.places.remove(place)
            place.group = None
        self._by_day.take(place.last)
        self._by_f.take(place.f)
        place.is_ranked = place.is_key = False
        self._fallen[customer_id] = place

    def _follow(self, customer_id: str, place: Place, facts: Facts) -> bool:
        """Let a ranked customer have new facts; False when they are the old ones."""
        last, f, m = facts
        if m == place.m and last == place.last and f == place.f:
            return False
        self._remember(customer_id, place)
        if place.group is not None:
            place.group.places.remove(place)
            place.group = None
        place.m = m
        if last != place.last:
            self._by_day.take(place.last)
            place.last = last
            self._by_day.put(last, place)
        if f != place.f:
            self._by_f.take(place.f)
            place.f = f
            self._by_f.put(f, place)
        return True

    def _remember(self, customer_id: str, place: Place) -> None:
        if customer_id not in self._journal:
            self._journal[customer_id] = (place, place.last, place.f, place.m)

    def _cut(self, spots: Sequence[tuple[int, Fraction]]) -> tuple[tuple[Cutoff, ...], tuple[Cutoff, ...]]:
        """The cutoffs of R and F, of which `spots` says where they lie."""
        low = [index for index, _ in spots]
        high = [index + 1 if way else index for index, way in spots]
        # Days since the last order ascend as its date descends.
        days = self._by_day.at([self.population - 1 - index for index in low + high])
        orders = self._by_f.at(low + high)

        def cutoffs(values: Sequence[int]) -> tuple[Cutoff, ...]:
            return tuple(Cutoff(values[i], values[i + len(spots)], way) for i, (_, way) in enumerate(spots))

        return cutoffs([self._today - day for day in days]), cutoffs(orders)

    def _regroup(self, r: Sequence[Cutoff], f: Sequence[Cutoff]) -> list[Place]:
        """Return who has left a group because a cutoff of R, or one of high F, moved."""
        r_edges, self._r_edges = self._r_edges, [self._today - cutoff.reach for cutoff in reversed(r)]
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

    def _r_score(self, day: int) -> int:
        return 1 + bisect_left(self._r_edges, day)

    def _f_score(self, f: int) -> int:
        return 1 + bisect_right(self._f_edges, f)

    def _f_class(self, f: int) -> int:
        """F itself or, beyond the single ones, a class for each score: its negative."""
        return f if f <= self._single else -self._f_score(f)

    def _put(self, movers: Iterable[Place]) -> None:
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

    def _order(self, spots: Sequence[tuple[int, Fraction]]) -> Line:
        weight_r, weight_f, weight_m = self._rules.weights
        groups = list(self._groups.values())
        for group in groups:
            f_score = self._f_score(group.f_class) if group.f_class >= 0 else -group.f_class
            group.levels = weight_r * group.r + weight_f * f_score
        return Line(groups, spots, weight_m, self._line)

    def _draw(self, line: Line) -> list[Place]:
        """Draw the line between key and ordinary anew; return who lies between the old bounds and the new."""
        if self._rules.pareto_share is None:
            share = self._rules.key_share
            self.key_size = -(-share.numerator * self.population // share.denominator)
            bounds = line.key_bounds(self.key_size)
        else:
            groups = list(self._groups.values())
            self.key_size, self._reach = fewest(groups, self._rules.pareto_share, self._reach)
            bounds = dict.fromkeys((group.levels for group in groups), self._reach)
        between = []
        for group in self._groups.values():
            bound = bounds[group.levels]
            if bound != group.bound:
                start, stop = sorted((group.places.count_below(group.bound), group.places.count_below(bound)))
                between += group.places.between(start, stop)
                group.bound = bound
        return between


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
