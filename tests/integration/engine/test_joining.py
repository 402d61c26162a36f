"""A group whose member was killed lets the next one in."""

from __future__ import annotations

import asyncio
import secrets
import sys

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.engine.kafka import KafkaAddress
from shared.engine.model import Subscription
from shared.engine.stream import Stream
from tests.integration.engine.ledger import Ledger, eventually

pytestmark = [pytest.mark.backend, pytest.mark.slow]

MEMBER = """
import asyncio, sys
from aiokafka import AIOKafkaConsumer

async def main():
    consumer = AIOKafkaConsumer(sys.argv[1], bootstrap_servers=sys.argv[2], group_id="joining." + sys.argv[1])
    await consumer.start()
    print("joined", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_killed_members_place_is_taken(kafka_bootstrap: str, request: pytest.FixtureRequest) -> None:
    """Killed with -9 it says no goodbye: a broker that waits for it is told by who comes next."""
    topic = f"joining.{secrets.token_hex(4)}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 2, 1)])
    await admin.close()
    member = await asyncio.create_subprocess_exec(
        sys.executable, "-c", MEMBER, topic, kafka_bootstrap, stdout=asyncio.subprocess.PIPE
    )
    assert member.stdout is not None
    assert await member.stdout.readline() == b"joined\n"
    member.kill()
    await member.wait()

    async def ignore(_: object) -> None:
        return None

    subscription = Subscription(topics=(topic,), handler=Ledger())
    embedded = request.config.getoption("--backend") == "embedded"

    async def joins() -> bool:
        stream = Stream(KafkaAddress(kafka_bootstrap), "joining", subscription, ignore, lambda: None)
        try:
            await stream.start(embedded=embedded)
        except TimeoutError:
            return False
        else:
            return stream.consumer is not None and len(stream.consumer.assignment()) == 2
        finally:
            await stream.stop()

    await eventually(joins, seconds=60)
