"""`python -m bench.audit`: sealing against a plain batched INSERT, and how long a long audit takes to verify.

First the rates, in turns on one server, so that whatever else the machine does slows both: events become entries,
sealed into the chain as archive does, and the same columns inserted in batches with no chain. Then a chain of so many
entries is made by COPY, its tree and signed head with it, and verified as `tierline audit verify` has it done.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import asyncpg
import psutil

from bench.meter import cpu_by_part
from services.archive.domain.chain import GENESIS, Entry, Head, Link, seal
from services.archive.domain.entries import ENTRIES
from shared.contracts.audit import Access
from shared.engine.model import Event
from shared.engine.postgres import Database
from tests.backends import Databases, DatabaseServer, choose
from tests.integration.archive.house import APP, Archive, prepare
from tests.integration.tables import as_login

RESULTS = Path(__file__).parent / "audit.json"
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
BATCH = 2000  # entries of one transaction, as archive's largest poll
TURNS = 3
FILLED_AT_ONCE = 50_000
COLUMNS = (*Entry._fields, "prev_hash", "hash")
PLAIN = """
CREATE TABLE plain_entries (LIKE audit_entries INCLUDING DEFAULTS);
ALTER TABLE plain_entries DROP COLUMN prev_hash, DROP COLUMN hash, ADD PRIMARY KEY (seq);
CREATE INDEX ON plain_entries (file, seq);
CREATE INDEX ON plain_entries (actor, seq) WHERE actor IS NOT NULL;
CREATE INDEX ON plain_entries USING brin (at);
"""
INSERT = f"""
INSERT INTO plain_entries ({", ".join(Entry._fields)})
SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[])
"""  # noqa: S608 - the names of columns


def accesses(first: int, count: int) -> Iterator[Event]:
    """Reads of files as customers tells of them, a few people's of many customers, each at a station of his own."""
    for number in range(first, first + count):
        at, person = NOW + timedelta(milliseconds=number), number % 997
        data = Access(
            file=f"customer:C-{number % 99_991:06}",
            actor=f"rep-{person}",
            role="rep",
            department=f"d{person % 13}",
            action="profile.read",
            outcome="allowed",
            station=f"10.0.{person % 4}.{person % 251}",
            at=at,
            reason="回访前核对 / before a call" if number % 3 == 0 else None,
            service="customers",
            needs_grant=False,
        )
        yield Event(f"customers:{number:032x}", "/tierline/customers", "file.read", at, "", data, 0)


async def seal_batches(archive: Archive, polls: Sequence[Sequence[Event]]) -> None:
    """What archive does to a poll between claim and commit, and right after it."""
    handler = archive.intake().seal
    for poll in polls:
        async with archive.database.transaction() as tx:
            work = await handler.load(tx, poll)
            for event in poll:
                handler.decide(work, event, NOW)
            await handler.save(tx, work)
        handler.committed(work)


@dataclass
class Plain:
    """The obvious program: the same columns, in batches of the same size, and nothing else."""

    connection: asyncpg.Connection
    seq: int = 0

    async def insert_batches(self, polls: Sequence[Sequence[Event]]) -> None:
        for poll in polls:
            rows = []
            for event in poll:
                self.seq += 1
                rows.append(ENTRIES[event.type](event, self.seq, NOW))
            async with self.connection.transaction():
                await self.connection.execute(INSERT, *map(list, zip(*rows, strict=True)))


async def take_turns(archive: Archive, entries: int) -> dict[str, float]:
    """Entries a second of both, turn by turn."""
    connection = await asyncpg.connect(archive.dsn)
    await connection.execute(PLAIN)
    plain = Plain(connection)
    rates: dict[str, list[float]] = {"sealed": [], "plain": []}
    for turn in range(TURNS + 1):
        events = list(accesses(turn * entries, entries))
        polls = [events[at : at + BATCH] for at in range(0, entries, BATCH)]
        for name, run in (("plain", plain.insert_batches(polls)), ("sealed", seal_batches(archive, polls))):
            begun = time.perf_counter()
            await run
            rate = entries / (time.perf_counter() - begun)
            # The first turn warms both.
            if turn:
                rates[name].append(rate)
                print(f"  {name}: {rate:,.0f} entries/s", flush=True)
    await connection.close()
    ratio = median(ours / theirs for ours, theirs in zip(rates["sealed"], rates["plain"], strict=True))
    print(f"Sealing is {ratio:.2f} times as fast as a plain batched INSERT")
    return {
        "sealed_per_s": round(median(rates["sealed"])),
        "plain_per_s": round(median(rates["plain"])),
        "ratio": round(ratio, 2),
    }


