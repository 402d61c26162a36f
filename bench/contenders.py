"""Who is compared: how each is started on the same broker and database, fed, and asked what it has done."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.load import PARTITIONS, Order
from bench.rivals import faststream_naive
from tests.backends import Broker, DatabaseServer
from tests.backends.processes import ServerProcess

ROOT = Path(__file__).parent.parent
# Quix caps libraries that Tierline uses newer: `make bench` gives it this environment of its own.
QUIX_PYTHON = Path(os.environ.get("TIERLINE_BENCH_QUIX_PYTHON") or Path(sys.prefix) / "quix" / "bin" / "python")


@dataclass(frozen=True)
class Arena:
    """What all contenders share."""

    broker: Broker
    database: DatabaseServer
    folder: Path

    @property
    def parts(self) -> Mapping[int, str]:
        """The servers' processes: pid → what it is."""
        servers = {"broker": self.broker, "postgres": self.database}
        return {server.pid: name for name, server in servers.items() if server.pid is not None}

    @property
    def kafka(self) -> str:
        return self.broker.bootstrap

    @property
    def postgres(self) -> str:
        return self.database.dsn


class Contender(Protocol):
    """A program under measurement; between entering and leaving, its processes run."""

    name: str
    topic: str

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *reason: object) -> None: ...

    def parts(self) -> Mapping[int, str]:
        """The processes to be told apart in a profile: pid → stage."""
        ...

    async def count_finished(self) -> int:
        """How many orders have had their last effect since the start; asked often, so answered cheaply."""
        ...

    async def finished(self, load: Sequence[Order]) -> Mapping[str, float]:
        """Since when the last effect of each of these orders is durable: order id → seconds since 1970.

        The last effect is the later of two commits: the order scored, and the change sealed in the audit. Where a
        customer has several orders in `load`, that of the last may stand for all.
        """
        ...


async def create_topics(kafka: str, names: tuple[str, ...]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names])
    finally:
        await admin.close()


def stages_of(processes: Sequence[ServerProcess]) -> Mapping[int, str]:
    """The processes' ids, each with its stage: the last word of its name."""
    return {process.pid: process.name.split()[-1] for process in processes if process.pid is not None}


class FastStreamNaive:
    """Four stages as four processes, as they would be deployed."""

    name = "faststream"
    topic = "naive.orders.v1"

    def __init__(self, arena: Arena, population: int) -> None:
        self._arena = arena
        self._population = population
        self._dsn = urlunsplit(urlsplit(arena.postgres)._replace(path="/naive"))
        self._database: asyncpg.Connection | None = None
        self._running = AsyncExitStack()
        self._stages: list[ServerProcess] = []

    async def __aenter__(self) -> Self:
        await create_topics(self._arena.kafka, ("naive.orders.v1", "naive.customers.v1", "naive.tiers.v1"))
        server = await asyncpg.connect(self._arena.postgres)
        await server.execute("CREATE DATABASE naive")
        await server.close()
        self._database = await asyncpg.connect(self._dsn)
        await self._database.execute(faststream_naive.SCHEMA)
        await self._database.execute(faststream_naive.POPULATION, self._population)
        await self._database.execute("ANALYZE")
        environment = {**os.environ, "KAFKA": self._arena.kafka, "DATABASE": self._dsn, "PYTHONPATH": str(ROOT)}
        for stage in ("customers", "scoring", "followup", "archive"):
            process = ServerProcess(
                f"{self.name} {stage}",
                [sys.executable, "-m", "faststream", "run", f"bench.rivals.faststream_naive:{stage}"],
                self._arena.folder / f"naive-{stage}.log",
                env=environment,
            )
            self._running.callback(process.stop)
            process.start(lambda: True, within=1)
            self._stages.append(process)
        return self

    async def __aexit__(self, *reason: object) -> None:
        await self._running.aclose()
        if self._database:
            await self._database.close()

    def parts(self) -> Mapping[int, str]:
        return stages_of(self._stages)

    async def count_finished(self) -> int:
        assert self._database  # noqa: S101 - entered
        return int(
            await self._database.fetchval(
                "SELECT least((SELECT count(*) FROM audit WHERE action = 'file_amended'),"
                " (SELECT count(*) - $1 FROM entries))",
                self._population,
            )
        )

    async def finished(self, load: Sequence[Order]) -> Mapping[str, float]:
        assert self._database  # noqa: S101 - entered
        rows = await self._database.fetch(
            "SELECT order_id, extract(epoch FROM greatest(pg_xact_commit_timestamp(e.xmin),"
            " pg_xact_commit_timestamp(a.xmin)))::float8 AS since FROM unnest($1::text[]) AS o (order_id)"
            " JOIN entries AS e ON e.entry_id = 'o:' || order_id JOIN audit AS a ON a.event_id = 'o:' || order_id",
            [order.order_id for order in load],
        )
        return dict(rows)


@dataclass
class QuixStreams:
    """Two stages as two processes; an order is done when its scoring facts can be read from their topic."""

    arena: Arena
    name: str = "quix"
    topic: str = "quix.orders.v1"
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)
    _seen: dict[str, float] = field(default_factory=dict)
    _stages: list[ServerProcess] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        await create_topics(self.arena.kafka, ("quix.orders.v1", "quix.customers.v1", "quix.scores.v1"))
        for stage in ("customers", "scoring"):
            process = ServerProcess(
                f"{self.name} {stage}",
                [str(QUIX_PYTHON), str(ROOT / "bench" / "rivals" / "quix.py"), stage],
                self.arena.folder / f"quix-{stage}.log",
                env={**os.environ, "KAFKA": self.arena.kafka, "STATE": str(self.arena.folder / f"quix-{stage}")},
            )
            self._running.callback(process.stop)
            process.start(lambda: True, within=1)
            self._stages.append(process)
        consumer = AIOKafkaConsumer("quix.scores.v1", bootstrap_servers=self.arena.kafka, auto_offset_reset="earliest")
        await consumer.start()
        self._running.push_async_callback(consumer.stop)
        watching = asyncio.create_task(self._watch(consumer))
        self._running.callback(watching.cancel)
        return self

    async def __aexit__(self, *reason: object) -> None:
        await self._running.aclose()

    def parts(self) -> Mapping[int, str]:
        return stages_of(self._stages)

    async def count_finished(self) -> int:
        return len(self._seen)

    async def finished(self, load: Sequence[Order]) -> Mapping[str, float]:
        return {order.order_id: self._seen[order.order_id] for order in load}

    async def _watch(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                now = time.time()
                for record in records:
                    order = record.value.partition(b'"order_id":"')[2].partition(b'"')[0]
                    self._seen.setdefault(order.decode(), now)
