"""Who is compared in `bench.dispatch`: each is given contacts that are due, and works for so many seconds in turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from bench.contenders import QUIX_PYTHON
from services.followup.domain.reminders import issue
from services.followup.usecases.issuing import reminder_due
from shared.engine.postgres import Database
from tests.backends import Databases
from tests.faults.dispatchers import DAYS, found
from tests.integration.followup.house import APP, DAY, House, prepare
from tests.integration.tables import as_login

CUSTOMERS = 400_000  # of whom each turn has the tenth that is due on its day
RIVALS = Path(__file__).parent / "rivals"

# As small a claim as there is: the first customer whose day has come and whom nobody else holds.
CLAIM_ONE = """
SELECT l.customer_id
FROM schedule_lines AS l JOIN schedules AS s ON s.customer_id = l.customer_id
WHERE l.planned_on <= $1
ORDER BY l.planned_on, l.customer_id
LIMIT 1
FOR UPDATE OF s SKIP LOCKED
"""


class Contender(Protocol):
    """A way to have what is due done."""

    async def prepare(self, databases: Databases) -> None: ...

    async def rate(self, seconds: float) -> float:
        """How many a second are done, in about so many seconds."""
        ...

    async def close(self) -> None: ...


class Tierline:
    """Followup's dispatch as it is: levelled by rep, many customers in a transaction. A turn is a whole day."""

    def __init__(self) -> None:
        self._days = iter(DAYS)
        self._house: House | None = None

    async def prepare(self, databases: Databases) -> None:
        dsn = await databases.fresh()
        await prepare(dsn)
        await found(dsn, CUSTOMERS)
        self._house = House(Database(as_login(dsn, APP), application="bench"))

    async def rate(self, seconds: float) -> float:
        house = self.new_day()
        dispatch = house.dispatcher(lines_per_batch=1000)
        begun = time.perf_counter()
        given = await dispatch()
        return given / (time.perf_counter() - begun)

    def new_day(self) -> House:
        """The company on the morning of its next day."""
        assert self._house is not None  # noqa: S101 - prepared
        self._house.clock.set(self._house.rules.last.levelling.begins(next(self._days)) + DAY / 3)
        return self._house

    async def close(self) -> None:
        if self._house is not None:
            await self._house.database.close()


class Singly(Tierline):
    """The same work, a transaction for each customer."""

    async def rate(self, seconds: float) -> float:
        house, done, begun = self.new_day(), 0, time.perf_counter()
        paces, today, stores = house.rules.last.paces, house.clock.today(), house.stores
        while time.perf_counter() - begun < seconds:
            now = house.clock.now()
            async with house.database.transaction() as tx:
                customer_id = await tx.fetchval(CLAIM_ONE, today)
                before = await stores.schedules.load(tx, [customer_id])
                after, reminders = issue(before[customer_id], paces, today)
                await stores.schedules.save(tx, before, {customer_id: after})
                new = await stores.reminders.add(tx, reminders)
                outgoings = [reminder_due(reminder, now) for reminder in reminders if reminder.reminder_id in new]
                await house.outbox.append(tx, outgoings, now=now)
            done += 1
        return done / (time.perf_counter() - begun)


class Queue:
    """A job queue's own program, with jobs that do nothing."""

    def __init__(self, program: str, *words: str) -> None:
        self._program = program
        self._words = words
        self._process: asyncio.subprocess.Process | None = None

    async def prepare(self, databases: Databases) -> None:
        self._process = await asyncio.create_subprocess_exec(
            str(QUIX_PYTHON),
            str(RIVALS / self._program),
            await databases.fresh(),
            *self._words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        if await self._answer() != "ready":
            raise RuntimeError(f"{self._program} did not start")

    async def rate(self, seconds: float) -> float:
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - a pipe
        process.stdin.write(f"{seconds}\n".encode())
        return float(await self._answer())

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None  # noqa: S101 - prepared
        return self._process

    async def _answer(self) -> str:
        process = self._running()
        assert process.stdout is not None  # noqa: S101 - a pipe
        async with asyncio.timeout(180):
            return (await process.stdout.readline()).decode().strip()


CONTENDERS: Mapping[str, Callable[[], Contender]] = {
    "tierline": Tierline,
    "singly": Singly,
    "pgqueuer": lambda: Queue("pgqueuer_jobs.py", "10"),
    "pgqueuer_in_batches": lambda: Queue("pgqueuer_jobs.py", "1000"),
    "pgqueuer_writing": lambda: Queue("pgqueuer_jobs.py", "1000", "writing"),
    "procrastinate": lambda: Queue("procrastinate_jobs.py"),
}
