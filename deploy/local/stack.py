"""A whole stack, from nothing to ready and back: servers, databases and topics, services, in that order."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date
from types import TracebackType
from typing import Any, Self

import httpx

from deploy.attachment_keys import make_attachment_keys
from deploy.checkpoint_key import make_checkpoint_key
from deploy.failure import Failure
from deploy.local.broker import EmbeddedBroker
from deploy.local.databases import Server, connect_external, migrate_databases, prepare_databases
from deploy.local.layout import Layout, locked, write_private
from deploy.local.placement import renew
from deploy.local.ports import HOST, free_ports
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.processes import Register
from deploy.local.services import READS_LINKS, SupervisedService, Surroundings, keep_logs_small
from deploy.local.settings import StackSettings
from deploy.local.state import ServiceState, StackState, remembered_ports
from deploy.local.topics import create_topics
from shared.clock import Clock
from shared.contracts.registry import SERVICES
from shared.engine.kafka import KafkaAddress
from shared.identity import KEY_FILE, generate_keypair
from shared.policy import load_policy
from shared.settings import load_settings
from shared.words import Text

Report = Callable[[Text], None]
SWEEP_SECONDS = 8.0
# The whole stack is gone ten seconds after it was told to; the servers have what the services leave of it.
STOP_SECONDS = 9.5
SERVICES_STOP_SECONDS = 6.5


@dataclass(frozen=True, slots=True)
class Wish:
    """What stack to run: where its data is, on which servers (None: embedded), on which business date (None: today).

    A `demo` begins on an empty folder, one that only demos have used.
    """

    layout: Layout
    kafka: str | None = None
    postgres: str | None = None
    today: date | None = None
    demo: bool = False


class Stack:
    """A stack: entered, it starts and is ready; left, it ends in order. Failure when it cannot be had."""

    def __init__(self, wish: Wish, report: Report) -> None:
        self.layout = wish.layout
        self._wish = wish
        self._report = report
        self._settings = load_settings(StackSettings)
        self._register = Register(wish.layout.processes)
        self._ports = remembered_ports(wish.layout)
        self._postgres = None if wish.postgres else EmbeddedPostgres(wish.layout, self._register)
        self._broker = None if wish.kafka else EmbeddedBroker(wish.layout, self._register)
        self._server: Server | None = None
        self._kafka: KafkaAddress | None = None
        self._services: list[SupervisedService] = []
        self._exits = AsyncExitStack()
        self._stop_by: float | None = None

    async def __aenter__(self) -> Self:
        self.layout.create()
        try:
            self._exits.enter_context(locked(self.layout))
            await self._start()
        except BaseException:
            await self.__aexit__(*sys.exc_info())
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._exits.__aexit__(kind, error, at)

    @property
    def server(self) -> Server:
        """Its PostgreSQL, once that is up."""
        if self._server is None:
            raise RuntimeError("the stack has no PostgreSQL yet")
        return self._server

    @property
    def kafka(self) -> KafkaAddress:
        """Its broker, once that is up."""
        if self._kafka is None:
            raise RuntimeError("the stack has no broker yet")
        return self._kafka

    @property
    def state(self) -> StackState:
        """What other commands may know."""
        servers = {"postgres": self._postgres, "kafka": self._broker}
        return StackState(
            supervisor=os.getpid(),
            kafka=self.kafka.bootstrap,
            postgres=self.server.address,
            today=self._wish.today,
            embedded={name: server.pid for name, server in servers.items() if server is not None},
            services={service.name: ServiceState(service.url, service.pid) for service in self._services},
        )

    def cut(self) -> None:
        """End everything at once; it recovers at the next start."""
        for part in (*self._services, self._broker, self._postgres):
            if part is not None:
                part.cut()

    async def _start(self) -> None:
        """Bring it up, noting of each part how it is ended."""
        left = ", ".join(await asyncio.to_thread(self._register.sweep, SWEEP_SECONDS))
        if left:
            self._report(Text(en=f"Ended what an earlier run left: {left}", zh=f"已结束上次运行遗留的进程：{left}"))
        if self._wish.demo:
            await asyncio.to_thread(renew, self.layout)
            self._ports = {}
        self._exits.push_async_callback(self._stop_servers)
        await together(self._start_postgres(), self._start_broker())
        await together(self._prepare_databases(), create_topics(self.kafka, self._settings.kafka.partitions))
        self._report(Text(en="Databases and topics are there", zh="数据库与主题已就绪"))
        await self._start_services(self._surroundings())

    async def _start_postgres(self) -> None:
        if self._postgres is None:
            self._server = await connect_external(self._wish.postgres or "")
        else:
            self._server = await self._postgres.start(self._ports.get("postgres"))
        self._report(Text(en=f"PostgreSQL at {self.server.address}", zh=f"PostgreSQL:{self.server.address}"))

    async def _start_broker(self) -> None:
        if self._broker is None:
            self._kafka = self._settings.external_kafka(self._wish.kafka or "")
        else:
            self._kafka = self._settings.embedded_kafka(await self._broker.start(self._ports.get("kafka")))
        self._report(Text(en=f"Kafka at {self.kafka.bootstrap}", zh=f"Kafka:{self.kafka.bootstrap}"))

    async def _stop_servers(self) -> None:
        left = STOP_SECONDS if self._stop_by is None else self._stop_by - time.monotonic()
        within = max(1.0, left)
        await together(*(server.stop(within) for server in (self._broker, self._postgres) if server is not None))

    async def _prepare_databases(self) -> None:
        await prepare_databases(self.server, self.layout)
        await migrate_databases(self.server, self.layout)

    def _surroundings(self) -> Surroundings:
        if not (self.layout.keys / KEY_FILE).exists():
            generate_keypair(self.layout.keys)
        make_attachment_keys(self.layout.keys, write_private)
        make_checkpoint_key(self.layout.keys, write_private)
        clock = {}
        if self._wish.today is not None:
            # A service that is started again after midnight must agree with those that kept running.
            zone = load_policy(self._settings.policy_file).time_zone
            set_on = Clock(zone).today()
            clock = {"TIERLINE_CLOCK__TODAY": str(self._wish.today), "TIERLINE_CLOCK__SET_ON": str(set_on)}
        # A broker that was started elsewhere may be of the embedded kind as well, which the environment then says.
        embedded = self._broker is not None or self._settings.kafka.embedded
        return Surroundings(self.layout, self.server, self.kafka.bootstrap, kafka_is_embedded=embedded, clock=clock)

    async def _start_services(self, surroundings: Surroundings) -> None:
        group = await self._exits.enter_async_context(asyncio.TaskGroup())
        care = group.create_task(keep_logs_small(self.layout.logs))
        self._exits.callback(care.cancel)
        self._exits.push_async_callback(self._stop_services)
        ports = free_ports(SERVICES, self._ports)
        surroundings = replace(surroundings, archive_base=f"http://{HOST}:{ports[READS_LINKS]}")
        for name, port in ports.items():
            service = SupervisedService(
                name, port, surroundings, self._register, on_change=self._write_state, on_death=self._say_death
            )
            self._services.append(service)
            group.create_task(service.run())
        self._write_state()
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            await together(*(service.until_ready(client) for service in self._services))

    async def _stop_services(self) -> None:
        self._report(Text(en="Stopping …", zh="正在停止……"))
        self._stop_by = time.monotonic() + STOP_SECONDS
        stops = [service.stop(SERVICES_STOP_SECONDS) for service in self._services]
        await together(
            *stops, *([] if self._postgres is None else [self._postgres.write_down(self.server, SERVICES_STOP_SECONDS)])
        )

    def _write_state(self) -> None:
        self.state.write(self.layout)

    def _say_death(self, name: str, code: int, backoff: float) -> None:
        why_en = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        why_zh = f"被信号 {-code} 终止" if code < 0 else f"以退出码 {code} 结束"
        self._report(
            Text(
                en=f"{name} {why_en}; starting it again in {backoff:g} s",
                zh=f"{name} {why_zh}，{backoff:g} 秒后重新启动",
            )
        )


async def together(*parts: Coroutine[Any, Any, Any]) -> None:
    """Await all side by side; when one fails the others are cancelled, and its Failure is the one that is told."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)
    except BaseExceptionGroup as errors:
        told, _ = errors.split(Failure)
        if told is None:
            raise
        raise leaf(told) from None


def leaf(errors: BaseExceptionGroup[Any]) -> BaseException:
    """The first single exception in a group of groups."""
    first = errors.exceptions[0]
    return leaf(first) if isinstance(first, BaseExceptionGroup) else first
