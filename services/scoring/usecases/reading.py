"""Answering for levels: what a customer's level is now and why, what it was, who are the best."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.scoring.domain.customers import Facts, Tier
from services.scoring.domain.decisions import Circumstances
from services.scoring.domain.flows import Every, counts_on, days_between
from services.scoring.domain.markets import MarketRanker
from services.scoring.domain.ranking import Scores
from services.scoring.ports import Database, Lease, Ranked, Readings, Recorded, Saved, Snapshot, Wanted
from services.scoring.usecases.memory import Memory
from shared.words import Text

Rows = Callable[[Snapshot, MarketRanker | None], Awaitable[Sequence[Saved]]]
"""How the customers that are asked about are found; without a ranker, in the tables alone."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's level and where it stands among the others, now; `scores` are None where it is not ranked.

    `sequence` is that of the decision that gave the level.
    """

    customer_id: str
    facts: Facts
    tier: Tier
    sequence: int
    since: date
    scores: Scores | None
    circumstances: Circumstances
    why: Text


class ReadLevels:
    """Reads levels from the tables and ranks from memory; where another process decides, ranks from the tables too."""

    def __init__(self, *, memory: Memory, database: Database, readings: Readings, lease: Lease) -> None:
        self._memory = memory
        self._database = database
        self._readings = readings
        self._lease = lease

    async def standing(self, customer_id: str) -> Standing | None:
        """None for a customer that is not known."""

        async def rows(tx: Snapshot, _: MarketRanker | None) -> Sequence[Saved]:
            return list((await self._readings.find(tx, [customer_id])).values())

        return next(iter(await self._standings(rows)), None)

    async def page(self, customer_class: str | None, level: str | None, after: str, limit: int) -> Sequence[Standing]:
        """Customers of a class and level, None for any, in order of their ids' bytes."""
        return await self._standings(lambda tx, _: self._readings.page(tx, customer_class, level, after, limit))

    async def best(self, count: int, market: str | None = None) -> Sequence[Standing]:
        """The first `count` in order of rank: of a market, or where none is named of all."""

        async def rows(tx: Snapshot, ranker: MarketRanker | None) -> Sequence[Saved]:
            if ranker is not None:
                best: Collection[str] = ranker.best(count, market)
            else:
                best = await self._rank_tables(tx, Wanted(best=count, market=market))
            return list((await self._readings.find(tx, best)).values())

        standings = [standing for standing in await self._standings(rows) if standing.scores is not None]
        return sorted(standings, key=rank_of)[:count]

    async def counts(self) -> Mapping[Tier, int]:
        """Customers per class and level."""
        async with self._database.transaction() as tx:
            return await self._readings.count(tx)

    async def today(self) -> date | None:
        """The day that levels stand at; None before the first decision."""
        async with self._database.transaction() as tx:
            board = await self._readings.read_board(tx)
        return board and board.day

    async def counts_over(self, first: date, last: date, every: Every) -> Sequence[tuple[date, Mapping[Tier, int]]]:
        """Customers per class and level at the ends of past days, as they were decided then."""
        async with self._database.transaction() as tx:
            flows = await self._readings.flows(tx, last)
        return list(counts_on(list(days_between(first, last, every)), flows))

    async def behind(self, standing: Standing) -> Recorded:
        """The very decision that gave this level; there may be newer ones by now."""
        async with self._database.transaction() as tx:
            (recorded,) = await self._readings.history(tx, standing.customer_id, standing.sequence + 1, 1)
        return recorded

    async def decision(self, customer_id: str, until: date | None = None) -> Recorded | None:
        """The newest decision about a customer, or the newest that was taken by the day `until`."""
        async with self._database.transaction() as tx:
            return await self._readings.decision(tx, customer_id, until)

    async def history(self, customer_id: str, before: int | None, limit: int) -> Sequence[Recorded]:
        """A customer's decisions, newest first."""
        async with self._database.transaction() as tx:
            return await self._readings.history(tx, customer_id, before, limit)

    async def _standings(self, rows: Rows) -> list[Standing]:
        """Those whom `rows` finds. Nobody decides between the rows and the ranks: both are of one moment."""
        async with self._memory.reading() as ranker:
            if ranker is not None and self._lease.held:
                async with self._database.transaction() as tx:
                    saved = await rows(tx, ranker)
                held = {market: Circumstances.of(ranker.of(market)) for market in {row.facts.market for row in saved}}
                return [self._standing(row, ranker.scores(row.customer_id), held[row.facts.market]) for row in saved]
        async with self._database.transaction() as tx:
            saved = await rows(tx, None)
            ranks = await self._rank_tables(tx, Wanted([row.customer_id for row in saved])) if saved else {}
        found = []
        for row in saved:
            ranked = ranks.get(row.customer_id)
            population, key_size = (ranked.population, ranked.key_size) if ranked else (0, 0)
            circumstances = Circumstances(population, key_size, None, row.facts.market)
            found.append(self._standing(row, ranked and ranked.scores, circumstances))
        return found

    def _standing(self, row: Saved, scores: Scores | None, circumstances: Circumstances) -> Standing:
        tier = Tier(row.facts.customer_class, row.level)
        why = self._memory.ruling.wording.why(tier, row.facts, scores, circumstances.population, circumstances.key_size)
        return Standing(row.customer_id, row.facts, tier, row.sequence, row.since, scores, circumstances, why)

    async def _rank_tables(self, tx: Snapshot, wanted: Wanted) -> dict[str, Ranked]:
        board = await self._readings.read_board(tx)
        if board is None:
            return {}
        policy = self._memory.ruling.policy
        return {row.customer_id: row async for row in self._readings.rank(tx, board.day, policy, wanted)}


def rank_of(standing: Standing) -> tuple[int, str]:
    return standing.scores.rank if standing.scores else 0, standing.customer_id
