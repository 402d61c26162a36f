"""Everybody's level as a policy would have it on a day and, if nobody orders, on the next (K1-K6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple

from services.scoring.domain.customers import Facts, Tier
from services.scoring.domain.levels import KEY, LAPSED, ORDINARY, Levels
from services.scoring.domain.markets import MarketRanker
from services.scoring.domain.places import Place
from services.scoring.domain.rules import RankingRules
from shared.policy import Policy

Move = tuple[Tier, Tier]
"""From one class and level to another."""

A_DAY = timedelta(days=1)
BY_LEVEL = {tier.level: tier for tier in (KEY, ORDINARY, LAPSED)}


class Standing(NamedTuple):
    """A customer as the tables have it, `decided` last, under the policy that is asked about.

    `last` is the day number of the last counting order. `orders` and `amount` (atoms) are F and M, of which
    `orders_gone` and `amount_gone` leave the window with the next day. Who has no counting order is judged by `facts`.
    """

    customer_id: str
    rep: str | None
    decided: Tier
    market: str | None
    facts: Facts | None
    last: int = 0
    orders: int = 0
    amount: int = 0
    orders_gone: int = 0
    amount_gone: int = 0


class Mover(NamedTuple):
    """A customer who would have another level."""

    customer_id: str
    rep: str | None
    before: Tier
    after: Tier


@dataclass(slots=True)
class Foreseen:
    """How many customers of each rep (None: nobody's) go from which tier to which, and some of those who move.

    `next_day` are the moves that the passing of the day brings after that.
    """

    standings: Counter[tuple[str | None, Tier, Tier]] = field(default_factory=Counter)
    movers: list[Mover] = field(default_factory=list)
    next_day: Counter[Move] = field(default_factory=Counter)


class Foresight:
    """Takes customers in, page by page, and then ranks them once."""

    def __init__(self, policy: Policy, day: date) -> None:
        self._levels = Levels(policy.regions, policy.potential)
        self._ranker = MarketRanker(RankingRules.of(policy.rfm), day, divided=policy.rfm.population_by is not None)
        self._places: list[Place] = []
        self._decided: list[Tier] = []
        self._gone: list[tuple[str, int, int]] = []
        self._moving: dict[str, Mover] = {}
        self._foreseen = Foreseen()

    def take_in(self, standings: Iterable[Standing]) -> None:
        for customer_id, rep, decided, market, facts, last, orders, amount, orders_gone, amount_gone in standings:
            if facts is not None:
                self._count(customer_id, rep, decided, self._levels.tier_of(customer_id, facts, self._ranker))
                continue
            place = Place(customer_id, last, orders, amount)
            place.market, place.rep = market, rep
            self._places.append(place)
            self._decided.append(decided)
            if orders_gone or amount_gone:
                self._gone.append((customer_id, orders_gone, amount_gone))

    def look(self, examples: int) -> Foreseen:
        """All that was taken in; `examples` is how many movers are named, the best of all markets first."""
        ranker = self._ranker
        ranker.load(self._places)
        ranker.settle()
        ranker.commit()
        for place, decided in zip(self._places, self._decided, strict=True):
            tier = self._tier(place)
            place.level = tier.level
            self._count(place.name, place.rep, decided, tier)
        self._foreseen.movers = list(self._named(examples))
        ranker.set_today(ranker.today + A_DAY)
        for customer_id, orders, amount in self._gone:
            ranker.adjust(customer_id, -orders, -amount)
        for place in ranker.settle().values():
            if place.level is not None and (tier := self._tier(place)).level != place.level:
                self._foreseen.next_day[BY_LEVEL[place.level], tier] += 1
        return self._foreseen

    def _tier(self, place: Place) -> Tier:
        if place.last <= self._ranker.lapsed_until:
            return LAPSED
        return KEY if place.is_key else ORDINARY

    def _count(self, customer_id: str, rep: str | None, before: Tier, after: Tier) -> None:
        self._foreseen.standings[rep, before, after] += 1
        if before != after:
            self._moving[customer_id] = Mover(customer_id, rep, before, after)

    def _named(self, examples: int) -> Iterator[Mover]:
        """The first movers in order of rank; those who are not ranked come last, by their ids' bytes."""
        ranked, moving = self._ranker.places, self._moving
        in_order = (moving[name] for name in self._ranker.best(len(ranked)) if name in moving)
        named = list(islice(in_order, examples))
        yield from named
        yield from nsmallest(examples - len(named), (mover for name, mover in moving.items() if name not in ranked))
