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

from aiokafka import AIOKafkaProducer
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


def orders(series: str, customers: Sequence[int], seed: int = 1) -> list[Order]:
    """One order of each of `customers` in turn, placed within the last year; `series` keeps the ids of runs apart."""
    chance = random.Random(seed)
    now = datetime.now(UTC).replace(microsecond=0)
    made = []
    for number, customer in enumerate(customers):
        order_id, customer_id = f"{series}-{number}", f"C-{customer}"
        placed_at = (now - timedelta(minutes=chance.randrange(1, 360 * 24 * 60))).isoformat()
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
