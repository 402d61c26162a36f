"""Fingerprints of records, by which a log that was made anew is known even when it has grown past the fence.

Offsets alone cannot tell such a log from the old one: everything below the fence would be dropped as a repetition.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from hashlib import blake2b

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.engine.kafka import KafkaAddress
from shared.engine.model import Received
from shared.engine.poison import Place

SECONDS = 20.0


def mark_of(record: Received) -> int:
    """64 signed bits over a record's time, key and value."""
    digest = blake2b(record.timestamp_ms.to_bytes(8, "big", signed=True), digest_size=8)
    digest.update(b"\0" if record.key is None else b"\1" + record.key)
    digest.update(b"\0" if record.value is None else b"\1" + record.value)
    return int.from_bytes(digest.digest(), "big", signed=True)


def as_received(record: ConsumerRecord) -> Received:
    """A record of aiokafka's, as the engine knows it."""
    return Received(
        record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, record.headers
    )


async def read_marks(address: KafkaAddress, fences: Mapping[Place, int]) -> dict[Place, int]:
    """Fingerprints of the records just below `fences`, where the log still holds them.

    Reads with a consumer of its own, because seeking in one that is being read from races with its polls. Missing in
    the answer are records that are not there to compare: expired, compacted away, or cut off with the log's end.

    Raises:
        KafkaError, OSError, TimeoutError: when the broker does not tell within 20 s.
    """
    consumer = AIOKafkaConsumer(**address.connection(), group_id=None, auto_offset_reset="earliest")
    async with asyncio.timeout(SECONDS):
        await consumer.start()
        try:
            return await _collect(consumer, {TopicPartition(*place): fence - 1 for place, fence in fences.items()})
        finally:
            await consumer.stop()


async def _collect(consumer: AIOKafkaConsumer, wanted: dict[TopicPartition, int]) -> dict[Place, int]:
    begins, ends = await consumer.beginning_offsets(list(wanted)), await consumer.end_offsets(list(wanted))
    wanted = {tp: offset for tp, offset in wanted.items() if begins[tp] <= offset < ends[tp]}
    marks: dict[Place, int] = {}
    if not wanted:
        return marks
    consumer.assign(list(wanted))
    for partition, offset in wanted.items():
        consumer.seek(partition, offset)
    while wanted:
        for partition, records in (await consumer.getmany(timeout_ms=200)).items():
            first = records[0]
            if wanted.pop(partition, None) == first.offset:
                marks[partition.topic, partition.partition] = mark_of(as_received(first))
            consumer.pause(partition)
        for partition in list(wanted):
            # Nothing but a compacted hole or a transaction's marker stood there.
            if await consumer.position(partition) > wanted[partition]:
                del wanted[partition]
    return marks
