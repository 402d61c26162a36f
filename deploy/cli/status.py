"""`tierline status`: addresses, health, lag, outbox and dead letters of a running stack."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import typer

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from deploy.local.layout import Layout
from deploy.local.state import ServiceState, StackState
from shared.roles import Role
from shared.words import Text


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """A service as it describes itself; where it does not answer, not ready and nothing known."""

    name: str
    url: str
    pid: int | None
    ready: bool = False
    lag: int | None = None
    outbox: int | None = None
    dead_letters: int | None = None
    waiting_for: tuple[str, ...] = ()
    halted: tuple[str, ...] = ()
    today: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The service's part of `status --json`."""
        return {
            "url": self.url,
            "pid": self.pid,
            "ready": self.ready,
            "lag": self.lag,
            "outbox": self.outbox,
            "dead_letters": self.dead_letters,
            "halted": list(self.halted),
        }


@dataclass(frozen=True, slots=True)
class Status:
    """A whole stack at a moment."""

    stack: StackState
    services: tuple[ServiceStatus, ...]

    @property
    def well(self) -> bool:
        """Whether every service is ready and no partition is halted."""
        return all(service.ready and not service.halted for service in self.services)

    @property
    def today(self) -> str | None:
        """The business date, by the services' own clocks."""
        return next((service.today for service in self.services if service.today), None)

    def as_json(self) -> dict[str, Any]:
        """What `status --json` answers."""
        return {
            "kafka": self.stack.kafka,
            "postgres": self.stack.postgres,
            "today": self.today,
            "services": {service.name: service.as_json() for service in self.services},
        }


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    found = collect(layout_of(data))
    output.result(found.as_json(), lambda: show(found, output))
    if not found.well:
        raise typer.Exit(ExitCode.NOT_SO)


def collect(layout: Layout, state: StackState | None = None) -> Status:
    """Ask every service; Failure when no stack is running."""
    with StackClient(layout, Role.OPS, state) as client:
        return survey(client)


def survey(client: StackClient) -> Status:
    """Ask every service, all at once."""
    services = client.state.services
    with ThreadPoolExecutor(len(services) or 1) as pool:
        asked = [pool.submit(ask, client, name, service) for name, service in services.items()]
        return Status(client.state, tuple(answer.result() for answer in asked))


def ask(client: StackClient, name: str, service: ServiceState) -> ServiceStatus:
    """One service's account of itself."""
    try:
        told = client.get(name, "/status")
    except Failure:
        return ServiceStatus(name, service.url, service.pid)
    return ServiceStatus(
        name,
        service.url,
        service.pid,
        ready=told["ready"],
        lag=told["lag"],
        outbox=told["outbox"],
        dead_letters=told["dead_letters"],
        waiting_for=tuple(told["waiting_for"]),
        halted=tuple(f"{halt['topic']}/{halt['partition']}: {halt['code']}" for halt in told["halted"]),
        today=told["today"],
    )


def show(found: Status, output: Output) -> None:
    """The same for people."""
    output.table(
        (
            Text(en="service", zh="服务"),
            Text(en="address", zh="地址"),
            Text(en="state", zh="状态"),
            Text(en="pid", zh="进程"),
            Text(en="lag", zh="积压"),
            Text(en="outbox", zh="待发"),
            Text(en="dead letters", zh="死信"),
        ),
        (
            (s.name, s.url, output.of(condition(s, found.stack)), s.pid, s.lag, s.outbox, s.dead_letters)
            for s in found.services
        ),
        right=4,
    )
    stack = found.stack
    output.say(
        Text(
            en=f"Kafka {stack.kafka} · PostgreSQL {stack.postgres} · business date {found.today or '?'}",
            zh=f"Kafka {stack.kafka} · PostgreSQL {stack.postgres} · 业务日期 {found.today or '?'}",
        )
    )
    for service in found.services:
        for halt in service.halted:
            output.say(
                Text(
                    en=f"{service.name} is at a stop, {halt}: `tierline dlq list`, then `tierline dlq resume`.",
                    zh=f"{service.name} 停在 {halt}：`tierline dlq list` 查看原因，`tierline dlq resume` 继续。",
                ),
                style="bold red",
            )


def condition(service: ServiceStatus, stack: StackState) -> Text:
    """One service's state in a word or two."""
    if service.halted:
        return Text(en="halted", zh="已停读")
    if service.ready:
        return Text(en="ready", zh="就绪")
    if service.waiting_for:
        waiting = ", ".join(service.waiting_for)
        return Text(en=f"waits for {waiting}", zh=f"等待 {waiting}")
    if service.pid is None and stack.supervisor is not None:
        return Text(en="being started again", zh="重新启动中")
    return Text(en="does not answer", zh="无应答")
