"""What lies in the topics, read by somebody who belongs to no group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.backends.stack import eventually

PARTITIONS = 12  # of every topic, unless the stack's settings say otherwise
READ_SECONDS = 60.0


@asynccontextmanager
async def onlooker(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group: nothing moves because it looks."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def log_ends(bootstrap: str, topics: Iterable[str]) -> Mapping[tuple[str, int], int]:
    """The next offset of each partition that holds records."""
    async with onlooker(bootstrap) as consumer:
        places = _places(topics)
        # A client learns where a partition is only when it is to read it.
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
    return {(place.topic, place.partition): end for place, end in ends.items() if end > 0}


async def read_all(bootstrap: str, topic: str) -> list[ConsumerRecord]:
    """Every record of a topic, each partition in its order."""
    async with onlooker(bootstrap) as consumer:
        places = _places([topic])
        consumer.assign(places)
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        waiting = {place: end for place, end in ends.items() if end > begins[place]}
        records: list[ConsumerRecord] = []
        async with asyncio.timeout(READ_SECONDS):
            while waiting:
                for place, some in (await consumer.getmany(timeout_ms=500)).items():
                    records += some
                    if place in waiting and some[-1].offset + 1 >= waiting[place]:
                        del waiting[place]
        return records


async def recreate(bootstrap: str, topic: str) -> None:
    """Delete a topic and make it anew: what an operator must never do, and once will."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic])

        async def made_anew() -> bool:
            # Deleting goes on behind the answer; until it is done the name is taken.
            return bool((await admin.create_topics([NewTopic(topic, PARTITIONS, 1)])).topic_errors[0][1] == 0)

        await eventually(made_anew, f"{topic} made anew", READ_SECONDS)
    finally:
        await admin.close()


def _places(topics: Iterable[str]) -> list[TopicPartition]:
    return [
        TopicPartition(topic, partition)
        for topic in topics
        for partition in range(1 if topic.endswith(".dlq") else PARTITIONS)
    ]
