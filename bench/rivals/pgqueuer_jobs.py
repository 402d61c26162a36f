"""PgQueuer with a job for each contact: `pgqueuer_jobs.py DSN BATCH [writing]`, asked on stdin.

A job is done as soon as it is begun or, `writing`, when it has written its reminder into a table of three columns.
Each line of input is a number of seconds; each line of output how many jobs a second were done in them.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import timedelta

import asyncpg
from pgqueuer import QueueManager
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.queries import Queries

JOBS = 200_000
AT_ONCE = 5000


async def main(dsn: str, batch: int, *, writing: bool) -> None:
    async with asyncpg.create_pool(dsn, min_size=2, max_size=6) as pool:
        queries = Queries(AsyncpgPoolDriver(pool))
        await queries.install()
        for _ in range(JOBS // AT_ONCE):
            await queries.enqueue(["remind"] * AT_ONCE, [b"C-1"] * AT_ONCE, [0] * AT_ONCE)
        await pool.execute("CREATE TABLE kept (number bigserial PRIMARY KEY, customer_id text, due_on date)")
        await pool.execute("ANALYZE")
        print("ready", flush=True)
        while seconds := await asyncio.to_thread(sys.stdin.readline):
            print(await rate(queries, batch, float(seconds), pool if writing else None), flush=True)


async def rate(queries: Queries, batch: int, seconds: float, pool: asyncpg.Pool | None) -> float:
    manager, done = QueueManager(queries), 0

    async def remind(_job: object) -> None:
        nonlocal done
        if pool is not None:
            await pool.execute("INSERT INTO kept (customer_id, due_on) VALUES ($1, current_date)", "C-1")
        done += 1

    manager.entrypoint("remind")(remind)
    running = asyncio.create_task(manager.run(batch_size=batch, dequeue_timeout=timedelta(seconds=1)))
    begun = time.perf_counter()
    await asyncio.sleep(seconds)
    found = done / (time.perf_counter() - begun)
    manager.shutdown.set()
    await running
    return found


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), writing=sys.argv[3:] == ["writing"]))
