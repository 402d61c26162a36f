"""What scoring keeps in memory between transactions, and how it knows that it is still true."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import date, timedelta
from sys import intern
from typing import Final, get_args

from services.scoring.domain.customers import Facts
from services.scoring.domain.decisions import Occasion
from services.scoring.domain.levels import Levels
from services.scoring.domain.markets import MarketRanker
from services.scoring.domain.places import Place
from services.scoring.domain.ruling import Ruling
from services.scoring.ports import Board, Lot, ScoringStore
from shared.contracts.tiers import TierCause
from shared.contracts.types import Level
from shared.engine.model import Transaction
from shared.in_force import PolicyInForce

PAGE = 2000  # rows of a day that passes in memory at a time
SAME_LEVEL: Final[dict[Level, Level]] = {level: level for level in get_args(Level)}


class Memory:
    """The ranker, true to the tables as of `board`.

    One transaction at a time works on it, between `enter` and `commit` or `undo`; whoever reads waits for its end.
    Every such transaction raises the board's revision, so that a copy that missed one, because a commit's fate was
    unknown or another process decided meanwhile, is found out and rebuilt from the tables.
    """

    def __init__(self, store: ScoringStore, in_force: PolicyInForce) -> None:
        self._store = store
        self._in_force = in_force
        self.ruling = Ruling.of(in_force.policy)
        self.board: Board | None = None
        self.ranker = self._nobody(date.min)
        # Whose level has to be decided, and what moved it: more than one transaction should decide.
        self.waiting: dict[str, Occasion] = {}
        # Whether this transaction wrote everybody's market: its rollback takes that back.
        self._wrote_markets = False
        self._lock = asyncio.Lock()
        self._worker: asyncio.Task[object] | None = None

    def window_opens(self, day: date) -> date:
        """Orders after this day count on `day` (RFM)."""
        return day - timedelta(days=self.ruling.rules.window_days)

    async def enter(self, tx: Transaction, today: date) -> Board:
        """Begin a transaction's work: wait for others to end theirs, and see that the copy is current."""
        await self._lock.acquire()
        self._worker = asyncio.current_task()
        policy = await self._in_force(tx)
        board = await self._store.lock_board(tx, today, policy.digest)
        if policy is not self.ruling.policy:
            before, self.ruling = self.ruling, Ruling.of(policy)
            if not self.ruling.decides_as(before):
                self.board = None
        if board != self.board:
            await self._rebuild(tx, board)
        return board

    def commit(self, board: Board, waiting: dict[str, Occasion]) -> None:
        """The transaction is durable, and left `board` and those who wait."""
        self.ranker.commit()
        self.board, self.waiting = board, waiting
        self._wrote_markets = False
        self._leave()

    def undo(self) -> None:
        """The transaction left no trace, or its fate is unknown; nothing, when none of this task's was under way."""
        if self._worker is not None and self._worker is asyncio.current_task():
            self.ranker.undo()
            if self._wrote_markets:
                self.board, self._wrote_markets = None, False
            self._leave()

    def is_settled(self, today: date) -> bool:
        """Whether nothing is to be done before the next event."""
        board, digest = self.board, self._in_force.policy.digest
        return board is not None and board.day >= today and board.decided_under == digest and not self.waiting

    def forget(self) -> None:
        """Another process decides: what is remembered here grows old."""
        if not self._lock.locked():
            self.board = None
            if self.ruling.policy is not self._in_force.policy:
                self.ruling = Ruling.of(self._in_force.policy)

    def _leave(self) -> None:
        self._worker = None
        self._lock.release()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[MarketRanker | None]:
        """The ranker between two transactions, None before the first; nobody decides until the reader leaves."""
        async with self._lock:
            yield None if self.board is None else self.ranker

    def _nobody(self, today: date) -> MarketRanker:
        return MarketRanker(self.ruling.rules, today, divided=self.ruling.markets.by is not None)

    async def _rebuild(self, tx: Transaction, board: Board) -> None:
        self.board = None
        self.waiting = {}
        # One that is left in the middle is nobody's; and the old one goes first, so that there are never two.
        self.ranker, ranker = self._nobody(board.day), self._nobody(board.day)
        gc.unfreeze()
        gc.collect()
        cause = TierCause(kind="date", date=board.day)
        if board.decided_under != self.ruling.policy.digest:
            # Also after a crash in the middle of it: whoever still has the old level has it from the old policy.
            cause = TierCause(kind="policy", id=self.ruling.policy.version)
            await self._store.set_markets(tx, self.ruling.markets)
            self._wrote_markets = True
        doubtful: list[str] = []
        # Everything that is made stays: the collector would look at all of it again and again.
        gc.disable()
        try:
            async with aclosing(self._store.standings(tx, self.window_opens(board.day))) as lots:
                async for lot in lots:
                    doubtful += take_in(lot, ranker, self.ruling.levels)
            # Seconds at a million customers, during which the lease must be renewed.
            doubtful += await asyncio.to_thread(settled, ranker, self.ruling.levels)
            gc.freeze()
        finally:
            gc.enable()
        self.ranker, self.board = ranker, board
        self.waiting = dict.fromkeys(doubtful, Occasion(cause))


def take_in(lot: Lot, ranker: MarketRanker, levels: Levels) -> list[str]:
    """Fill a ranker, to be settled after the last lot; return whose level, of the others, was not decided as it is."""
    ranker.load(lot.traded)
    lapsed_until = ranker.lapsed_until
    doubtful = [place.name for place in lot.traded if place.last <= lapsed_until and place.level != "lapsed"]
    doubtful += [
        customer.customer_id
        for customer in lot.others
        if customer.tier != levels.tier_of(customer.customer_id, customer.facts, ranker)
    ]
    return doubtful


def settled(ranker: MarketRanker, levels: Levels) -> list[str]:
    """Settle for the first time; return whose level, of the ranked ones, was not decided as it is."""
    ranker.settle()
    ranker.commit()
    return list(levels.undecided(ranker))


def remember(place: Place, facts: Facts, level: Level, sequence: int) -> None:
    """Let a ranked customer's place hold what decisions about it need; of words that many share, one copy."""
    place.version, place.sequence, place.potential = facts.version, sequence, facts.potential
    place.level = SAME_LEVEL[level]
    place.country = facts.country and intern(facts.country)
    place.rep = facts.rep and intern(facts.rep)


def facts_of(place: Place) -> Facts:
    """The facts of a customer in memory: only contract customers are."""
    last = date.fromordinal(place.last)
    return Facts(place.version, "contract", last, place.country, place.potential, place.rep, place.market)
