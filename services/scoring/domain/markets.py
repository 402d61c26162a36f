"""Which market a customer belongs to, and all markets' rankings, each by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import merge
from itertools import islice

from services.scoring.domain.places import Place
from services.scoring.domain.ranking import Ranker, Scores
from services.scoring.domain.rules import RankingRules
from shared.policy.model import Regions

Market = str | None
"""A population's name; None: there is one for all, or nothing on file says which."""


@dataclass(frozen=True, slots=True)
class Markets:
    """What divides contract customers into populations: `by` is `country`, `region` (K2) or a field of the file."""

    by: str | None
    regions: Regions

    def of(self, country: str | None, attributes: Mapping[str, str] | None) -> Market:
        """The market of a customer; None where its file does not say."""
        match self.by:
            case None:
                return None
            case "country":
                return country
            case "region":
                return self.regions.of(country)
            case field:
                return (attributes or {}).get(field) or None


class MarketRanker:
    """Everybody ranked (K4), each market by itself; see `Ranker`, whose questions it answers."""

    def __init__(self, rules: RankingRules, today: date, *, divided: bool = False) -> None:
        self._rules = rules
        self._today = self._committed_today = today
        self._rankers: dict[Market, Ranker] = {}
        self._noted: dict[str, Market] = {}
        # With one market its ranker's own index serves.
        self._index: dict[str, Place] | None = {} if divided else None
        self.places: Mapping[str, Place] = self.of(None).places if self._index is None else self._index

    @property
    def today(self) -> date:
        return self._today

    @property
    def population(self) -> int:
        """How many customers are ranked, in all markets."""
        return len(self.places)

    def of(self, market: Market) -> Ranker:
        """A market's ranker; one without customers where nobody belongs to it."""
        ranker = self._rankers.get(market)
        if ranker is None:
            # It may have to go back to that day with the others.
            ranker = self._rankers[market] = Ranker(self._rules, self._committed_today, market, self._index)
            ranker.set_today(self._today)
        return ranker

    def markets(self) -> list[Market]:
        """Those that have customers, the unnamed one last."""
        return sorted((m for m, r in self._rankers.items() if r.population), key=lambda m: (m is None, m))

    @property
    def lapsed_until(self) -> int:
        """The day number until which a last counting order is too long ago (K4)."""
        return self._today.toordinal() - self._rules.lapsed_after_days

    def has_lapsed(self, last: date) -> bool:
        """Whether a customer whose last counting order was on `last` is lapsed today (K4)."""
        return last.toordinal() <= self.lapsed_until

    def change(self, customer_id: str, market: Market, last: date, f: int, m: int) -> None:
        """Take note of a contract customer's market and facts, as `Ranker.change` does."""
        if self._index is not None:
            place = self.places.get(customer_id)
            for home in {self._noted.get(customer_id, market), place.market if place else market} - {market}:
                self.of(home).remove(customer_id)
            self._noted[customer_id] = market
        self.of(market).change(customer_id, last, f, m)

    def load(self, places: Sequence[Place]) -> None:
        """Fill a new ranker lot by lot, as `Ranker.load` does; each customer goes to its market."""
        if self._index is None:
            self.of(None).load(places)
            return
        homes: defaultdict[Market, list[Place]] = defaultdict(list)
        for place in places:
            homes[place.market].append(place)
        for market, held in homes.items():
            self.of(market).load(held)

    def adjust(self, customer_id: str, f: int, m: int) -> None:
        """Take note that a customer's F and M grew by so much; nothing when the customer is not ranked."""
        place = self.places.get(customer_id)
        if place is not None:
            self.of(place.market).adjust(customer_id, f, m)

    def remove(self, customer_id: str) -> None:
        """Take note that a customer is no contract customer; nothing when it is not ranked."""
        if self._index is None:
            self.of(None).remove(customer_id)
            return
        for ranker in self._rankers.values():
            ranker.remove(customer_id)

    def set_today(self, today: date) -> None:
        """Take note that the day has moved forward."""
        self._today = today
        for ranker in self._rankers.values():
            ranker.set_today(today)

    def settle(self) -> dict[str, Place]:
        """Bring what was noted into effect; return whose level may differ now."""
        self._noted.clear()
        moved: dict[str, Place] = {}
        for ranker in self._rankers.values():
            moved |= ranker.settle()
        # Who went to another market has left one.
        return moved if self._index is None else {c: self._index.get(c, place) for c, place in moved.items()}

    def commit(self) -> None:
        """Forget the way back."""
        self._committed_today = self._today
        for ranker in self._rankers.values():
            ranker.commit()

    def undo(self) -> None:
        """Go back to the last commit."""
        self._today = self._committed_today
        self._noted.clear()
        for ranker in self._rankers.values():
            ranker.undo()

    def scores(self, customer_id: str) -> Scores | None:
        """How a customer stands in its market; None when it is not ranked."""
        place = self.places.get(customer_id)
        return None if place is None else self.of(place.market).scores(customer_id)

    def best(self, count: int, market: Market = None) -> list[str]:
        """The first `count` in order of rank: of a market, or where none is named of all, by rank and then by id."""
        if market is not None or self._index is None:
            # Whoever asks for a market that is not there shall not found it.
            ranker = self._rankers.get(market)
            return [] if ranker is None else ranker.best(count)
        heads = [enumerate(ranker.best(count), start=1) for ranker in self._rankers.values()]
        return [customer_id for _, customer_id in islice(merge(*heads), count)]

    def ranking(self) -> Iterator[tuple[str, Scores]]:
        """Everybody in order of rank, market by market; not to be continued after another settling."""
        for ranker in self._rankers.values():
            yield from ranker.ranking()
