"""Proving the levels: everybody's, computed from all entries at once, against what was decided step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.scoring.domain.customers import Tier
from services.scoring.domain.markets import MarketRanker
from services.scoring.domain.ranking import Scores
from services.scoring.ports import Database, Lease, Ranked, Readings
from services.scoring.usecases.memory import Memory
from shared.money import from_atoms, to_text

EXAMPLES = 10


class StandingByError(Exception):
    """Another process decides: there is nothing in memory here to be checked."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A customer that is not as the full computation has it: each differing thing as expected and as found."""

    customer_id: str
    expected: Mapping[str, str | int | None]
    found: Mapping[str, str | int | None]


@dataclass(slots=True)
class Verdict:
    """How many customers were compared, how many differ, and some of them."""

    customers: int = 0
    different: int = 0
    examples: list[Difference] = field(default_factory=list)


class CheckLevels:
    """Compares class, level, scores and rank of every customer; nobody decides meanwhile."""

    def __init__(self, *, memory: Memory, database: Database, readings: Readings, lease: Lease) -> None:
        self._memory = memory
        self._database = database
        self._readings = readings
        self._lease = lease

    async def __call__(self) -> Verdict:
        """Raise `StandingByError` where another process decides."""
        verdict = Verdict()
        async with self._memory.reading() as ranker:
            if ranker is None or not self._lease.held:
                raise StandingByError
            ranked = 0
            async with self._database.transaction() as tx:
                async for expected in self._readings.rank(tx, ranker.today, self._memory.ruling.policy):
                    ranked += expected.scores is not None
                    compare(expected, ranker, verdict)
            # Those in memory of whom the tables know nothing.
            verdict.different += max(ranker.population - ranked, 0)
        return verdict


def compare(expected: Ranked, ranker: MarketRanker, verdict: Verdict) -> None:
    verdict.customers += 1
    scores = ranker.scores(expected.customer_id)
    if expected.decided == expected.tier and scores == expected.scores:
        return
    verdict.different += 1
    if len(verdict.examples) < EXAMPLES:
        verdict.examples.append(
            Difference(expected.customer_id, named(expected.tier, expected.scores), named(expected.decided, scores))
        )


def named(tier: Tier, scores: Scores | None) -> Mapping[str, str | int | None]:
    names: dict[str, str | int | None] = {"class": tier.customer_class, "level": tier.level}
    names |= scores._asdict() if scores else dict.fromkeys(Scores._fields)
    return names | {"amount": scores and to_text(from_atoms(scores.amount))}
