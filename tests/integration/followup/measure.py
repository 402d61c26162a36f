"""How fast followup is, on an embedded PostgreSQL: `python -m tests.integration.followup.measure`.

Not a test: the figures depend on the machine. Dispatch is compared with claiming one line at a time, on the same
database in the same minute; planning is Python's CPU time per event of trade, database driver included.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from datetime import date
from pathlib import Path
from time import perf_counter, process_time

import asyncpg

from services.followup.usecases.dispatch import DispatchDue
from services.followup.usecases.views import Wish
from shared.engine.model import Event
from shared.engine.postgres import Database
from shared.identity import Principal, Role
from tests.backends import Databases, choose
from tests.integration.followup.house import APP, DAY, NOON, House, as_login, facts, prepare

CUSTOMERS = 100_000
BATCH = 2000


async def main() -> None:
    server = choose("embedded").database_server(Path(tempfile.mkdtemp()) / "postgres")
    server.start()
    try:
        dsn = await Databases(server.dsn, "measure").fresh()
        await prepare(dsn)
        database = Database(as_login(dsn, APP), application="measure")
        house = House(database)
        await house.many_due(CUSTOMERS)
        await measure_planning(house)
        await measure_dispatch(house)
        await measure_statistics(house, dsn)
        await database.close()
    finally:
        server.stop()


async def measure_planning(house: House) -> None:
    """Orders of random customers, each of which moves its customer's date; the best of twenty batches."""
    chosen, best = random.Random(1), float("inf")  # noqa: S311 - the same customers in each run
    versions: dict[int, int] = {}
    for _ in range(20):
        batch = [order(number, versions) for number in chosen.sample(range(CUSTOMERS // 2), BATCH)]
        begun = process_time()
        await house.told(*batch)
        best = min(best, process_time() - begun)
    say(f"planning: {best / BATCH * 1e6:.1f} µs of Python for an event of trade")


async def measure_dispatch(house: House) -> None:
    """The untouched half of the customers is due: some one at a time, the rest in batches."""
    one_by_one = await rate(house, lines_per_batch=1, seconds=3)
    batched = await rate(house, lines_per_batch=1000, seconds=3)
    say(f"dispatch: {batched:.0f} lines/s in batches of 1,000, {batched / one_by_one:.0f} × {one_by_one:.0f} singly")


async def measure_statistics(house: House, dsn: str) -> None:
    """A year of 200 reps: a million reminders more, summed over the year and over a month; the best of five."""
    owner = await asyncpg.connect(dsn)
    await owner.execute(A_MILLION)
    # As autovacuum does in time.
    await owner.execute("VACUUM (ANALYZE) reminders")
    await owner.close()
    boss = Principal("boss", Role.GM)
    for words, first in (("a year", date(2025, 3, 4)), ("a month", date(2026, 2, 4))):
        best, planned = float("inf"), 0
        for _ in range(5):
            begun = perf_counter()
            _, shares = await house.read_desk.statistics(boss, Wish(None, first, date(2026, 3, 3)))
            best = min(best, perf_counter() - begun)
            planned = sum(share.tally.planned for share in shares)
        say(f"statistics: {best * 1000:.0f} ms for {planned} reminders of {words}")


A_MILLION = """
    INSERT INTO reminders (
        reminder_id, customer_id, line, rule, rep, department, customer_class, level, channel, template, minutes,
        plan_required, due_on, due_at, issued_on, answered_after, why_zh, why_en, trace, state, done_at, worked
    )
    SELECT md5(n::text), 'C-' || n % 100000, 'F1', 'F1', 'rep-' || n % 200, 'north', 'contract',
           (ARRAY['key', 'ordinary', 'lapsed'])[1 + n % 3], 'mail', 'monthly', 8, false, day, day, day, day - 30,
           repeat('因', 60), repeat('because ', 15), '', CASE WHEN n % 10 < 8 THEN 'done' ELSE 'due' END,
           CASE WHEN n % 10 < 8 THEN day + interval '1 day' * (n % 4) END, 7
    FROM generate_series(1, 1000000) AS n, LATERAL (SELECT date '2026-03-03' - n % 365 AS day) AS d
"""


async def rate(house: House, *, lines_per_batch: int, seconds: float) -> float:
    """Reminders per second while there is something due."""
    dispatch = DispatchDue(house.desk, house.stores, house.paces, house.intake, lines_per_batch=lines_per_batch)
    begun, issued = perf_counter(), 0
    house.clock.set(NOON + DAY)
    while (elapsed := perf_counter() - begun) < seconds:
        new = await dispatch.batch()
        issued += new.reminders
        if not new.customers:
            break
    return issued / elapsed


def order(number: int, versions: dict[int, int]) -> Event:
    version = versions[number] = versions.get(number, 1) + 1
    day = date(2026, 2, 20) + version % 5 * DAY
    return facts(f"C-{number:05}", version, orders=version, last_order_on=day, entry_dated=day, occurred_at=NOON)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    asyncio.run(main())
