"""A stopped stack's own servers, started for a restore alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from deploy.backup.loading import Target
from deploy.local.broker import EmbeddedBroker
from deploy.local.databases import connect_external
from deploy.local.layout import Layout, locked
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.processes import Register
from deploy.local.settings import StackSettings
from deploy.local.stack import SWEEP_SECONDS
from deploy.local.state import remembered_ports
from deploy.local.topics import create_topics
from shared.engine.kafka import KafkaAddress
from shared.settings import load_settings
from shared.words import Text

STOP_SECONDS = 15.0


@asynccontextmanager
async def servers(
    layout: Layout, kafka: str | None, postgres: str | None, report: Callable[[Text], None]
) -> AsyncIterator[tuple[Target, KafkaAddress]]:
    """PostgreSQL and a broker with every topic, of a stack that does not run; Failure when it does."""
    settings, ports, register = load_settings(StackSettings), remembered_ports(layout), Register(layout.processes)
    layout.create()
    async with AsyncExitStack() as exits:
        exits.enter_context(locked(layout))
        register.sweep(SWEEP_SECONDS)
        if postgres is None:
            cluster = EmbeddedPostgres(layout, register)
            exits.push_async_callback(cluster.stop, STOP_SECONDS)
            server = await cluster.start(ports.get("postgres"))
        else:
            server = await connect_external(postgres)
        report(Text(en=f"PostgreSQL at {server.address}", zh=f"PostgreSQL:{server.address}"))
        if kafka is None:
            broker = EmbeddedBroker(layout, register)
            exits.push_async_callback(broker.stop, STOP_SECONDS)
            address = settings.embedded_kafka(await broker.start(ports.get("kafka")))
        else:
            address = settings.external_kafka(kafka)
        report(Text(en=f"Kafka at {address.bootstrap}", zh=f"Kafka:{address.bootstrap}"))
        await create_topics(address, settings.kafka.partitions)
        yield Target(server, layout), address
