"""Makes the topics of the registry; brokers are run with automatic creation off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code

from deploy.failure import Failure
from shared.contracts.registry import TOPICS, dead_letter_topics
from shared.engine.kafka import KafkaAddress
from shared.words import Text

TOPIC_ALREADY_EXISTS = 36
# Where there are brokers enough a record outlives the loss of one of them.
REPLICAS = 3
CONNECT_SECONDS = 20.0


async def create_topics(address: KafkaAddress, partitions: int) -> list[str]:
    """Make the topics that are missing and return their names; Failure when the broker cannot be reached or refuses."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            admin = AIOKafkaAdminClient(**address.connection())
            await admin.start()
    except (KafkaError, OSError, TimeoutError) as error:
        raise Failure(
            Text(en=f"No Kafka answers at {address.bootstrap}.", zh=f"{address.bootstrap} 上没有 Kafka 应答。"),
            Text(en="Is the address right, and is it up?", zh="请确认地址正确且服务已启动。"),
            detail=repr(error),
        ) from None
    try:
        cluster = await admin.describe_cluster()
        replicas = min(REPLICAS, max(1, len(cluster.get("brokers", ()))))
        answer = await admin.create_topics(list(wanted(partitions, replicas)))
    finally:
        await admin.close()
    created, refused = [], []
    for name, code, *message in answer.topic_errors:
        if code == 0:
            created.append(name)
        elif code != TOPIC_ALREADY_EXISTS:
            refused.append(f"{name}: {message[0] if message and message[0] else for_code(code).__name__}")
    if refused:
        raise Failure(
            Text(en="Kafka refused to make topics.", zh="Kafka 拒绝创建主题。"),
            Text(en="May this login create topics?", zh="请检查登录账号是否有建主题的权限。"),
            detail="\n".join(refused),
        )
    return created


def wanted(partitions: int, replicas: int) -> Iterator[NewTopic]:
    """Every topic of the registry, and one for dead letters per topic and reader.

    Dead letters are few and nobody shares their reading out, so one partition each will do: a broker opens every one
    when it starts.
    """
    for topic in TOPICS.values():
        configs = {"cleanup.policy": "compact"} if topic.compacted else {}
        yield NewTopic(topic.name, partitions, replicas, topic_configs=configs)
    for name in dead_letter_topics():
        yield NewTopic(name, 1, replicas)
