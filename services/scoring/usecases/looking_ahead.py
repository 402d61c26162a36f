"""What time alone will do to levels is told some days before, with what would keep them (K4, K6)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.scoring.domain.markets import MarketRanker
from services.scoring.domain.outlook import Fall, Outlook
from services.scoring.domain.places import Place
from services.scoring.domain.ruling import Ruling
from services.scoring.ports import Board, Counted, Desk, Falls, Foretold, Lease, Prospects, ScoringStore, Stay
from services.scoring.usecases.memory import PAGE, Memory, settled
from shared.contracts.tiers import TierDropAhead
from shared.contracts.types import Words
from shared.engine.model import Outgoing, Transaction

TOPIC = "tiers.v1"
# It takes a processor, beside events: at most a twentieth of the time, and not more often than every minute.
REST, LEAST_REST = 20, timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Future:
    """The tables at one moment: the ranking, and what leaves the window on each of the next days."""

    board: Board
    ranker: MarketRanker
    gone: Sequence[Sequence[Counted]]


class LookAhead:
    """After a day has begun, and now and then as orders come in, lets the next days pass in a ranker of its own.

    That ranker is made of one moment of the tables and works in a thread: events go on meanwhile. What it foresees is
    told, at most `limit` falls in a transaction, of those who are as they were at that moment.
    """

    def __init__(  # noqa: PLR0913 - its parts
        self,
        *,
        memory: Memory,
        store: ScoringStore,
        prospects: Prospects,
        falls: Falls,
        lease: Lease,
        desk: Desk,
        limit: int,
    ) -> None:
        self._memory = memory
        self._store = store
        self._prospects = prospects
        self._falls = falls
        self._lease = lease
        self._desk = desk
        self._limit = limit
        # The day and the policy for which all was told, and as of which decision; after a restart it is looked again.
        self._looked: tuple[date, str, int] | None = None
        self._rests_until = datetime.min.replace(tzinfo=UTC)

    async def __call__(self) -> None:
        if not self._lease.held or not self._is_due():
            return
        clock, ruling = self._desk.clock, self._memory.ruling
        began = clock.now()
        future = await self._read(ruling)
        if future is not None and await self._foresee(future, ruling):
            board = future.board
            self._looked = board.day, ruling.policy.digest, board.revision
            ended = clock.now()
            self._rests_until = ended + max(LEAST_REST, REST * (ended - began))

    def _is_due(self) -> bool:
        clock, board = self._desk.clock, self._memory.board
        if board is None or not self._memory.is_settled(clock.today()):
            return False
        now_at = board.day, self._memory.ruling.policy.digest, board.revision
        if self._looked is None or self._looked[:2] != now_at[:2]:
            return True
        # Orders that came late, or an import, may bring somebody near a fall in the middle of a day.
        return self._looked != now_at and clock.now() >= self._rests_until

    async def _read(self, ruling: Ruling) -> Future | None:
        """One moment of the tables; None where levels have to be decided first."""
        digest = ruling.policy.digest
        async with self._desk.database.transaction() as tx:
            await self._prospects.freeze(tx)
            board = await self._prospects.read_board(tx)
            if board is None or board.day < self._desk.clock.today() or board.decided_under != digest:
                return None
            ranker = MarketRanker(ruling.rules, board.day, divided=ruling.markets.by is not None)
            async with aclosing(self._store.standings(tx, self._memory.window_opens(board.day))) as lots:
                async for lot in lots:
                    ranker.load(lot.traded)
            days = range(1, ruling.policy.rfm.drop_ahead_days + 1)
            gone = [await self._expired(tx, self._memory.window_opens(board.day + timedelta(days=n))) for n in days]
        # Whoever waits for a decision would be taken for falling.
        undecided = await asyncio.to_thread(settled, ranker, ruling.levels)
        return None if undecided else Future(board, ranker, gone)

    async def _expired(self, tx: Transaction, dated: date) -> Sequence[Counted]:
        gone: list[Counted] = []
        while page := await self._store.page_expired(tx, dated, gone[-1].customer_id if gone else "", PAGE):
            gone += page
        return gone

    async def _foresee(self, future: Future, ruling: Ruling) -> bool:
        """Tell of every fall that was not told; False when the present has moved on meanwhile."""
        outlook = Outlook(future.ranker, ruling.levels)
        for gone in future.gone:
            falling = {
                Stay(place.name, place.sequence, date.fromordinal(place.last)): place
                for place in await asyncio.to_thread(outlook.next_day, gone)
            }
            async with self._desk.database.transaction() as tx:
                told = await self._falls.told(tx, falling)
            untold = [place for stay, place in falling.items() if stay not in told]
            for start in range(0, len(untold), self._limit):
                found = await asyncio.to_thread(falls_of, outlook, untold[start : start + self._limit])
                if not await self._tell(found, future.board, ruling):
                    return False
        return True

    async def _tell(self, found: Sequence[Fall], board: Board, ruling: Ruling) -> bool:
        memory, clock = self._memory, self._desk.clock
        try:
            async with self._desk.database.transaction() as tx:
                await self._lease.check(tx)
                now_at = await memory.enter(tx, clock.today())
                if now_at.day != board.day or memory.ruling.policy.digest != ruling.policy.digest:
                    return False
                told = [
                    foretold(fall, board.day, ruling)
                    for fall in found
                    if stays(memory.ranker.places.get(fall.customer_id), fall)
                ]
                await self._falls.add(tx, told)
                await self._desk.outbox.append(tx, [outgoing(each) for each in told], now=clock.now())
        finally:
            memory.undo()
        return True


def falls_of(outlook: Outlook, places: Sequence[Place]) -> list[Fall]:
    return [outlook.fall_of(place) for place in places]


def stays(place: Place | None, fall: Fall) -> bool:
    """Whether a customer has the level still, by the same decision and with the same last order."""
    return place is not None and place.sequence == fall.sequence and place.last == fall.last_order_on.toordinal()


def foretold(fall: Fall, day: date, ruling: Ruling) -> Foretold:
    policy = ruling.policy
    return Foretold(fall, day, policy.version, policy.base_currency, ruling.wording.ahead(fall))


def outgoing(told: Foretold) -> Outgoing:
    fall = told.fall
    data = TierDropAhead(
        customer_id=fall.customer_id,
        level=fall.falls_to,
        date=fall.act_by,
        words=Words(zh=told.why.zh, en=told.why.en),
        held=fall.level,
        falls_on=fall.falls_on,
        keeps=fall.keeps,
        currency=told.currency,
        foreseen_on=told.foreseen_on,
        sequence=fall.sequence,
        policy_version=told.policy_version,
        rep=fall.rep,
        last_order_on=fall.last_order_on,
    )
    event_id = f"{fall.customer_id}:{fall.sequence}:{fall.last_order_on.isoformat()}"
    return Outgoing(TOPIC, fall.customer_id, "tier.drop_ahead", event_id, data)


class ReadFalls:
    """Falls that still lie ahead."""

    def __init__(self, *, desk: Desk, falls: Falls) -> None:
        self._desk = desk
        self._falls = falls

    async def __call__(self, rep: str | None, after: str, limit: int) -> Sequence[Foretold]:
        async with self._desk.database.transaction() as tx:
            return await self._falls.page(tx, self._desk.clock.today(), rep, after, limit)
