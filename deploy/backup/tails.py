"""What was under way in the topics: read out of the log that is there, put into the one that will be there."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from deploy.backup.snapshot import listening
from deploy.failure import Failure
from shared.engine.kafka import KafkaAddress, Message
from shared.engine.poison import Place
from shared.words import Text

# Of a broker that answers, and yet brings nothing.
SILENT_SECONDS = 30.0
POLL_MS = 500


async def read_tails(
    kafka: KafkaAddress, begins: Mapping[Place, int], ends: Mapping[Place, int]
) -> AsyncIterator[list[ConsumerRecord]]:
    """The records of each partition from `begins` to `ends`, in its order, some at a time."""
    places = {TopicPartition(*place): end for place, end in ends.items() if begins[place] < end}
    if not places:
        # And no consumer that is stopped before it has begun: its client takes that for a cancellation.
        return
    async with listening(kafka) as consumer:
        oldest = await consumer.beginning_offsets(list(places))
        consumer.assign(list(places))
        for place in places:
            consumer.seek(place, max(begins[place.topic, place.partition], oldest[place]))
        while places:
            polled = await some(consumer)
            for place, records in polled.items():
                if wanted := [record for record in records if record.offset < places[place]]:
                    yield wanted
            for place in list(places):
                # Behind the last record a transaction's marker may stand.
                if await consumer.position(place) >= places[place]:
                    consumer.pause(place)
                    del places[place]


async def some(consumer: Any) -> dict[TopicPartition, list[ConsumerRecord]]:
    """The next records, or nothing where only markers were passed; Failure when nothing moves."""
    before = [await consumer.position(place) for place in consumer.assignment()]
    deadline = asyncio.get_running_loop().time() + SILENT_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        polled: dict[TopicPartition, list[ConsumerRecord]] = await consumer.getmany(timeout_ms=POLL_MS)
        if polled or [await consumer.position(place) for place in consumer.assignment()] != before:
            return polled
    raise Failure(
        Text(en="Kafka does not give out what its topics hold.", zh="Kafka 未返回主题中的数据。"),
        Text(en="See its log; then try again.", zh="请查看其日志后重试。"),
    )


def packed(records: Iterable[ConsumerRecord]) -> bytes:
    """Records as lines of JSON."""
    return b"".join(
        json.dumps(
            [
                record.topic,
                record.partition,
                text(record.key),
                text(record.value),
                [[name, text(value)] for name, value in record.headers],
            ]
        ).encode()
        + b"\n"
        for record in records
    )


def unpacked(pieces: Iterable[bytes]) -> Iterator[tuple[Place, Message]]:
    """The same records again, from pieces that were cut anywhere."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            topic, partition, key, value, headers = json.loads(line)
            yield (
                (topic, partition),
                Message(topic, raw(key), raw(value), [(name, raw(told)) for name, told in headers]),
            )


def text(data: bytes | None) -> str | None:
    return None if data is None else b64encode(data).decode()


def raw(told: str | None) -> bytes | None:
    return None if told is None else b64decode(told)
