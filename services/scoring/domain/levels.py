"""Which level a customer of each class has (K1-K6)."""

from __future__ import annotations

from collections.abc import Iterator

from services.scoring.domain.customers import Facts, Tier
from services.scoring.domain.markets import MarketRanker
from shared.policy.model import Regions
from shared.policy.potential import PotentialLevels

# Made once: tens of thousands are compared in a second.
KEY, ORDINARY, LAPSED = Tier("contract", "key"), Tier("contract", "ordinary"), Tier("contract", "lapsed")


class Levels:
    """The levels under one policy; those of contract customers are as of the ranker's last settling."""

    def __init__(self, regions: Regions, potential: PotentialLevels) -> None:
        self._regions = regions
        self._potential = potential

    def tier_of(self, customer_id: str, facts: Facts, ranker: MarketRanker) -> Tier:
        """Class and level now."""
        if facts.customer_class == "contract":
            if facts.last_order_on is None or ranker.has_lapsed(facts.last_order_on):
                return LAPSED
            return KEY if ranker.places[customer_id].is_key else ORDINARY
        if facts.customer_class == "sample":
            return Tier("sample", self._regions.of(facts.country))
        return Tier("potential", facts.potential or facts.computed or self._potential.default)

    def undecided(self, ranker: MarketRanker) -> Iterator[str]:
        """Those ranked whose level was not decided as it is."""
        lapsed_until = ranker.lapsed_until
        for name, place in ranker.places.items():
            if place.level != ("lapsed" if place.last <= lapsed_until else "key" if place.is_key else "ordinary"):
                yield name
