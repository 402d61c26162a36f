"""Orders for a benchmark, published as the order system would: keyed, structured CloudEvents, acknowledged by all."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

PARTITIONS = 12
BATCH = 500  # records of one partition sent together at full speed
TICK = 0.01  # seconds between the sends of a paced load: fine enough that bursts do not show in the latency


@dataclass(frozen=True, slots=True)
class Order:
    order_id: str
    customer_id: str
    value: bytes

    @property
    def key(self) -> bytes:
        return self.customer_id.encode()


def orders(series: str, customers: Sequence[int], *, days_back: int = 0, seed: int = 1) -> list[Order]:
    """One order of each of `customers` in turn, placed now or within `days_back`; `series` keeps runs' ids apart."""
    chance = random.Random(seed)
    now = datetime.now(UTC).replace(microsecond=0)
    made = []
    for number, customer in enumerate(customers):
        order_id, customer_id = f"{series}-{number}", f"C-{customer}"
        placed_at = (now - timedelta(minutes=chance.randrange(1, days_back * 24 * 60 + 2))).isoformat()
        event = {
            "specversion": "1.0",
            "id": order_id,
            "source": "/order-system",
            "type": "order.placed",
            "time": placed_at,
            "datacontenttype": "application/json",
            "data": {
                "order_id": order_id,
                "customer_id": customer_id,
                "amount": f"{chance.lognormvariate(4, 1):.2f}",
                "currency": "CNY",
                "placed_at": placed_at,
            },
        }
        made.append(Order(order_id, customer_id, json.dumps(event).encode()))
    return made


def buyers(population: int, number: int, seed: int = 7) -> list[int]:
    """The customers of `number` orders: a few buy often and most seldom, as in trade.

    Each one's rate is drawn from the gamma distribution of the BG/NBD model that Fader, Hardie and Lee fitted to CDNOW
    ("Counting your customers" the easy way, 2005): shape 0.243.
    """
    chance = random.Random(seed)
    rates = [chance.gammavariate(0.243, 1.0) for _ in range(population)]
    return chance.choices(range(population), rates, k=number)


async def publish(bootstrap: str, topic: str, load: Sequence[Order], rate: float | None) -> dict[str, float]:
    """Publish at `rate` orders a second, or as fast as it goes; returns each one's second of handing over, since 1970.

    Raises:
        RuntimeError: when this machine cannot keep the rate, so that no latency is made of the generator's own delay.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_batch_size=512 * 1024
    )
    await producer.start()
    try:
        return await (_paced(producer, topic, load, rate) if rate else _flood(producer, topic, load))
    finally:
        await producer.stop()


async def warm(bootstrap: str, topic: str, seconds: float) -> None:
    """Keep the broker busy with small batches in and out, so that a young virtual machine compiles what it runs."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=10)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await consumer.start()
    await producer.start()
    reading = asyncio.create_task(_drain(consumer))
    try:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            records = [await producer.send(topic, b"x" * 400, key=b"%d" % n) for n in range(PARTITIONS)]
            await asyncio.gather(*records)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await producer.stop()
        await consumer.stop()


async def _drain(consumer: AIOKafkaConsumer) -> None:
    while True:
        await consumer.getmany(timeout_ms=100)


async def _flood(producer: AIOKafkaProducer, topic: str, load: Sequence[Order]) -> dict[str, float]:
    partition_of = DefaultPartitioner()
    partitions = list(range(PARTITIONS))
    shares: dict[int, list[Order]] = defaultdict(list)
    handed: dict[str, float] = {}
    sent = []

    async def send(partition: int, share: Iterable[Order]) -> None:
        batch = producer.create_batch()
        for order in share:
            if batch.append(key=order.key, value=order.value, timestamp=None) is None:
                raise RuntimeError("BATCH orders are more than max_batch_size")
        batch.close()
        sent.append(await producer.send_batch(batch, topic, partition=partition))

    for order in load:
        partition = partition_of(order.key, partitions, partitions)
        shares[partition].append(order)
        handed[order.order_id] = time.time()
        if len(shares[partition]) == BATCH:
            await send(partition, shares.pop(partition))
    for partition, share in shares.items():
        await send(partition, share)
    await asyncio.gather(*sent)
    return handed


async def _paced(producer: AIOKafkaProducer, topic: str, load: Sequence[Order], rate: float) -> dict[str, float]:
    handed: dict[str, float] = {}
    waiting: set[asyncio.Future[object]] = set()
    begun = time.monotonic()
    position = 0
    while position < len(load):
        due = min(len(load), int((time.monotonic() - begun) * rate) + 1)
        for order in load[position:due]:
            handed[order.order_id] = time.time()
            acknowledged = await producer.send(topic, order.value, key=order.key)
            waiting.add(acknowledged)
            acknowledged.add_done_callback(waiting.discard)
        position = due
        await asyncio.sleep(TICK)
    took = time.monotonic() - begun
    if took > 1.2 * len(load) / rate:
        raise RuntimeError(f"the generator kept {len(load) / took:.0f} orders/s only, not {rate:.0f}")
    await asyncio.gather(*waiting)
    return handed
