"""What it costs to read all of scoring's tables: `python -m bench.tables [CUSTOMERS ...]`.

The company of `bench.ranking`, in PostgreSQL, where its orders lie as they came in: fifteen months of them, so that
some have left the window. Measured are the rebuilding of what is kept in memory (the start of a process, a rollback, a
take-over), a preview of another policy and a look ahead; and the longest that each held up a decision, and the process.
Each size has a process of its own, whose memory is told.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import asyncpg

from bench.ranking import ORDERS_A_YEAR, resident
from shared.engine.postgres import Database
from tests.backends.databases import Databases
from tests.backends.embedded import EmbeddedPostgres
from tests.integration.scoring.house import TODAY, House, policy_with
from tests.integration.tables import as_login, tables_of

DAYS = 456
PACE = 0.005  # seconds between two looks whether something is held up
RENEWED = 1.5  # seconds between two renewals of the lease

# Whoever came first orders most; 3 orders of 10 are anybody's. $1 customers, $2 the last day of $3, $4 orders.
FILL_ENTRIES = """
INSERT INTO entries (customer_id, entry_id, version, is_order, dated, amount, counts)
SELECT 'C-' || lpad(floor($1::integer * power(random(), CASE WHEN random() < 0.3 THEN 1 ELSE 2.5 END))::text, 7, '0'),
       'o:' || n, 1, true, $2::date - $3::integer + 1 + (n * $3::bigint / $4::bigint)::integer,
       round(exp(random_normal(6, 1.5))::numeric, 2), true
FROM generate_series(0, $4::bigint - 1) AS n
"""
# Those without an order are prospects.
FILL_CUSTOMERS = """
INSERT INTO customers (customer_id, version, customer_class, last_order_on, country, rep, level, sequence, since)
SELECT customer_id, coalesce(orders, 0) + 1, CASE WHEN last_on IS NULL THEN 'potential' ELSE 'contract' END, last_on,
       (ARRAY['DE', 'CN', 'AE', 'US', NULL])[1 + abs(hashtext(customer_id)) % 5],
       'rep-' || abs(hashtext(customer_id)) % 50,
       CASE WHEN last_on IS NULL THEN 'moderate' WHEN last_on <= $2::date - 365 THEN 'lapsed' ELSE 'ordinary' END,
       1, $2::date
FROM (SELECT 'C-' || lpad(n::text, 7, '0') AS customer_id FROM generate_series(0, $1::integer - 1) AS n) AS c
LEFT JOIN (SELECT customer_id, max(dated) AS last_on, count(*) AS orders FROM entries GROUP BY 1) AS e
    USING (customer_id)
"""
MAKE_KEY = "UPDATE customers SET level = 'key' WHERE customer_id = ANY($1::text[])"


class HeldUp:
    """The longest that a decision would have waited, and that anything would have in this process; seconds."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.decision = self.process = 0.0

    async def watch(self) -> None:
        while True:
            begun = time.perf_counter()
            async with self._house.memory.reading():
                free = time.perf_counter()
            await asyncio.sleep(PACE)
            self.decision = max(self.decision, free - begun)
            self.process = max(self.process, time.perf_counter() - free - PACE)


async def timed(house: House, customers: int, name: str, work: Awaitable[object]) -> None:
    held_up = HeldUp(house)
    watching = asyncio.create_task(held_up.watch())
    begun, used = time.perf_counter(), time.process_time()
    await work
    took, used = time.perf_counter() - begun, time.process_time() - used
    watching.cancel()
    print(
        f"{customers:>9,} customers: {name} {took:.1f} s ({used:.1f} s of it CPU here), decisions held up for "
        f"{held_up.decision:.2f} s and the process for {held_up.process:.2f} s at most, {resident() >> 20} MB",
        flush=True,
    )


async def rebuild(house: House) -> None:
    async with house.database.transaction() as tx:
        await house.decide_levels.begin(tx)
        house.decide_levels.rolled_back()


async def renew(house: House) -> None:
    while True:
        await house.lease.acquire()
        await asyncio.sleep(RENEWED)


async def fill(dsn: str, customers: int) -> str:
    """A database with a company of this size whose levels are decided."""
    made = await Databases(dsn, str(customers)).copy_of("scoring", tables_of("scoring"))
    connection = await asyncpg.connect(made)
    await connection.execute("SELECT setseed(0.5)")
    await connection.execute(FILL_ENTRIES, customers, TODAY, DAYS, customers * ORDERS_A_YEAR * DAYS // 365)
    await connection.execute(FILL_CUSTOMERS, customers, TODAY)
    await connection.execute("VACUUM ANALYZE")
    database = Database(made, application="bench")
    house = House(database)
    await rebuild(house)
    await connection.execute(MAKE_KEY, [name for name, place in house.memory.ranker.places.items() if place.is_key])
    await connection.execute("VACUUM ANALYZE customers")
    await database.close()
    await connection.close()
    return made


async def measure(dsn: str, customers: int) -> None:
    database = Database(as_login(dsn, "scoring_app"), application="bench")
    house = House(database)
    await house.lease.acquire()
    renewing = asyncio.create_task(renew(house))
    await timed(house, customers, "rebuilt in", rebuild(house))
    await house.pass_days()
    await timed(house, customers, "previewed in", house.preview(policy_with("other", key_share="0.3"), 20))
    await timed(house, customers, "looked ahead in", house.look_ahead())
    renewing.cancel()
    await database.close()


def measure_apart(dsn: str, customers: int) -> None:
    asyncio.run(measure(dsn, customers))


def main(sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="tierline-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", outlives_power_cuts=False)
        server.start()
        try:
            for customers in sizes:
                made = asyncio.run(fill(server.dsn, customers))
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                    apart.submit(measure_apart, made, customers).result()
        finally:
            server.stop()


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [100_000, 1_000_000])
