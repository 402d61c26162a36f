"""procrastinate with a job for each contact, done as soon as it is begun: `procrastinate_jobs.py DSN`, asked on stdin.

Each line of input is a number of seconds; each line of output how many jobs a second were done in them.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import Any

from procrastinate import App, PsycopgConnector

JOBS = 40_000
AT_ONCE = 2000
CONCURRENCY = 10


async def main(dsn: str) -> None:
    # It minds being one file.
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    app, done = App(connector=PsycopgConnector(conninfo=dsn)), [0]

    async def do(customer_id: str) -> None:  # noqa: ARG001 - what a job says, though nothing is done about it
        done[0] += 1

    remind = app.task(name="remind")(do)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for _ in range(JOBS // AT_ONCE):
            jobs: list[dict[str, Any]] = [{"customer_id": f"C-{number}"} for number in range(AT_ONCE)]
            await remind.batch_defer_async(*jobs)
        print("ready", flush=True)
        while seconds := await asyncio.to_thread(sys.stdin.readline):
            done[0], begun = 0, time.perf_counter()
            working = asyncio.create_task(
                app.run_worker_async(
                    concurrency=CONCURRENCY,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    listen_notify=False,
                )
            )
            await asyncio.sleep(float(seconds))
            print(done[0] / (time.perf_counter() - begun), flush=True)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
