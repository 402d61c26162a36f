"""`python -m bench.dispatch`: the day's reminders of a million customers, and job queues on the same machine.

First the morning: 100,000 contacts fall due at one moment, two dispatchers issue and relay them. Then the rates, in
turns, so that whatever else the machine does slows all alike: followup's dispatch, the same work claimed one customer
at a time, and PgQueuer and procrastinate with jobs that do nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.meter import cpu_by_part, percentile
from bench.queues import CONTENDERS
from tests.backends import Backend, Databases, DatabaseServer, Unavailable, choose
from tests.faults.dispatchers import DAYS, Crew, found, is_ready
from tests.integration.followup.house import APP, prepare
from tests.integration.tables import as_login

RESULTS = Path(__file__).parent / "dispatch.json"
TOPIC = "reminders.v1"
PARTITIONS = 4
DISPATCHERS = 2
HEAD_START = 8.0  # seconds from the start of the dispatchers to the moment at which the contacts fall due
PATIENCE = 240.0
WORTH_SAYING = 0.05  # seconds of a processor, in all
TURNS = 3


async def morning(dsn: str, kafka: str, folder: Path, due: int, parts: Mapping[int, str]) -> dict[str, float]:
    """Let a day begin, and wait until every reminder of it was read back from the broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
    await admin.close()
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    crew = Crew(as_login(dsn, APP), kafka, folder, time.time() + HEAD_START, DAYS[0])
    with ExitStack() as running:
        processes = [crew.dispatcher(number) for number in range(DISPATCHERS)]
        for process in processes:
            running.callback(process.stop)
            process.start(lambda process=process: is_ready(process), within=30)  # type: ignore[misc]
        labels = {**parts, **{process.pid: "dispatchers" for process in processes if process.pid}}
        before = cpu_by_part(labels)
        relayed: list[float] = []
        while len(relayed) < due:
            if time.time() > crew.midnight + PATIENCE:
                raise TimeoutError(f"{len(relayed)} of {due} reminders came within {PATIENCE:.0f} s")
            for records in (await consumer.getmany(timeout_ms=500)).values():
                relayed += [time.time() - crew.midnight] * len(records)
        used = {part: seconds - before.get(part, 0.0) for part, seconds in cpu_by_part(labels).items()}
    await consumer.stop()
    issued = await issued_after(dsn, crew.midnight)
    for part, seconds in sorted(used.items(), key=lambda item: -item[1]):
        if seconds > WORTH_SAYING:
            print(f"  {1e6 * seconds / due:8.0f} µs a reminder  {part}")
    return {
        "due": due,
        "issued": len(issued),
        "relayed": len(relayed),
        "issued_p50_s": round(percentile(issued, 0.50), 2),
        "issued_p99_s": round(percentile(issued, 0.99), 2),
        "relayed_p50_s": round(percentile(relayed, 0.50), 2),
        "relayed_p99_s": round(percentile(relayed, 0.99), 2),
        "all_relayed_s": round(relayed[-1], 2),
    }


async def issued_after(dsn: str, midnight: float) -> list[float]:
    """Seconds from midnight to the commit of each reminder, ascending; PostgreSQL itself tells when it was."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 - $1 FROM reminders ORDER BY 1", midnight
        )
        return [row[0] for row in rows]
    finally:
        await connection.close()


async def bloat(dsn: str) -> dict[str, dict[str, int]]:
    """What the tables and indexes of followup weigh, in MB, and how many updates stayed on their page."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        rows = await connection.fetch(
            "SELECT c.relname, pg_relation_size(c.oid) / 1048576 AS mb, coalesce(s.n_dead_tup, 0) AS dead,"
            " coalesce(s.n_tup_upd, 0) AS updates, coalesce(s.n_tup_hot_upd, 0) AS hot"
            " FROM pg_class AS c LEFT JOIN pg_stat_user_tables AS s ON s.relid = c.oid"
            " WHERE c.relnamespace = 'public'::regnamespace AND pg_relation_size(c.oid) > 1048576 ORDER BY 2 DESC"
        )
        return {row["relname"]: {name: row[name] for name in ("mb", "dead", "updates", "hot")} for row in rows}
    finally:
        await connection.close()


