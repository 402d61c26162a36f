"""Things that happen to a running stack, all of it following from one seed."""

from __future__ import annotations

import asyncio
import math
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from shared.contracts.registry import SERVICES
from tests.backends.stack import LocalStack, eventually


@dataclass(frozen=True)
class Chaos:
    """Signals the services of a stack at moments that follow from a seed."""

    stack: LocalStack
    chance: Random
    services: Sequence[str] = SERVICES

    async def strike(self, how: signal.Signals, *, times: int, seconds: float) -> int:
        """Send `how` to `times` services within `seconds`; returns how many of them ran at that moment."""
        begun = time.monotonic()
        moments = sorted(self.chance.uniform(0, seconds) for _ in range(times))
        # Each gets its turn before one gets a second, so that the supervisor's backoff does not hide the others.
        rounds = math.ceil(times / len(self.services))
        turns = [service for _ in range(rounds) for service in self.chance.sample(self.services, len(self.services))]
        hit = 0
        for moment, service in zip(moments, turns, strict=False):
            await asyncio.sleep(max(0, begun + moment - time.monotonic()))
            hit += self.stack.signal(service, how) is not None
        return hit


async def random_pause(chance: Random, longest: float) -> None:
    """Let a moment pass that nothing in the stack determines."""
    await asyncio.sleep(chance.uniform(0, longest))


async def until_replaced(stack: LocalStack, service: str, old: int | None, within: float = 90) -> None:
    """Return when the supervisor has started `service` anew and it is ready."""

    async def replaced() -> bool:
        return stack.pid(service) not in (None, old)

    await eventually(replaced, f"{service} started again", within)
    await stack.until_ready(service, within=within)
