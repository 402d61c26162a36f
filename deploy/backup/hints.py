"""Kafka's own notes of how far each service is, brought back to the fences of the restored databases.

A service begins where Kafka noted that it was, and goes back to its fence with the first record that it sees. A
partition that nothing new comes into would wait for that record for ever, with all that lies behind the fence unread.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.backup.snapshot import ANSWER_MS, silent
from shared.contracts.registry import SERVICES, TOPICS
from shared.engine.kafka import KafkaAddress
from shared.engine.poison import Place

Fences = Mapping[str, Mapping[Place, int]]
"""Where each service stands in each partition; one that is not there is at its beginning."""


async def bring_back_hints(kafka: KafkaAddress, fences: Fences) -> int:
    """Note the fences wherever something else was noted; returns how many partitions of groups that were."""
    admin, count = AIOKafkaAdminClient(**kafka.connection(), request_timeout_ms=ANSWER_MS), 0
    try:
        await admin.start()
        for service in SERVICES:
            for topic in TOPICS.values():
                if service in topic.readers:
                    # A group is named for the first of the topics that it reads, whichever these are.
                    count += await note(admin, kafka, f"{service}.{topic.name}", fences[service])
    except (KafkaError, OSError, TimeoutError) as error:
        raise silent(kafka, error) from None
    finally:
        await admin.close()
    return count


async def note(admin: AIOKafkaAdminClient, kafka: KafkaAddress, group: str, fences: Mapping[Place, int]) -> int:
    """Note the fences for one group."""
    noted = await admin.list_consumer_group_offsets(group)
    wrong = {
        place: fence
        for place, told in noted.items()
        if told.offset >= 0 and told.offset != (fence := fences.get((place.topic, place.partition), 0))
    }
    if wrong:
        consumer = AIOKafkaConsumer(**kafka.connection(), group_id=group, enable_auto_commit=False)
        try:
            await consumer.start()
            consumer.assign([TopicPartition(*place) for place in wrong])
            await consumer.commit(wrong)
        finally:
            await consumer.stop()
    return len(wrong)
