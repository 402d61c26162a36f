"""The world outside: an order system that sends numbered events at a bounded rate and remembers them."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

TOPIC = "orders.v1"
SEND_SECONDS = 60.0
FLIGHT = 200  # events under way at once: what a crash may leave in doubt


@dataclass
class Trade:
    """What must be true of one order in the end, whatever came in which order and how often."""

    customer_id: str
    amount: Decimal
    cancelled: bool = False
    returned: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        """The order's amount less its returns, never below zero; nothing when it is cancelled."""
        return Decimal(0) if self.cancelled else max(Decimal(0), self.amount - self.returned)


@dataclass(frozen=True)
class Sent:
    """One event on its way."""

    id: str
    customer_id: str
    value: bytes


@dataclass
class OrderSystem:
    """Sends orders, cancellations and returns, a few of them twice, some before the order that they name.

    Everything follows from `seed`. What it counts as sent was acknowledged by the broker; an event whose
    acknowledgement failed is sent again under the same id until it is.
    """

    bootstrap: str
    seed: int
    customers: int = 200
    trades: dict[str, Trade] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)
    """Distinct events sent, by customer."""
    sent: int = 0

    def __post_init__(self) -> None:
        self._producer: AIOKafkaProducer | None = None
        self._retiring: list[asyncio.Task[None]] = []
        self._chance = Random(self.seed)  # noqa: S311 - the same load again for the same seed
        self._story = self._tell()
        self._later: dict[int, list[Sent]] = defaultdict(list)
        self._seen: set[str] = set()

    async def send(self, rate: float, seconds: float) -> None:
        """Send at `rate` events a second for `seconds`, however often the broker goes away in between."""
        begun = time.monotonic()
        done = 0
        while (passed := time.monotonic() - begun) < seconds:
            due = min(int(passed * rate) + 1 - done, FLIGHT)
            if due > 0:
                await self._deliver([next(self._story) for _ in range(due)])
                done += due
            await asyncio.sleep(0.02)

    async def finish(self) -> None:
        """Send what was to be told later, so that every trade that was begun is told whole."""
        await self._deliver([event for _, events in sorted(self._later.items()) for event in events])
        self._later.clear()
        self._drop_producer()
        await asyncio.wait_for(asyncio.gather(*self._retiring, return_exceptions=True), SEND_SECONDS)

    def _tell(self) -> Iterator[Sent]:
        """An endless story of trade; what is told early or twice comes within the next hundred events."""
        number = 0
        while True:
            number += 1
            order_id = f"O-{self.seed}-{number}"
            trade = Trade(f"C-{self._chance.randrange(self.customers)}", Decimal(self._chance.randrange(100_000)) / 100)
            self.trades[order_id] = trade
            placed = self._placed(order_id, trade)
            story = [placed]
            what = self._chance.random()
            if what < 0.06:
                story.append(self._cancelled(order_id, trade))
            elif what < 0.12:
                story.append(self._returned(order_id, trade))
            elif what < 0.17:
                story.append(placed)
            self._chance.shuffle(story)
            for event in story[1:]:
                self._later[number + self._chance.randrange(1, 100)].append(event)
            yield story[0]
            # One by one: what is not handed out yet when it is stopped here is still to be told.
            while self._later[number]:
                yield self._later[number].pop(0)
            del self._later[number]

    def _placed(self, order_id: str, trade: Trade) -> Sent:
        placed_at = datetime.now(UTC) - timedelta(minutes=self._chance.randrange(1, 300 * 24 * 60))
        data = {
            "order_id": order_id,
            "amount": str(trade.amount),
            "currency": "CNY",
            "placed_at": placed_at.isoformat(),
        }
        return self._event("order.placed", order_id, trade, data)

    def _cancelled(self, order_id: str, trade: Trade) -> Sent:
        trade.cancelled = True
        data = {"order_id": order_id, "cancelled_at": datetime.now(UTC).isoformat()}
        return self._event("order.cancelled", f"X-{order_id}", trade, data)

    def _returned(self, order_id: str, trade: Trade) -> Sent:
        trade.returned = Decimal(self._chance.randrange(50_000)) / 100
        returned_at = datetime.now(UTC).isoformat()
        data = {"return_id": f"R-{order_id}", "order_id": order_id, "amount": str(trade.returned), "currency": "CNY"}
        return self._event("order.returned", f"R-{order_id}", trade, {**data, "returned_at": returned_at})

    @staticmethod
    def _event(kind: str, event_id: str, trade: Trade, data: dict[str, str]) -> Sent:
        event = {
            "specversion": "1.0",
            "id": event_id,
            "source": "/order-system",
            "type": kind,
            "time": datetime.now(UTC).isoformat(),
            "datacontenttype": "application/json",
            "data": {**data, "customer_id": trade.customer_id},
        }
        return Sent(event_id, trade.customer_id, json.dumps(event).encode())

    async def _deliver(self, events: list[Sent]) -> None:
        """Send until all are acknowledged; what is in doubt goes out again, in order, through a new producer."""
        deadline = time.monotonic() + SEND_SECONDS
        doubtful = events
        while doubtful:
            try:
                producer = await self._reach()
                flights = [await producer.send(TOPIC, e.value, key=e.customer_id.encode()) for e in doubtful]
                landed = await asyncio.wait_for(asyncio.gather(*flights, return_exceptions=True), 20)
                doubtful = [e for e, result in zip(doubtful, landed, strict=True) if isinstance(result, BaseException)]
            except (KafkaError, OSError, TimeoutError):
                pass
            if doubtful:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the broker took {len(doubtful)} events not within {SEND_SECONDS:g} s")
                self._drop_producer()
        for event in events:
            self.sent += 1
            if event.id not in self._seen:
                self._seen.add(event.id)
                self.events[event.customer_id] += 1

    async def _reach(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self.bootstrap, acks="all", enable_idempotence=True, request_timeout_ms=10_000
            )
            self._producer = producer
            await asyncio.wait_for(producer.start(), 20)
        return self._producer

    def _drop_producer(self) -> None:
        """Give it up without waiting: one whose broker is away ends when it is back, with what it still holds."""
        producer, self._producer = self._producer, None
        if producer is not None:
            self._retiring.append(asyncio.create_task(producer.stop()))
