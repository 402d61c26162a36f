"""A reader at work on a topic of its own, for the tests of reading."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from shared.engine.gate import Gate
from shared.engine.kafka import KafkaAddress, Message
from shared.engine.lease import Lease
from shared.engine.model import Subscription
from shared.engine.postgres import Database
from shared.engine.reader import Reader
from tests.integration.engine.ledger import Ledger, eventually, order, orders_of, processor


async def make_topic(bootstrap: str, topic: str = "orders.v1") -> None:
    """`topic` anew, with three partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        with suppress(UnknownTopicOrPartitionError):
            await admin.delete_topics([topic])

        async def gone() -> bool:
            return topic not in await admin.list_topics()

        await eventually(gone)
        await admin.create_topics([NewTopic(topic, 3, 1)])

        async def there() -> bool:
            return topic in await admin.list_topics()

        await eventually(there)
    finally:
        await admin.close()


def messages(numbers: Sequence[int]) -> list[Message]:
    """Orders to publish, with headers that FastStream's own parser could not read."""
    odd = [("null", None), ("latin-1", b"\xe9\xff")]
    return [Message(r.topic, r.key, r.value, odd) for r in (order(n) for n in numbers)]


@asynccontextmanager
async def reading(  # noqa: PLR0913 - a reader's circumstances
    database: Database, bootstrap: str, consumer: str, *, lease: Lease | None = None, embedded: bool = False,
    records: int = 500,
) -> AsyncIterator[Reader]:  # fmt: skip
    """A reader at work; `records` is the most of a poll."""
    ledger = Ledger()
    subscription = Subscription(("orders.v1",), ledger, records, lease)
    engine = processor(database, ledger, lease=lease, consumer=consumer)
    reader = Reader(subscription, engine, KafkaAddress(bootstrap), Gate(), embedded=embedded)
    running = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        await reader.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def count(database: Database) -> int:
    """Orders in the ledger."""
    return len(await orders_of(database))


async def reached(database: Database, number: int) -> bool:
    """Whether the ledger holds at least so many orders."""
    return await count(database) >= number
