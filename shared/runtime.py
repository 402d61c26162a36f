"""What every service does around its use cases: start, be ready, read, relay, keep time, answer, drain, stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
import uvicorn
import uvloop
from fastapi import APIRouter

from shared.admin import Admin, admin_router
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.batch import BatchProcessor
from shared.engine.deadletters import DeadLetters
from shared.engine.gate import Gate
from shared.engine.housekeeping import Housekeeping
from shared.engine.items import Outcome
from shared.engine.kafka import KafkaAddress, OrderedProducer
from shared.engine.migrations import migrate
from shared.engine.model import Job, Subscription
from shared.engine.outbox import Outbox
from shared.engine.poison import PoisonLimits, PoisonWatch
from shared.engine.postgres import Database
from shared.engine.reader import Reader
from shared.engine.relay import Relay
from shared.environment import SettingsError
from shared.http import AccessHooks, create_app
from shared.identity import TokenVerifier
from shared.in_force import PolicyInForce
from shared.logs import configure_logs
from shared.metrics import Metrics
from shared.policy import PolicyError
from shared.settings import ServiceSettings, load_settings
from shared.standing import Registry

log = structlog.get_logger()

SettingsType = TypeVar("SettingsType", bound=ServiceSettings)

# Within this a poll under way commits and the outbox goes out; compose grants more before it kills.
DRAIN_SECONDS = 8.0
# So far what is shown, and the limits that no transaction asks for, may lag behind the policy in force.
POLICY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Service:
    """All that makes a service, built by its `__main__`."""

    name: str
    settings: ServiceSettings
    database: Database
    clock: Clock
    in_force: PolicyInForce
    outbox: Outbox
    subscriptions: Sequence[Subscription]
    standing: Registry
    """What the organisation says of somebody now: who left is let in by no door, who moved as what they are."""
    routers: Sequence[APIRouter] = ()
    open_routers: Sequence[APIRouter] = ()
    streamed: re.Pattern[str] | None = None
    """Paths whose routes read large bodies themselves."""
    jobs: Sequence[Job] = ()
    metrics: Metrics = field(default_factory=Metrics)
    alarms: Callable[[], Sequence[str]] = tuple


def open_database(name: str, settings: ServiceSettings) -> Database:
    """The service's own database, as its everyday login; connects at first use."""
    return Database(settings.database.app_url(), pool_size=settings.database.pool_size, application=f"tierline-{name}")


