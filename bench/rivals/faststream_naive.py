"""The obvious FastStream program: one message, one transaction, one publication at a time, in four stages.

Written as FastStream's documentation shows it: annotated pydantic models, `@publisher` for what a stage tells the
next, a pool of connections in the lifespan. Everything stays at FastStream's defaults but `group_id` and
`auto_offset_reset="earliest"`, without which the stages would miss what was sent before they were ready.

    faststream run bench.rivals.faststream_naive:customers     (… :scoring, :followup, :archive)

It does the work of Tierline's stages and is let off wherever that would only make it slower: cutoffs are a minute old
instead of exact, nobody's level moves but that of the customer who ordered, a crash may lose or double an effect.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import asyncpg
from faststream import Context, ContextRepo, FastStream
from faststream.kafka import KafkaBroker
from pydantic import BaseModel

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
RATES = {"CNY": Decimal(1), "USD": Decimal("7.1"), "EUR": Decimal("7.8")}
WINDOW = timedelta(days=365)
CUTOFFS_LAST = 60.0  # seconds
CADENCE = {"key": timedelta(days=30), "ordinary": timedelta(days=30)}

SCHEMA = """
CREATE TABLE customers (customer_id text PRIMARY KEY, version bigint NOT NULL, orders int NOT NULL,
    first_order_on date NOT NULL, last_order_on date NOT NULL);
CREATE TABLE orders (order_id text PRIMARY KEY, customer_id text NOT NULL, placed_at timestamptz NOT NULL,
    amount numeric NOT NULL, currency text NOT NULL);
CREATE TABLE entries (entry_id text PRIMARY KEY, customer_id text NOT NULL, dated date NOT NULL,
    amount numeric NOT NULL);
CREATE TABLE scores (customer_id text PRIMARY KEY, last_on date NOT NULL, frequency int NOT NULL,
    monetary numeric NOT NULL, level text, sequence int NOT NULL DEFAULT 0);
CREATE TABLE schedules (customer_id text PRIMARY KEY, version bigint NOT NULL, last_order_on date NOT NULL, level text,
    due_at timestamptz NOT NULL);
CREATE TABLE audit (seq bigint PRIMARY KEY, event_id text NOT NULL UNIQUE, file text NOT NULL, action text NOT NULL,
    at timestamptz NOT NULL, hash bytea NOT NULL);
