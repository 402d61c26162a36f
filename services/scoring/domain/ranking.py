"""All contract customers in order of RFM (K4), kept up customer by customer and settled batch by batch.

Scores compare a value with a quantile of the population, so one order may move anybody's. What makes that cheap:

- Recency order does not change as time passes: R cutoffs are dates. When one moves, the customers whose last order
  lies between the old date and the new one change groups.
- F is a small number: its cutoffs come from a histogram, and groups are made by F itself, so that a moved cutoff
  touches nobody. Only well above the highest cutoff, where all have one score, is there one group for all; and beyond
  `grouping.MOST_SINGLE` orders, where a number belongs to few, one for each score.
- Inside a group only M matters, and its order does not depend on the cutoffs of M, which are themselves found by
  bisecting the groups (`line`).

So an order costs its customer a new place in a group; a settling costs some bisections of each group, and looks at
no customer but those who were touched, changed groups, or lie between an old bound and a new one. So it is with the
Pareto rule, for which the groups keep their amounts added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from services.scoring.domain.grouping import LEAST_SINGLE, Grouping
from services.scoring.domain.line import Group, Line
from services.scoring.domain.places import Facts, Place, Shelf
from services.scoring.domain.quantiles import Cutoff, positions
from services.scoring.domain.rules import RankingRules


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
        self._grouping = Grouping(rules, self._by_day, self._by_f)
        self._line: Line | None = None
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
            self._grouping.clear()
            self._line = None
            return moved
        spots = list(positions(self._rules.quantiles, self.population))
        r_cutoffs, f_cutoffs = self._grouping.cut(spots, self.population, self._today)
        movers += self._grouping.regroup(r_cutoffs, f_cutoffs, self._today)
        self._grouping.put(loaded)
        self._grouping.put(movers)
        self._line = line = self._grouping.order(spots, self._line)
        self.cutoffs = Cutoffs(r_cutoffs, f_cutoffs, line.cutoffs)
        self.key_size, between = self._grouping.draw(line, self.population)
        # Of those who were loaded, the first bounds that are drawn show who is key.
        for place in movers + between:
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
            f=self._grouping.f_score(place.f),
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
