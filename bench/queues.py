"""Who is compared in `bench.dispatch`: each is given contacts that are due, and worked for so many seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Protocol

import asyncpg

from services.followup.domain.reminders import issue
from services.followup.usecases.issuing import reminder_due
from shared.engine.postgres import Database
from tests.backends import Databases
from tests.faults.dispatchers import DAYS, found
from tests.integration.followup.house import APP, DAY, House, as_login, prepare

CUSTOMERS = 400_000  # of whom each turn takes the tenth that is due on its day
JOBS = 60_000

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
        """How many a second are done within about so many seconds."""
        ...

    async def close(self) -> None: ...


class Tierline:
    """Followup's dispatch as it is: levelled by rep, many customers in a transaction."""

    def __init__(self) -> None:
        self._days = iter(DAYS)
        self._house: House | None = None

    async def prepare(self, databases: Databases) -> None:
        dsn = await databases.fresh()
        await prepare(dsn)
        await found(dsn, CUSTOMERS)
        self._house = House(Database(as_login(dsn, APP), application="bench"))

    async def rate(self, seconds: float) -> float:
        house = self._new_day()
        dispatch = house.dispatcher(lines_per_batch=1000)
        begun = time.perf_counter()
        given = await dispatch()
        return given / (time.perf_counter() - begun)

    def _new_day(self) -> House:
        assert self._house is not None  # noqa: S101 - prepared
        day = next(self._days)
        self._house.clock.set(self._house.rules.last.levelling.begins(day) + DAY / 3)
        return self._house

    async def close(self) -> None:
        if self._house is not None:
            await self._house.database.close()


class Singly(Tierline):
    """The same work, a transaction for each customer."""

    async def rate(self, seconds: float) -> float:
        house, done, begun = self._new_day(), 0, time.perf_counter()
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


class PgQueuer:
    """A job for each contact, ten claimed at a time as by default, and done as soon as it is begun."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool | None = None

    async def prepare(self, databases: Databases) -> None:
        from pgqueuer.db import AsyncpgPoolDriver
        from pgqueuer.queries import Queries

        self._pool = await asyncpg.create_pool(await databases.fresh(), min_size=2, max_size=6)
        self._driver = AsyncpgPoolDriver(self._pool)
        self._queries = Queries(self._driver)
        await self._queries.install()
        await self._fill(3 * JOBS)

    async def _fill(self, jobs: int) -> None:
        for _ in range(jobs // 5000):
            await self._queries.enqueue(["remind"] * 5000, [b"C-1"] * 5000, [0] * 5000)

    async def rate(self, seconds: float) -> float:
        from pgqueuer import QueueManager

        manager, done = QueueManager(self._queries), 0

        @manager.entrypoint("remind")
        async def remind(_job: object) -> None:
            nonlocal done
            done += 1

        running = asyncio.create_task(manager.run(batch_size=self.batch_size, dequeue_timeout=timedelta(seconds=1)))
        begun = time.perf_counter()
        await asyncio.sleep(seconds)
        rate = done / (time.perf_counter() - begun)
        manager.shutdown.set()
        await running
        return rate

    batch_size = 10

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()


class PgQueuerInBatches(PgQueuer):
    """The same with a thousand claimed at a time."""

    batch_size = 1000


class Procrastinate:
    """A job for each contact, ten at a time, done as soon as it is begun and deleted."""

    async def prepare(self, databases: Databases) -> None:
        from procrastinate import App, PsycopgConnector

        self._app = App(connector=PsycopgConnector(conninfo=await databases.fresh()))
        self._done = 0

        @self._app.task(name="remind")
        async def remind(customer_id: str) -> None:
            self._done += 1

        self._task = remind
        await self._app.open_async()
        await self._app.schema_manager.apply_schema_async()
        for _ in range(JOBS // 2000):
            await self._task.batch_defer_async(*({"customer_id": f"C-{number}"} for number in range(2000)))

    async def rate(self, seconds: float) -> float:
        self._done = 0
        begun = time.perf_counter()
        working = asyncio.create_task(
            self._app.run_worker_async(
                concurrency=10, delete_jobs="successful", install_signal_handlers=False, listen_notify=False
            )
        )
        await asyncio.sleep(seconds)
        rate = self._done / (time.perf_counter() - begun)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        return rate

    async def close(self) -> None:
        await self._app.close_async()


CONTENDERS: Mapping[str, Callable[[], Contender]] = {
    "tierline": Tierline,
    "singly": Singly,
    "pgqueuer": PgQueuer,
    "pgqueuer_in_batches": PgQueuerInBatches,
    "procrastinate": Procrastinate,
}