async def take_turns(databases: Databases, names: Sequence[str], seconds: float) -> dict[str, list[float]]:
    """Rates of all contenders, turn by turn."""
    rates: dict[str, list[float]] = {name: [] for name in names}
    contenders = [CONTENDERS[name]() for name in names]
    try:
        for contender in contenders:
            await contender.prepare(databases)
        for _ in range(TURNS):
            for name, contender in zip(names, contenders, strict=True):
                rates[name].append(await contender.rate(seconds))
                print(f"  {name}: {rates[name][-1]:,.0f}/s", flush=True)
    finally:
        for contender in contenders:
            await contender.close()
    return rates


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.dispatch", description=__doc__)
    parser.add_argument("only", nargs="*", choices=["morning", *CONTENDERS, []], help="these only, keeping no results")
    parser.add_argument("--customers", type=int, default=1_000_000, help="scheduled; a tenth of them is due")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each turn")
    parser.add_argument("--backend", choices=("apache", "embedded"), default="embedded")
    chosen = parser.parse_args(arguments)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    backend = _backend(chosen.backend)
    wanted = chosen.only or ["morning", *CONTENDERS]
    kept: dict[str, object] = {}
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tierline-dispatch-")))
        server: DatabaseServer = backend.database_server(folder / "postgres")
        running.callback(server.stop)
        server.start()
        if "morning" in wanted:
            broker = backend.broker(folder / "broker")
            running.callback(broker.stop)
            broker.start()
            print(f"on {broker.name} and {server.name}, {chosen.customers:,} customers", flush=True)
            parts = {one.pid: name for one, name in ((broker, "broker"), (server, "postgres")) if one.pid}
            kept |= asyncio.run(_morning(server, broker.bootstrap, folder, chosen.customers, parts))
        names = [name for name in wanted if name != "morning"]
        if names:
            rates = asyncio.run(take_turns(Databases(server.dsn, "rates"), names, chosen.seconds))
            kept |= report(rates)
    if not chosen.only:
        RESULTS.write_text(json.dumps(kept, indent=2) + "\n")
    return 0


async def _morning(
    server: DatabaseServer, kafka: str, folder: Path, customers: int, parts: Mapping[int, str]
) -> dict[str, object]:
    dsn = await Databases(server.dsn, "morning").fresh()
    await prepare(dsn)
    await found(dsn, customers)
    before = await bloat(dsn)
    figures = await morning(dsn, kafka, folder, customers // 10, parts)
    print(f"  {figures}", flush=True)
    after = await bloat(dsn)
    for name, weights in after.items():
        print(f"  {name}: {before.get(name, weights)['mb']} MB, then {weights}", flush=True)
    grown = {name: weights["mb"] - before.get(name, {"mb": 0})["mb"] for name, weights in after.items()}
    return {"morning": figures, "grown_mb": {name: mb for name, mb in grown.items() if mb}}


def report(rates: Mapping[str, Sequence[float]]) -> dict[str, object]:
    """Print and return medians, and the ratios turn by turn: a slow minute slows both sides of a ratio."""
    ours = rates.get("tierline")
    kept: dict[str, object] = {f"{name}_per_s": round(median(found)) for name, found in rates.items()}
    for name, found_ in rates.items():
        if ours is not None and name != "tierline":
            ratio = median(mine / theirs for mine, theirs in zip(ours, found_, strict=True))
            print(f"Tierline's dispatch is {ratio:.1f} times as fast as {name}")
            kept[f"ratio_{name}"] = round(ratio, 2)
    return kept


def _backend(name: str) -> Backend:
    try:
        return choose(name)
    except Unavailable as reason:
        print(f"not on {name}: {reason}", file=sys.stderr)
        return choose("embedded")


if __name__ == "__main__":
    sys.exit(main())
