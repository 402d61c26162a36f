"""A departure whose process dies in the middle happened wholly or not at all (P6)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.customers.house import Customers
from tests.integration.customers.test_departure import TO_BOB, depart, reps, staffed

pytestmark = pytest.mark.backend

ROOT = Path(__file__).parents[3]
CUSTOMERS = 7


class Departures:
    """Processes that let somebody go, and end with the test."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._running: list[asyncio.subprocess.Process] = []

    async def start(self, saves: int) -> asyncio.subprocess.Process:
        words = [sys.executable, "-m", "tests.integration.customers.lone_departure", self._dsn, str(saves)]
        process = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        self._running.append(process)
        return process

    async def stop(self) -> None:
        for process in self._running:
            if process.returncode is None:
                process.kill()
            await process.wait()


@pytest.fixture
async def departures(customers: Customers) -> AsyncIterator[Departures]:
    started = Departures(customers.database._dsn)
    yield started
    await started.stop()


async def hear(process: asyncio.subprocess.Process, times: int, word: bytes) -> None:
    """Wait until the process has said it so often."""
    assert process.stdout is not None
    async with asyncio.timeout(60):
        for _ in range(times):
            while word not in await process.stdout.readline():
                assert process.returncode is None, "it ended before"


@pytest.mark.parametrize("saves", [1, 3, 4])
async def test_killed_before_the_commit_it_never_happened(
    customers: Customers, departures: Departures, saves: int
) -> None:
    """After the first part, in the middle, after the last: Ann is there, and so are her customers; then it is done."""
    await staffed(customers, CUSTOMERS)
    told = len(await customers.sent("customers.v1"))
    process = await departures.start(saves)
    await hear(process, saves, b"saved")
    process.kill()
    await process.wait()
    assert set((await reps(customers)).values()) == {"rep-1"}
    assert len(await customers.sent("customers.v1")) == told
    assert await customers.sent("organisation.v1") == []
    assert await customers.audited() == []
    assert await customers.database.fetchval("SELECT departed_at FROM people WHERE person = 'ann'") is None
    answer = await depart(customers, TO_BOB)
    assert (answer.status_code, answer.json()["remaining"]) == (201, 0)
    assert len(await customers.sent("customers.v1")) == told + CUSTOMERS


async def test_killed_after_the_commit_it_happened_wholly(customers: Customers, departures: Departures) -> None:
    """Whoever asks again finds it done, and does nothing more."""
    await staffed(customers, CUSTOMERS)
    process = await departures.start(99)
    await hear(process, 1, b"done")
    process.kill()
    await process.wait()
    before = await reps(customers)
    assert sorted(before.values()) == ["eve"] * 4 + ["rep-2"] * 3
    answer = await depart(customers, TO_BOB)
    assert [d["customers"] for d in answer.json()["departures"]] == [CUSTOMERS]
    assert await reps(customers) == before
