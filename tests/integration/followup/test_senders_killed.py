"""A sender that is killed in the middle of its work loses nothing."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.followup.domain.notices import Message
from services.followup.ports.messages import Queued
from services.followup.usecases.previewing import sample
from tests.integration.followup.house import House
from tests.integration.followup.office import Office
from tests.integration.followup.providers import Providers

pytestmark = pytest.mark.backend

ROOT = Path(__file__).parents[3]
LEASE = 2.0
MESSAGES = 40


class Senders:
    """Processes that send, and end with the test."""

    def __init__(self, dsn: str, providers: Providers) -> None:
        self._words = [
            sys.executable,
            "-m",
            "tests.integration.followup.lone_sender",
            dsn,
            providers.url("wecom"),
            str(LEASE),
        ]
        self._running: list[asyncio.subprocess.Process] = []

    async def start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(*self._words, cwd=ROOT)
        self._running.append(process)
        return process

    async def stop(self) -> None:
        for process in self._running:
            if process.returncode is None:
                process.kill()
            await process.wait()


@pytest.fixture
async def senders(house: House, providers: Providers) -> AsyncIterator[Senders]:
    providers._too_fast = lambda *_: False  # type: ignore[method-assign]
    senders = Senders(house.database._dsn, providers)
    yield senders
    await senders.stop()


async def queue(office: Office) -> None:
    now = datetime.now(UTC)
    async with office.house.database.transaction() as tx:
        queued = [
            Queued(
                Message(f"m-{number:02}", f"rep-{number:02}", "digest", now.date(), (sample(office.house.desk),)),
                ("wecom",),
                now,
                now + timedelta(hours=1),
                now,
            )
            for number in range(MESSAGES)
        ]
        assert await office.post.messages.queue(tx, queued) == MESSAGES
        assert await office.post.messages.queue(tx, queued) == 0


@pytest.mark.slow
async def test_a_killed_sender_loses_no_message(office: Office, providers: Providers, senders: Senders) -> None:
    """SIGKILL while the provider is thinking, again and again: in the end everybody has read theirs."""
    await queue(office)
    for _ in range(3):
        providers.arrived.clear()
        providers.answers("hang", "hang")
        process = await senders.start()
        await asyncio.wait_for(providers.arrived.wait(), 30)
        process.kill()
        await process.wait()
    await asyncio.gather(senders.start(), senders.start())
    async with asyncio.timeout(60):
        while Counter(await office.states()) != {"sent": MESSAGES}:
            await asyncio.sleep(0.1)
    readers = Counter(request.text.split(" ·")[0] for request in providers.taken)
    assert len(readers) == MESSAGES
    # What was under way at a kill may come twice; the rest came once.
    assert sum(readers.values()) <= MESSAGES + 3 * 5
