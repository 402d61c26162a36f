"""A service as small as can be: it notes each order it accepts, and can be told to misbehave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg

from shared.contracts.reminders import ReminderDone
from shared.engine.batch import BatchProcessor
from shared.engine.deadletters import DeadLetters
from shared.engine.items import Outcome
from shared.engine.lease import Lease
from shared.engine.migrations import migrate
from shared.engine.model import BatchHandler, Event, Outgoing, Received, Transaction
from shared.engine.outbox import Outbox
from shared.engine.poison import PoisonLimits, PoisonWatch
from shared.engine.postgres import Database

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LIMITS = PoisonLimits(run=100, window=1000, share=0.5)


@dataclass
class Ledger(BatchHandler):
    """Keeps every accepted order as a row; `before_save` and `before_decide` let a test break things."""

    before_decide: Callable[[Event], None] = field(default_factory=lambda: accept)
    before_save: Callable[[Transaction], Any] | None = None
    loads: int = 0
    rollbacks: int = 0
    commits: int = 0

    async def load(self, tx: Transaction, events: Sequence[Event]) -> list[tuple[str, str, str]]:
        self.loads += 1
        return []

    def decide(self, work: list[tuple[str, str, str]], event: Event, now: datetime) -> Sequence[Outgoing]:
        self.before_decide(event)
        work.append((event.data.customer_id, event.data.order_id, str(event.data.amount)))
        return [Outgoing("reminders.v1", event.data.customer_id, "reminder.done", f"done:{event.id}", done(event))]

    async def save(self, tx: Transaction, work: list[tuple[str, str, str]]) -> None:
        if self.before_save is not None:
            await self.before_save(tx)
        for row in work:
            await tx.execute("INSERT INTO ledger (customer_id, order_id, amount) VALUES ($1, $2, $3)", *row)

    def committed(self, work: Any) -> None:
        self.commits += 1

    def rolled_back(self) -> None:
        self.rollbacks += 1


def accept(event: Event) -> None:
    """Every event is fine."""


def done(event: Event) -> ReminderDone:
    """Something to publish."""
    return ReminderDone(
        reminder_id=event.id, customer_id=event.data.customer_id, rep="rep-1", done_at=NOW, contact_id=event.id
    )


@dataclass
class Seen:
    """What a processor told its observer."""

    outcomes: list[Outcome] = field(default_factory=list)
    waits_of: list[BaseException | None] = field(default_factory=list)

    def committed(self, outcome: Outcome, seconds: float) -> None:
        self.outcomes.append(outcome)

    def waits(self, error: BaseException | None) -> None:
        self.waits_of.append(error)


async def prepare(dsn: str) -> None:
    """Make the engine's tables and the ledger's."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("DO $$ BEGIN CREATE ROLE ledger_app; EXCEPTION WHEN duplicate_object THEN END $$")
    await migrate(dsn, packages=("shared.engine",), app_role="ledger_app")
    await connection.execute("CREATE TABLE ledger (customer_id text, order_id text, amount numeric(12, 2))")
    await connection.close()


def processor(database: Database, ledger: Ledger, *, lease: Lease | None = None, seen: Seen | None = None,
              consumer: str = "customers") -> BatchProcessor:  # fmt: skip
    """A processor for the ledger's only topic."""
    return BatchProcessor(
        consumer=consumer,
        database=database,
        outbox=Outbox("/tierline/customers"),
        letters=DeadLetters(),
        handler=ledger,
        watch=PoisonWatch(lambda: LIMITS),
        now=lambda: NOW,
        observer=seen or Seen(),
        lease=lease,
    )


def order(number: int, *, offset: int | None = None, partition: int = 0, event_id: str | None = None,
          customer: str | None = None, **data: Any) -> Received:  # fmt: skip
    """A well-formed `order.placed` as it comes off the wire, or with `data` changed."""
    customer = customer or f"C-{number % 7}"
    body = {
        "specversion": "1.0", "id": event_id or f"e-{number}", "source": "/orders", "type": "order.placed",
        "time": "2026-03-02T10:00:00+08:00", "datacontenttype": "application/json",
        "data": {"order_id": f"SO-{number}", "customer_id": customer, "amount": "10.50", "currency": "CNY",
                 "placed_at": "2026-03-02T10:00:00+08:00"} | data,
    }  # fmt: skip
    return raw(number if offset is None else offset, json.dumps(body).encode(), partition=partition, key=customer)


def raw(offset: int, value: bytes | None, *, partition: int = 0, key: str = "C-1") -> Received:
    """Any bytes as a record."""
    return Received("orders.v1", partition, offset, 1_772_000_000_000, key.encode(), value, ())


async def orders_of(database: Database) -> list[str]:
    """The order ids in the ledger, with repetitions."""
    return sorted(row["order_id"] for row in await database.fetch("SELECT order_id FROM ledger"))


async def letters_of(database: Database) -> list[tuple[int, str]]:
    """Offset and code of each waiting dead letter."""
    rows = await database.fetch("SELECT record_offset, code FROM dead_letters WHERE replayed_at IS NULL ORDER BY 1")
    return [(row["record_offset"], row["code"]) for row in rows]


async def fence_of(database: Database, partition: int = 0) -> int:
    """The next offset of a partition."""
    return int(await database.fetchval("SELECT next_offset FROM consumed_offsets WHERE partition = $1", partition))


async def sent_of(database: Database) -> int:
    """Records waiting in the outbox, those for the dead-letter topic left out."""
    count = await database.fetchval("SELECT coalesce(sum(records), 0) FROM outbox WHERE topic NOT LIKE '%.dlq'")
    return int(count)


async def eventually(condition: Callable[[], Any], *, seconds: float = 20.0) -> None:
    """Return when `condition()` (awaited when it must be) is true; AssertionError after `seconds`."""
    async with asyncio.timeout(seconds):
        while True:
            value = condition()
            if asyncio.iscoroutine(value):
                value = await value
            if value:
                return
            await asyncio.sleep(0.05)
