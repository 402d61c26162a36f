"""What time alone will do to levels is told some days before, with what would keep them (K4, K6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from services.scoring.domain.outlook import Fall, Outlook
from services.scoring.domain.ruling import Ruling
from services.scoring.ports import Board, Counted, Desk, Falls, Foretold, Lease, ScoringStore, Stay
from services.scoring.usecases.memory import PAGE, Memory
from shared.contracts.tiers import TierDropAhead
from shared.contracts.types import Words
from shared.engine.model import Outgoing, Transaction

TOPIC = "tiers.v1"
# Nobody decides while it is looked ahead: at most a thousandth of the time, and not more often than every minute.
REST, LEAST_REST = 1000, timedelta(minutes=1)


class LookAhead:
    """After a day has begun, and now and then as orders come in, lets the next days pass in memory and takes them back.

    Nobody decides meanwhile, so a transaction tells of at most `falls`, and the rest waits for the next ones.
    """

    def __init__(  # noqa: PLR0913 - its parts
        self, *, memory: Memory, store: ScoringStore, falls: Falls, lease: Lease, desk: Desk, limit: int
    ) -> None:
        self._memory = memory
        self._store = store
        self._falls = falls
        self._lease = lease
        self._desk = desk
        self._limit = limit
        # The day and the policy for which all was told, and as of which decision; after a restart it is looked again.
        self._looked: tuple[date, str, int] | None = None
        self._rests_until = datetime.min.replace(tzinfo=UTC)

    async def __call__(self) -> None:
        while self._lease.held and self._is_due():
            if not await self._step():
                return

    def _is_due(self) -> bool:
        clock, board = self._desk.clock, self._memory.board
        if board is None or not self._memory.is_settled(clock.today()):
            return False
        now_at = board.day, self._memory.ruling.policy.digest, board.revision
        if self._looked is None or self._looked[:2] != now_at[:2]:
            return True
        # Orders that came late, or an import, may bring somebody near a fall in the middle of a day.
        return self._looked != now_at and clock.now() >= self._rests_until

    async def _step(self) -> bool:
        """One transaction; False when the day has to be settled first."""
        memory, clock = self._memory, self._desk.clock
        now = clock.now()
        try:
            async with self._desk.database.transaction() as tx:
                await self._lease.check(tx)
                board = await memory.enter(tx, clock.today())
                ruling = memory.ruling
                if not memory.is_settled(clock.today()):
                    return False
                found = await self._foresee(tx, board, ruling)
                told = [foretold(fall, board.day, ruling) for fall in found]
                await self._falls.add(tx, told)
                await self._desk.outbox.append(tx, [outgoing(each) for each in told], now=now)
        finally:
            memory.undo()
        if len(found) < self._limit:
            self._looked = board.day, ruling.policy.digest, board.revision
            ended = clock.now()
            self._rests_until = ended + max(LEAST_REST, REST * (ended - now))
        return True

    async def _foresee(self, tx: Transaction, board: Board, ruling: Ruling) -> list[Fall]:
        outlook = Outlook(self._memory.ranker, ruling.levels)
        found: list[Fall] = []
        for days in range(1, ruling.policy.rfm.drop_ahead_days + 1):
            day = board.day + timedelta(days=days)
            falling = {
                Stay(place.name, place.sequence, date.fromordinal(place.last)): place
                for place in outlook.next_day(await self._expired(tx, self._memory.window_opens(day)))
            }
            told = await self._falls.told(tx, falling)
            for stay, place in falling.items():
                if stay not in told:
                    found.append(outlook.fall_of(place))
                    if len(found) == self._limit:
                        return found
        return found

    async def _expired(self, tx: Transaction, dated: date) -> Sequence[Counted]:
        gone: list[Counted] = []
        while page := await self._store.page_expired(tx, dated, gone[-1].customer_id if gone else "", PAGE):
            gone += page
        return gone


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