CREATE TABLE head (seq bigint NOT NULL, hash bytea NOT NULL);
INSERT INTO head VALUES (0, '\\x00');
"""

# A population to rank among, as if it had ordered before: `$1` customers with one order each.
POPULATION = """
WITH bought AS (
    SELECT 'C-' || n AS customer_id, current_date - n % 300 AS dated,
        (n * 7919::bigint % 100000)::numeric / 100 AS amount
    FROM generate_series(0, $1::int - 1) AS n
), known AS (
    INSERT INTO customers SELECT customer_id, 1, 1, dated, dated FROM bought
), entered AS (
    INSERT INTO entries SELECT 'o:before-' || customer_id, customer_id, dated, amount FROM bought
), scheduled AS (
    INSERT INTO schedules SELECT customer_id, 1, dated, 'ordinary', now() + interval '30 days' FROM bought
)
INSERT INTO scores SELECT customer_id, dated, 1, amount, 'ordinary', 1 FROM bought
"""


class Order(BaseModel):
    order_id: str
    customer_id: str
    amount: Decimal
    currency: str
    placed_at: datetime


class OrderPlaced(BaseModel):
    id: str
    type: Literal["order.placed"]
    data: Order


class TradeRecorded(BaseModel):
    customer_id: str
    version: int
    orders: int
    first_order_on: date
    last_order_on: date
    order_id: str
    dated: date
    amount: Decimal


class TierChanged(BaseModel):
    customer_id: str
    sequence: int
    before: str | None
    after: str
    r: int
    f: int
    m: int


Pool = Annotated[asyncpg.Pool, Context("pool")]


@asynccontextmanager
async def database(context: ContextRepo) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE"]) as pool:
        context.set_global("pool", pool)
        yield


def broker() -> KafkaBroker:
    return KafkaBroker(os.environ.get("KAFKA", "localhost:9092"))


customers_broker, scoring_broker, followup_broker, archive_broker = broker(), broker(), broker(), broker()
customers = FastStream(customers_broker, lifespan=database)
scoring = FastStream(scoring_broker, lifespan=database)
followup = FastStream(followup_broker, lifespan=database)
archive = FastStream(archive_broker, lifespan=database)


@customers_broker.subscriber("naive.orders.v1", group_id="naive.customers", auto_offset_reset="earliest")
async def record_trade(event: OrderPlaced, pool: Pool) -> None:
    order = event.data
    dated = order.placed_at.astimezone(BUSINESS_ZONE).date()
    async with pool.acquire() as connection, connection.transaction():
        inserted = await connection.fetchval(
            "INSERT INTO orders VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING true",
            order.order_id,
            order.customer_id,
            order.placed_at,
            order.amount,
            order.currency,
        )
        if not inserted:
            return
        facts = await connection.fetchrow(
            "INSERT INTO customers AS c VALUES ($1, 1, 1, $2, $2) ON CONFLICT (customer_id) DO UPDATE SET"
            " version = c.version + 1, orders = c.orders + 1,"
            " first_order_on = least(c.first_order_on, $2), last_order_on = greatest(c.last_order_on, $2) RETURNING *",
            order.customer_id,
            dated,
        )
    await customers_broker.publish(
        TradeRecorded(**facts, order_id=order.order_id, dated=dated, amount=order.amount * RATES[order.currency]),
        topic="naive.customers.v1",
        key=order.customer_id.encode(),
    )


@dataclass
class Cutoffs:
    """The quantiles that scores are held against, read again when they are a minute old."""

    read_at: float = float("-inf")
    days: list[float] = field(default_factory=list)
    frequency: list[float] = field(default_factory=list)
    monetary: list[Decimal] = field(default_factory=list)

    async def refresh(self, connection: asyncpg.Connection) -> None:
        if time.monotonic() - self.read_at < CUTOFFS_LAST:
            return
        row = await connection.fetchrow(
            "SELECT percentile_cont(array[.2, .4, .6, .8]) WITHIN GROUP (ORDER BY current_date - last_on) AS days,"
            " percentile_cont(array[.2, .4, .6, .8]) WITHIN GROUP (ORDER BY frequency) AS frequency,"
            " percentile_cont(array[.2, .4, .6, .8]) WITHIN GROUP (ORDER BY monetary) AS monetary"
            " FROM scores WHERE last_on > current_date - 365"
        )
        self.read_at = time.monotonic()
        self.days, self.frequency = row["days"] or [], row["frequency"] or []
        self.monetary = [Decimal(cutoff) for cutoff in row["monetary"] or []]


cutoffs = Cutoffs()


@scoring_broker.subscriber("naive.customers.v1", group_id="naive.scoring", auto_offset_reset="earliest")
async def score(trade: TradeRecorded, pool: Pool) -> None:
    today = datetime.now(BUSINESS_ZONE).date()
    async with pool.acquire() as connection, connection.transaction():
        await cutoffs.refresh(connection)
        if not await connection.fetchval(
            "INSERT INTO entries VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING true",
            f"o:{trade.order_id}",
            trade.customer_id,
            trade.dated,
            trade.amount,
        ):
            return
        counted = trade.dated > today - WINDOW
        now = await connection.fetchrow(
            "INSERT INTO scores AS s (customer_id, last_on, frequency, monetary) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (customer_id) DO UPDATE SET last_on = greatest(s.last_on, $2),"
            " frequency = s.frequency + $3, monetary = s.monetary + $4 RETURNING *",
            trade.customer_id,
            trade.last_order_on,
            int(counted),
            trade.amount if counted else Decimal(0),
        )
        r = 5 - sum(cutoff < (today - now["last_on"]).days for cutoff in cutoffs.days)
        f = 1 + sum(cutoff < now["frequency"] for cutoff in cutoffs.frequency)
        m = 1 + sum(cutoff < now["monetary"] for cutoff in cutoffs.monetary)
        level = "key" if r + f + m >= 13 else "ordinary"  # noqa: PLR2004 - about the best fifth
        if level == now["level"]:
            return
        await connection.execute(
            "UPDATE scores SET level = $2, sequence = sequence + 1 WHERE customer_id = $1", trade.customer_id, level
        )
    await scoring_broker.publish(
        TierChanged(
            customer_id=trade.customer_id,
            sequence=now["sequence"] + 1,
            before=now["level"],
            after=level,
            r=r,
            f=f,
            m=m,
        ),
        topic="naive.tiers.v1",
        key=trade.customer_id.encode(),
    )


@followup_broker.subscriber("naive.customers.v1", group_id="naive.followup", auto_offset_reset="earliest")
async def schedule(trade: TradeRecorded, pool: Pool) -> None:
    ordered_at = datetime.combine(trade.last_order_on, datetime.min.time(), BUSINESS_ZONE)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO schedules AS s (customer_id, version, last_order_on, due_at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (customer_id) DO UPDATE SET version = $2, last_order_on = $3, due_at = $4"
            " WHERE s.version < $2",
            trade.customer_id,
            trade.version,
            trade.last_order_on,
            ordered_at + CADENCE["ordinary"],
        )


@followup_broker.subscriber("naive.tiers.v1", group_id="naive.followup", auto_offset_reset="earliest")
async def reschedule(change: TierChanged, pool: Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE schedules SET level = $2, due_at = last_order_on + $3::interval WHERE customer_id = $1",
            change.customer_id,
            change.after,
            CADENCE[change.after],
        )


async def seal(pool: asyncpg.Pool, event_id: str, file: str, action: str) -> None:
    async with pool.acquire() as connection, connection.transaction():
        seq, previous = await connection.fetchrow("SELECT seq, hash FROM head FOR UPDATE")
        at = datetime.now(UTC)
        sealed = sha256(previous + f"{seq + 1}|{event_id}|{file}|{action}|{at.isoformat()}".encode()).digest()
        inserted = await connection.fetchval(
            "INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (event_id) DO NOTHING RETURNING true",
            seq + 1,
            event_id,
            file,
            action,
            at,
            sealed,
        )
        if inserted:
            await connection.execute("UPDATE head SET seq = $1, hash = $2", seq + 1, sealed)


@archive_broker.subscriber("naive.customers.v1", group_id="naive.archive", auto_offset_reset="earliest")
async def seal_trade(trade: TradeRecorded, pool: Pool) -> None:
    await seal(pool, f"o:{trade.order_id}", trade.customer_id, "file_amended")


@archive_broker.subscriber("naive.tiers.v1", group_id="naive.archive", auto_offset_reset="earliest")
async def seal_level(change: TierChanged, pool: Pool) -> None:
    await seal(pool, f"t:{change.customer_id}:{change.sequence}", change.customer_id, "level_decided")
