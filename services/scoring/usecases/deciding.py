"""Events and days become levels: what is noted of a batch is settled once, and what changed is told (K1-K6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from services.scoring.domain.customers import Entry, Tier
from services.scoring.domain.decisions import Change, Known, Occasion
from services.scoring.domain.places import Place
from services.scoring.ports import Board, Clock, ScoringStore, Told
from services.scoring.usecases.memory import PAGE, Memory, remember
from services.scoring.usecases.work import Decided, Draft, Work
from shared.contracts.customers import CustomerFacts, TradeRecorded
from shared.contracts.tiers import TierCause
from shared.engine.model import Event, Outgoing, Refused, Transaction
from shared.money import total

A_DAY = timedelta(days=1)
TOPIC = "tiers.v1"


class DayNotOverError(TimeoutError):
    """So many wait for their level of an earlier day that `PassDays` comes first; the events wait, as for a server."""


class DecideLevels:
    """The use case over batches of `customers.v1`; the day's end goes through it too.

    A transaction decides about everybody whom its events touch, and about at most `decisions` others: whoever else
    was moved waits in memory for the next ones.
    """

    def __init__(self, *, memory: Memory, store: ScoringStore, clock: Clock, decisions: int) -> None:
        self._memory = memory
        self._store = store
        self._clock = clock
        self._decisions = decisions

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Work:
        """Begin, let the days pass up to today, and fetch what deciding on `events` needs.

        `DayNotOverError` while a day before the last moved more customers than a transaction decides.
        """
        work = await self.begin(tx)
        while work.board.day < self._clock.today():
            if work.waiting:
                raise DayNotOverError(work.board.day.isoformat())
            await self.pass_day(tx, work)
        await self.fetch(tx, work, events)
        return work

    async def begin(self, tx: Transaction) -> Work:
        """Begin a transaction's work, which ends with `committed` or `rolled_back`."""
        memory = self._memory
        board = await memory.enter(tx, self._clock.today())
        return Work(board, memory.window_opens(board.day), dict(memory.waiting))

    async def pass_day(self, tx: Transaction, work: Work) -> None:
        """Let the next day begin: a year's last day leaves the window, and who ordered on it last lapses (K4, K6)."""
        memory = self._memory
        day = work.board.day + A_DAY
        memory.ranker.set_today(day)
        work.board, work.window_opens = work.board._replace(day=day), memory.window_opens(day)
        after = ""
        while page := await self._store.page_expired(tx, work.window_opens, after, PAGE):
            for gone in page:
                memory.ranker.adjust(gone.customer_id, -gone.orders, -gone.amount)
            after = page[-1].customer_id
        moved = self._settle(work)
        self._await_decision(work, moved, Occasion(TierCause(kind="date", date=day)))
        self._decide_waiting(work, self._clock.now())

    async def fetch(self, tx: Transaction, work: Work, events: Sequence[Event]) -> None:
        ranker = self._memory.ranker
        touched = dict.fromkeys(event.data.customer_id for event in events)
        missing = [customer_id for customer_id in touched if customer_id not in ranker.places]
        for customer_id in work.waiting:
            if len(missing) > len(touched) + self._decisions:
                break
            if customer_id not in ranker.places and customer_id not in work.fallen:
                missing.append(customer_id)
        if missing:
            work.rows = dict(await self._store.load_customers(tx, missing, work.window_opens))
        for customer_id in touched:
            place = ranker.places.get(customer_id)
            work.drafts[customer_id] = (
                Draft.of_row(work.rows.get(customer_id)) if place is None else Draft.of_place(place)
            )
        keys = [
            (event.data.customer_id, event.data.entry.entry_id)
            for event in events
            if isinstance(event.data, TradeRecorded)
            and event.data.entry is not None
            and work.drafts[event.data.customer_id].version
        ]
        if keys:
            work.entries = await self._store.load_entries(tx, keys)

    def decide(self, work: Work, event: Event, now: datetime) -> Sequence[Outgoing]:
        """Note what an event says; levels are decided once for the batch.

        Older facts than those known are passed over, but never an entry that was not seen in a newer state: a dead
        letter may be replayed after its successors.
        """
        data: CustomerFacts = event.data
        if data.customer_class == "contract" and data.last_order_on is None:
            raise Refused("bad_data", "last_order_on: a contract customer has a last order")
        draft = work.drafts[data.customer_id]
        if isinstance(data, TradeRecorded):
            work.latest = event
            if data.entry is not None:
                told = data.entry
                key = (data.customer_id, told.entry_id)
                before = work.entries.get(key)
                if before is None or before.version < data.version:
                    after = Entry(
                        data.version,
                        told.kind == "order",
                        told.dated,
                        told.amount,
                        told.counts,
                        told.gross,
                        told.channel,
                        told.sold_by,
                        told.completed_on,
                        len(told.lines) if told.lines else 0,
                        total(line.amount for line in told.lines) if told.lines else None,
                    )
                    if told.lines or (before is not None and before.lines):
                        work.lines[key] = told.lines or ()
                    orders, amount = after.adds(work.window_opens)
                    if before is not None:
                        orders_before, amount_before = before.adds(work.window_opens)
                        orders, amount = orders - orders_before, amount - amount_before
                    draft.orders += orders
                    draft.amount += amount
                    work.entries[key] = work.written[key] = after
        if data.version > draft.version:
            draft.version, draft.told = data.version, data
        draft.event = event
        work.latest = work.latest or event
        return ()

    def conclude(self, work: Work, now: datetime) -> Sequence[Outgoing]:
        """Settle the batch, and tell of every level that is not what was decided last."""
        ranker, levels = self._memory.ranker, self._memory.ruling.levels
        work.drafts = {customer_id: draft for customer_id, draft in work.drafts.items() if draft.event is not None}
        work.newest = {
            customer_id: draft.newest(self._memory.ruling.markets) for customer_id, draft in work.drafts.items()
        }
        for customer_id, facts in work.newest.items():
            if facts.customer_class == "contract" and facts.last_order_on is not None:
                draft = work.drafts[customer_id]
                ranker.change(customer_id, facts.market, facts.last_order_on, draft.orders, draft.amount)
            else:
                ranker.remove(customer_id)
        moved = self._settle(work)
        for customer_id, draft in work.drafts.items():
            work.waiting.pop(customer_id, None)
            facts, decided = work.newest[customer_id], work.decided.get(customer_id)
            tier = levels.tier_of(customer_id, facts, ranker)
            before, sequence = (draft.tier, draft.sequence) if decided is None else (decided.tier, decided.sequence)
            if tier != before and draft.event is not None:
                known = Known(customer_id, facts, before, sequence)
                self._tell(work, known, tier, occasion_of(draft.event, own=True), now)
        if work.latest is not None:
            self._await_decision(work, moved, occasion_of(work.latest, own=False))
        self._decide_waiting(work, now)
        return work.outgoings

    async def save(self, tx: Transaction, work: Work) -> None:
        store, board = self._store, self._after(work)
        if board == self._memory.board:
            return
        await store.save_levels(tx, list(work.displaced()))
        await store.save_trades(tx, work.traded())
        await store.save_customers(tx, list(work.touched()))
        await store.note_unassessed(tx, work.to_assess())
        await store.save_entries(tx, work.written)
        await store.save_lines(tx, work.lines)
        await store.save_details(tx, list(work.details()), board.day)
        await store.add_history(tx, work.history, work.settlings)
        await store.move_board(tx, board)

    def committed(self, work: Work) -> None:
        places = self._memory.ranker.places
        for customer_id, facts in work.newest.items():
            place = places.get(customer_id)
            if place is not None:
                draft, decided = work.drafts[customer_id], work.decided.get(customer_id)
                tier, sequence = (draft.tier, draft.sequence) if decided is None else decided[1:3]
                if tier is not None:
                    remember(place, facts, tier.level, sequence)
        for customer_id, decided in work.decided.items():
            place = places.get(customer_id)
            if place is not None:
                place.level, place.sequence = decided.tier.level, decided.sequence
        self._memory.commit(self._after(work), work.waiting)

    def rolled_back(self) -> None:
        self._memory.undo()

    def _settle(self, work: Work) -> Mapping[str, Place]:
        work.asked = {}
        return self._memory.ranker.settle()

    def _await_decision(self, work: Work, moved: Mapping[str, Place], occasion: Occasion) -> None:
        for customer_id, place in moved.items():
            if customer_id not in work.drafts:
                work.waiting[customer_id] = occasion
                if customer_id not in self._memory.ranker.places:
                    work.fallen[customer_id] = place

    def _decide_waiting(self, work: Work, now: datetime) -> None:
        ranker = self._memory.ranker
        for customer_id in list(work.waiting):
            if len(work.outgoings) >= self._decisions + len(work.drafts):
                return
            known = work.known(customer_id, ranker.places.get(customer_id))
            if known is not None:
                occasion = work.waiting.pop(customer_id)
                tier = self._memory.ruling.levels.tier_of(customer_id, known.facts, ranker)
                if tier != known.tier:
                    self._tell(work, known, tier, occasion, now)

    def _tell(self, work: Work, known: Known, tier: Tier, occasion: Occasion, now: datetime) -> None:
        ranker, since = self._memory.ranker, work.board.day
        settling, circumstances = work.circumstances(ranker, known.facts.market)
        scores = ranker.scores(known.customer_id) if tier.customer_class == "contract" else None
        changed = self._memory.ruling.judge.tell(Change(known, tier, scores, occasion, since), circumstances, now)
        event_id = f"{known.customer_id}:{changed.sequence}"
        work.outgoings.append(
            Outgoing(TOPIC, known.customer_id, "tier.changed", event_id, changed, trace=occasion.trace)
        )
        work.history.append(Told(changed, settling))
        work.decided[known.customer_id] = Decided(known.facts, tier, changed.sequence, since)

    def _after(self, work: Work) -> Board:
        """The board that this transaction leaves; the same when nothing happened."""
        digest = self._memory.ruling.policy.digest
        decided_under = work.board.decided_under if work.waiting else digest
        after = Board(work.board.day, work.board.revision, digest, decided_under)
        if after == self._memory.board and not work.drafts and not work.decided:
            return after
        return after._replace(revision=after.revision + max(1, len(work.settlings)))


def occasion_of(event: Event, *, own: bool) -> Occasion:
    """The event of the outside world that brought the customer's event about."""
    cause = event.data.cause
    return Occasion(TierCause(kind="event", id=cause.id, type=cause.type), own, event.trace)
