"""One moment of four databases and the topics between them, taken while orders flow.

Four dumps one after another would be of four moments: what a service had published between its own dump and the
next one's would have been taken in without ever having been sent. So for some milliseconds nobody appends to any
outbox, and in these the four snapshots are taken and the topics' ends read. What was under way between the services at
that moment lies in the outboxes, which are in the dumps, and in the topics from each reader's fence up to those ends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.backup.source import Origin
from deploy.failure import Failure
from shared.contracts.registry import SERVICES, TOPICS
from shared.engine.kafka import KafkaAddress
from shared.engine.poison import Place
from shared.engine.queries import load_queries
from shared.words import Text

QUERIES = load_queries("deploy.backup")
TRIES = 5
ANSWER_MS = 10_000

Connection: TypeAlias = "asyncpg.Connection[Any]"


class Head(NamedTuple):
    """Where the audit chain ends: how many entries, and the hash of the last in hex."""

    entries: int
    hash: str


@dataclass(frozen=True, slots=True)
class Moment:
    """The stack as it was `at` (aware UTC): a snapshot of each database, held open, and the end of each partition."""

    at: datetime
    held: Mapping[str, Connection]
    snapshots: Mapping[str, str]
    ends: Mapping[Place, int]

    async def counts(self, service: str) -> dict[str, int]:
        """How many rows each table of a service has."""
        return await count_rows(self.held[service])

    async def head(self) -> Head:
        """Where the audit chain ends."""
        seq, digest = await self.held["archive"].fetchrow(QUERIES["read_head"])
        return Head(seq, digest.hex())

    async def begins(self) -> dict[Place, int]:
        """From where on some service still had to read each partition: no fence is the beginning."""
        fences = {
            (row["consumer"], row["topic"], row["partition"]): row["next_offset"]
            for connection in self.held.values()
            for row in await connection.fetch(QUERIES["read_fences"])
        }
        return {
            (topic, partition): min(
                fences.get((reader, topic, partition), 0) for reader in TOPICS[topic].readers if reader in SERVICES
            )
            for topic, partition in self.ends
        }


@asynccontextmanager
async def hold_moment(origin: Origin) -> AsyncIterator[Moment]:
    """Take a moment, and hold its snapshots until leaving; Failure when a service or server stands in the way."""
    async with AsyncExitStack() as exits:
        places = await read_places(origin.kafka)
        async with listening(origin.kafka) as consumer:
            held, holders = {}, []
            for service in SERVICES:
                held[service] = await origin.login(service).connect()
                exits.push_async_callback(held[service].close)
                holders.append(await origin.login(service).connect())
                exits.push_async_callback(holders[-1].close)
            moment = await take(held, holders, consumer, places)
        for holder in holders:
            await holder.close()
        yield moment


@asynccontextmanager
async def listening(kafka: KafkaAddress) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of no group, that sees what is committed; Failure when the broker does not answer."""
    consumer = AIOKafkaConsumer(
        **kafka.connection(),
        group_id=None,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        enable_auto_commit=False,
        request_timeout_ms=ANSWER_MS,
    )
    try:
        await consumer.start()
        yield consumer
    except (KafkaError, OSError, TimeoutError) as error:
        raise silent(kafka, error) from None
    finally:
        await consumer.stop()


def silent(kafka: KafkaAddress, error: Exception) -> Failure:
    return Failure(
        Text(en=f"The Kafka at {kafka.bootstrap} does not answer.", zh=f"{kafka.bootstrap} 上的 Kafka 没有应答。"),
        Text(en="Is it up, and may this login read all topics?", zh="请确认其已启动，且该账号可读取全部主题。"),
        detail=repr(error),
    )


async def take(
    held: Mapping[str, Connection], holders: list[Connection], consumer: AIOKafkaConsumer, places: list[TopicPartition]
) -> Moment:
    """Hold every outbox, look at everything, and let go."""
    for _ in range(TRIES):
        try:
            for holder in holders:
                await holder.execute("BEGIN")
                await holder.execute(QUERIES["wait_briefly"])
                await holder.execute(QUERIES["hold_outbox"])
            snapshots = {}
            for service, connection in held.items():
                await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                snapshots[service] = await connection.fetchval(QUERIES["export_snapshot"])
            ends = await consumer.end_offsets(places)
            at = datetime.now(UTC)
        except asyncpg.LockNotAvailableError:
            continue
        finally:
            for holder in holders:
                await holder.execute("ROLLBACK")
        return Moment(at, held, snapshots, {(tp.topic, tp.partition): end for tp, end in ends.items()})
    raise Failure(
        Text(en="A service holds its outbox for too long.", zh="有服务长时间占用发件箱。"),
        Text(
            en="See `tierline status`: is one at a stop? Then try again.",
            zh="请看 `tierline status` 是否有服务停滞，然后重试。",
        ),
    )


async def read_places(kafka: KafkaAddress) -> list[TopicPartition]:
    """Every partition that one of our services reads."""
    wanted = [topic.name for topic in TOPICS.values() if set(topic.readers) & set(SERVICES)]
    admin = AIOKafkaAdminClient(**kafka.connection(), request_timeout_ms=ANSWER_MS)
    try:
        await admin.start()
        described = await admin.describe_topics(wanted)
    except (KafkaError, OSError, TimeoutError) as error:
        raise silent(kafka, error) from None
    finally:
        await admin.close()
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        for partition in topic["partitions"]
    ]


async def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows each table of a service's database has."""
    return {
        row["name"]: int(await connection.fetchval(row["counting"]))
        for row in await connection.fetch(QUERIES["list_tables"])
    }