def links(entries: int) -> Iterator[Link]:
    """A sound chain of so many entries."""
    previous = GENESIS.hash
    for seq, event in enumerate(accesses(1, entries), start=1):
        link = seal(previous, ENTRIES[event.type](event, seq, NOW))
        previous = link.hash
        yield link


async def fill(dsn: str, entries: int) -> None:
    """Put a chain into an empty archive."""
    connection = await asyncpg.connect(dsn, command_timeout=None)
    rows: list[tuple[object, ...]] = []
    head = GENESIS
    for link in links(entries):
        rows.append((*link.entry, link.prev_hash, link.hash))
        head = Head(link.entry.seq, link.hash)
        if len(rows) == FILLED_AT_ONCE or head.seq == entries:
            await connection.copy_records_to_table("audit_entries", columns=list(COLUMNS), records=rows)
            rows = []
    await connection.execute("UPDATE audit_head SET seq = $1, hash = $2", *head)
    await connection.execute("VACUUM ANALYZE audit_entries")
    await connection.close()


@dataclass
class Memory:
    """The most memory that this process and its helpers had at once, in MB."""

    peak: float = 0.0
    _me: psutil.Process = field(default_factory=psutil.Process)

    async def watch(self) -> None:
        while True:
            total = self._me.memory_info().rss
            for child in self._me.children():
                with suppress(psutil.Error):
                    if any("stretches" in part for part in child.cmdline()):
                        total += child.memory_info().rss
            self.peak = max(self.peak, total / 1e6)
            await asyncio.sleep(0.25)


async def verify(archive: Archive, entries: int, parts: Mapping[int, str]) -> dict[str, float]:
    """Vouch for the chain, and verify it against the second place."""
    begun = time.perf_counter()
    await archive.vouch()()
    vouching = time.perf_counter() - begun
    print(f"  tree and head over {entries:,} entries: {vouching:.1f} s", flush=True)
    memory = Memory()
    watching = asyncio.create_task(memory.watch())
    begun, before = time.perf_counter(), cpu_by_part(parts)
    verdict = await archive.verdict()
    seconds, used = time.perf_counter() - begun, difference(before, cpu_by_part(parts))
    watching.cancel()
    if verdict.fault is not None or (verdict.entries, verdict.vouched) != (entries, entries):
        raise AssertionError(f"not verified: {verdict}")
    print(f"  verified {entries:,} entries in {seconds:.1f} s, {sum(used.values()):.1f} CPU-seconds,", end=" ")
    print(f"{memory.peak:.0f} MB", flush=True)
    for part, spent in sorted(used.items(), key=lambda item: -item[1]):
        print(f"  {1e6 * spent / entries:8.2f} µs an entry  {part}")
    return {
        "entries": entries,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(sum(used.values()), 1),
        "vouching_seconds": round(vouching, 1),
        "peak_mb": round(memory.peak),
    }


def difference(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    return {part: seconds - before.get(part, 0.0) for part, seconds in after.items()}


async def measure(server: DatabaseServer, wanted: Sequence[str], entries: int, rated: int) -> dict[str, object]:
    """What is wanted, each in a database of its own."""
    databases, kept = Databases(server.dsn, "audit"), dict[str, object]()
    parts = {server.pid: "postgres"} if server.pid else {}
    for name in wanted:
        dsn = await databases.fresh()
        await prepare(dsn)
        database = Database(as_login(dsn, APP), application="bench")
        with tempfile.TemporaryDirectory(prefix="tierline-second-place-") as place:
            archive = Archive(dsn, database, Path(place) / "objects", Path(place) / "outside")
            if name == "rates":
                kept |= await take_turns(archive, rated)
            else:
                await fill(dsn, entries)
                kept["verification"] = await verify(archive, entries, parts)
        await database.close()
    return kept


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("only", nargs="*", choices=["rates", "verification", []], help="this only, keeping no results")
    parser.add_argument("--entries", type=int, default=10_000_000, help="of the chain that is verified")
    parser.add_argument("--rated", type=int, default=40_000, help="entries of each turn")
    chosen = parser.parse_args(arguments)
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tierline-audit-")))
        server = choose("embedded").database_server(folder / "postgres")
        running.callback(server.stop)
        server.start()
        wanted = chosen.only or ["rates", "verification"]
        kept = asyncio.run(measure(server, wanted, chosen.entries, chosen.rated))
    if not chosen.only:
        RESULTS.write_text(json.dumps(kept, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
