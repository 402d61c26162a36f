"""A cure for a broker without long polls: the embedded one answers an empty fetch at once, thousands of times a second.

Apache Kafka holds an empty fetch for `fetch.max.wait.ms` and needs none of
this.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.protocol.fetch import FetchRequest

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