def main(name: str, build: Callable[[SettingsType], Service], settings_type: type[SettingsType]) -> None:
    """Run `python -m services.<name> [migrate]`; a wrong environment is one readable message and exit code 2."""
    try:
        settings = load_settings(settings_type)
        configure_logs(settings.log, service=name)
        if sys.argv[1:] == ["migrate"]:
            asyncio.run(apply_migrations(name, settings))
        elif sys.argv[1:]:
            raise SystemExit(f"usage: python -m services.{name} [migrate]")
        else:
            service = build(settings)
            collect_seldom()
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(run(service))
    except (SettingsError, PolicyError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the log is not configured yet
        raise SystemExit(2) from None


def collect_seldom() -> None:
    """Leave what the start made out of garbage collection, and collect seldom.

    A poll makes some twenty thousand objects and drops them all; a collection in its middle finds nothing and scans
    everything, a scoring service's memory of its customers included.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def apply_migrations(name: str, settings: ServiceSettings) -> None:
    """Bring the service's database to this release, as its owner."""
    applied = await migrate(
        settings.database.owner_url(),
        packages=("shared.engine", f"services.{name}"),
        app_role=settings.database.app_login(),
    )
    log.info("migrated", service=name, applied=applied)


async def run(service: Service) -> None:
    """Run until SIGTERM or SIGINT, then drain: the poll under way commits, the outbox goes out as far as it can."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    plant = Plant(service)
    background = [asyncio.create_task(work, name=name) for name, work in plant.tasks()]
    log.info("started", service=service.name, pid=os.getpid(), policy_file=service.in_force.given.version)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([stopping, *background], return_when=asyncio.FIRST_COMPLETED)
    failed = [task for task in background if task.done() and not task.cancelled() and task.exception()]
    log.info("stopping", service=service.name)
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await plant.drain()
    except TimeoutError:
        log.warning("drain_cut_short", service=service.name)
    for task in (*background, stopping):
        task.cancel()
    await asyncio.gather(*background, stopping, return_exceptions=True)
    await service.database.close()
    log.info("stopped", service=service.name)
    for task in failed:
        raise SystemExit(1) from task.exception()


class Plant:
    """The moving parts of one running service."""

    def __init__(self, service: Service) -> None:
        settings = service.settings
        self._service = service
        self._metrics = service.metrics
        address = KafkaAddress(
            settings.kafka.bootstrap, settings.kafka.username, settings.kafka.password(), settings.kafka.compression
        )
        self._relay = Relay(
            service.database,
            OrderedProducer(address, client_id=f"tierline-{service.name}-relay"),
            on_sent=self._metrics.relayed,
        )
        self._gate = Gate()
        letters = DeadLetters()
        in_force = service.in_force
        self._processors = [
            BatchProcessor(
                consumer=service.name,
                database=service.database,
                outbox=service.outbox,
                letters=letters,
                handler=subscription.handler,
                watch=PoisonWatch(lambda: poison_limits(in_force)),
                now=service.clock.now,
                observer=self,
                lease=subscription.lease,
                views=frozenset(subscription.views.items()),
            )
            for subscription in service.subscriptions
        ]
        self._readers = [
            Reader(subscription, processor, address, self._gate, embedded=settings.kafka.embedded)
            for subscription, processor in zip(service.subscriptions, self._processors, strict=True)
        ]
        self._housekeeping = Housekeeping(
            service.database,
            gate=self._gate,
            replay_days=lambda: in_force.policy.inbox.replay_days,
            on_count=self._metrics.outbox_pending,
        )
        trail = AuditTrail(service.name, service.database, service.outbox, service.clock, self._relay.wake)
        admin = Admin(
            name=service.name,
            clock=service.clock,
            in_force=in_force,
            database=service.database,
            trail=trail,
            letters=letters,
            readers=self._readers,
            processors=self._processors,
        )
        hooks = AccessHooks(
            login_failed=trail.login_failed, denied=trail.denied, visited=trail.visited, standing=service.standing
        )
        self.app = create_app(
            service.name,
            [*service.routers, admin_router(admin)],
            TokenVerifier.from_settings(settings.identity),
            metrics=self._metrics,
            ready=admin.ready,
            hooks=hooks,
            open_routers=service.open_routers,
            streamed=service.streamed,
            alarms=service.alarms,
        )
        self._server = QuietServer(
            uvicorn.Config(
                self.app,
                host=settings.http.host,
                port=settings.http.port,
                log_config=None,
                access_log=False,
                # The audited station is the peer's address: a header that any client can write must not forge it.
                proxy_headers=False,
                lifespan="off",
                timeout_graceful_shutdown=3,
            )
        )

    def tasks(self) -> Iterator[tuple[str, Any]]:
        """Everything that runs side by side, by name."""
        yield "http", self._server.serve()
        yield "relay", self._relay.run()
        yield "housekeeping", self._housekeeping.run()
        yield "policy", self._repeat(Job("look_at_policy", every=POLICY_SECONDS, run=self._look_at_policy))
        for reader in self._readers:
            yield f"reader:{reader.subscription.topics[0]}", reader.run()
        for job in self._service.jobs:
            yield f"job:{job.name}", self._repeat(job)

    async def drain(self) -> None:
        """Stop taking in, then let out what is decided."""
        await asyncio.gather(*(reader.stop() for reader in self._readers))
        self._server.should_exit = True
        await self._relay.finish()

    def committed(self, outcome: Outcome, seconds: float) -> None:
        """A batch took effect: count it, and send what it decided at once."""
        self._metrics.committed(outcome.accepted, outcome.duplicates, outcome.refused, seconds)
        self._relay.wake()

    def waits(self, error: BaseException | None) -> None:
        """A batch waits for the world, or goes on."""
        self._metrics.waits(error)

    async def _look_at_policy(self) -> None:
        """Another process of this service may have put another policy in force."""
        await self._service.in_force.look(self._service.database)

    async def _repeat(self, job: Job) -> None:
        """Run a job for ever; one that fails is said and tried again at its next turn."""
        while True:
            try:
                await job.run()
                self._relay.wake()
            except Exception as error:  # noqa: BLE001 - a timer outlives what it runs
                log.warning("job_failed", job=job.name, error=repr(error))
            await asyncio.sleep(job.every() if callable(job.every) else job.every)


def poison_limits(in_force: PolicyInForce) -> PoisonLimits:
    """When a partition stops, by the policy last seen."""
    poison = in_force.policy.poison
    return PoisonLimits(poison.run, poison.window, float(poison.share))


class QuietServer(uvicorn.Server):
    """uvicorn without its signal handlers: the runtime drains in its own order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
