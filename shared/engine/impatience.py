"""Cures for what the embedded broker does otherwise than Apache Kafka, which needs none of them.

It answers an empty fetch at once, thousands of times a second, instead of holding it for `fetch.max.wait.ms`; and it
waits for a member that was killed for ever, instead of for its session.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import LeaveGroupRequest

from shared.engine.kafka import KafkaAddress

# What is published while nothing is asked waits this long; 40 fetches a second cost a consumer one percent of a core.
EMPTY_SECONDS = 0.025
# Between small answers, records gather: a fetch costs the same for one as for a hundred.
SMALL_BYTES, SMALL_SECONDS = 4096, 0.008


def pace_fetches(consumer: AIOKafkaConsumer) -> None:
    """Let `consumer`, which has been started, rest after an answer with little in it."""
    client = consumer._client  # noqa: SLF001 - aiokafka has no hook between a fetch's answer and the next
    send = client.send

    async def paced(node_id: int, request: Any, **options: Any) -> Any:
        answer = await send(node_id, request, **options)
        if isinstance(request, FetchRequest):
            received = sum(len(partition[-1] or b"") for _, partitions in answer.topics for partition in partitions)
            if received < SMALL_BYTES:
                await asyncio.sleep(SMALL_SECONDS if received else EMPTY_SECONDS)
        return answer

    client.send = paced


async def clear_group(address: KafkaAddress, group: str) -> None:
    """Let every member of `group` leave it: who is alive joins again, and who was killed holds nobody up any more."""
    admin = AIOKafkaAdminClient(**address.connection())
    await admin.start()
    try:
        node = await admin.find_coordinator(group)
        for described in await admin.describe_consumer_groups([group], node):
            for member in (member for found in described.groups for member in found[5]):
                await admin._client.send(node, LeaveGroupRequest(group, member[0]))  # noqa: SLF001 - no public way
    finally:
        await admin.close()
