"""Records as an outside program publishes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaProducer

Record = tuple[bytes | None, bytes | None] | tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]
"""Key, value, and headers if there are any."""


async def publish(bootstrap: str, topic: str, records: Iterable[Record]) -> None:
    """Publish `records` in their order, and return when all are acknowledged."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    async with producer:
        for key, value, *headers in records:
            await producer.send(topic, value, key=key, headers=headers[0] if headers else ())
        await producer.flush()
