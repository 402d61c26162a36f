"""Waiting until every service of a stack has done its part."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from deploy.cli.client import StackClient
from deploy.cli.status import ServiceStatus, Status, survey
from deploy.failure import ExitCode, Failure
from deploy.local.stack import Stack
from shared.roles import Role
from shared.words import Text

POLL_SECONDS = 0.2
# Asking costs the services what they need for the work, so they are left alone while there is much.
MUCH, PATIENT_POLL_SECONDS = 2000, 1.0
# A record is between two services for an instant in which neither counts it; it is not there twice in a row.
QUIET_POLLS = 3
STUCK_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much is still to do: records unread or unsent, and reminders that have come but are not issued."""

    records: int
    reminders: int
    known: bool
    """False while a service does not say."""

    @property
    def over(self) -> bool:
        """Whether nothing waits."""
        return self.known and self.records == 0 and self.reminders == 0


async def drained(stack: Stack, on_progress: Callable[[Waiting], None]) -> float:
    """The moment (monotonic) since which nothing waits; Failure when a partition halts or all stands still."""
    with StackClient(stack.layout, Role.OPS, stack.state) as client:
        return await until_quiet(client, on_progress)


async def until_quiet(client: StackClient, on_progress: Callable[[Waiting], None]) -> float:
    """The same for whoever talks to the stack already."""
    quiet, since = 0, time.monotonic()
    last, moved = Waiting(-1, -1, known=False), since
    while quiet < QUIET_POLLS:
        now = time.monotonic()
        waiting = await asyncio.to_thread(look, client)
        on_progress(waiting)
        if waiting != last:
            last, moved = waiting, now
        elif not waiting.over and now - moved > STUCK_SECONDS:
            raise stuck(waiting)
        if not waiting.over:
            quiet = 0
        elif quiet == 0:
            quiet, since = 1, now
        else:
            quiet += 1
        await asyncio.sleep(PATIENT_POLL_SECONDS if waiting.records > MUCH else POLL_SECONDS)
    return since


def look(client: StackClient) -> Waiting:
    """Ask every service what waits there."""
    status = survey(client)
    refuse_halted(status)
    known = all(knows(service) for service in status.services)
    records = sum((service.lag or 0) + (service.outbox or 0) for service in status.services)
    reminders = 0
    if known and records == 0:
        reminders = client.get("followup", "/reminders/summary")["pending"]
    return Waiting(records, reminders, known)


def knows(service: ServiceStatus) -> bool:
    """Whether a service answers and can tell how far it is."""
    return service.ready and service.lag is not None and service.outbox is not None


def refuse_halted(status: Status) -> None:
    """A halted partition does not drain by waiting."""
    for service in status.services:
        if service.halted:
            places = ", ".join(service.halted)
            raise Failure(
                Text(en=f"{service.name} has halted: {places}", zh=f"{service.name} 已停读：{places}"),
                Text(en="`tierline dlq list` says why.", zh="用 `tierline dlq list` 查看原因。"),
                code=ExitCode.NOT_SO,
            )


def stuck(waiting: Waiting) -> Failure:
    """Nothing has moved for long."""
    return Failure(
        Text(
            en=f"{waiting.records} records and {waiting.reminders} reminders wait; for two minutes nothing has moved.",
            zh=f"仍有 {waiting.records} 条记录、{waiting.reminders} 个提醒在等待，两分钟内没有进展。",
        ),
        Text(en="The services' logs are in the data folder.", zh="请查看数据目录中的服务日志。"),
        code=ExitCode.NOT_SO,
    )
