"""The chain in its table: one sealer at a time, no right to change it, and every change named."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from services.archive.domain.chain import GENESIS, Fault, FaultKind, Head
from shared.engine.postgres import Database
from tests.integration.archive.house import APP, NOW, OWNER, Archive
from tests.integration.tables import as_login

pytestmark = pytest.mark.backend

# The format of canonical bytes, as an auditor writes it who has psql and the description but none of our code.
RECOMPUTE = """
WITH spelled AS (
    SELECT e.seq, e.prev_hash, e.hash, convert_to(
        '1;' || e.seq || ';' || (extract(epoch FROM e.at) * 1000000)::bigint || ';'
            || (extract(epoch FROM e.recorded_at) * 1000000)::bigint || ';'
            || string_agg(coalesce(octet_length(f.value) || ':' || f.value || ',', '-,'), '' ORDER BY f.place),
        'UTF8') AS body
    FROM audit_entries AS e, unnest(ARRAY[e.actor, e.role, e.action, e.file, e.outcome, e.grant_id, e.station,
        e.service, e.reason, e.detail, e.event_id, e.event_source]) WITH ORDINALITY AS f (value, place)
    GROUP BY e.seq
)
SELECT count(*) FILTER (WHERE sha256(prev_hash || body) = hash) AS sealed, count(*) AS entries FROM spelled
"""


async def fill(archive: Archive, entries: int = 6) -> Head:
    """A chain with reads, levels and new versions of files; returns its head."""
    for n in range(1, entries // 3 + 1):
        await archive.seal(archive.access(reason="核对"), archive.amended(version=n), archive.decided(sequence=n))
    return (await archive.verdict()).head


async def test_every_access_level_and_version_becomes_an_entry(archive: Archive) -> None:
    """In the order of arrival, numbered from 1, with who and which file, and without what the file says."""
    await archive.seal(
        archive.access(reason="核对", grant="g-1", needs_grant=True), archive.amended(version=7), archive.decided()
    )
    rows = await archive.rows("SELECT * FROM audit_entries ORDER BY seq")
    assert [(r["seq"], r["actor"], r["action"], r["file"], r["outcome"], r["service"]) for r in rows] == [
        (1, "li", "file.read", "C-1", "allowed", "customers"),
        (2, None, "file_amended", "customer:C-1", "done", "customers"),
        (3, None, "level_decided", "customer:C-1", "done", "scoring"),
    ]
    assert (rows[0]["grant_id"], rows[0]["station"], rows[0]["reason"]) == ("g-1", "10.0.0.7", "核对")
    assert json.loads(rows[1]["detail"]) == {
        "version": 7, "tier": "personal", "cause": "SO-1", "cause_type": "order.placed", "cause_source": "/orders",
    }  # fmt: skip
    assert json.loads(rows[2]["detail"]) == {
        "from": None, "to": "contract/key", "policy": "p-1", "sequence": 1, "since": NOW.date().isoformat(),
    }  # fmt: skip
    assert not [row for row in rows if "王小姐" in str(dict(row)) or "DE" in str(dict(row))]
    assert (await archive.verdict()).fault is None


async def test_a_repeated_event_is_sealed_once(archive: Archive) -> None:
    """The relay may send twice: one act is one entry."""
    await archive.seal(archive.access(event_id="same"), archive.access(event_id="same"))
    await archive.seal(archive.access(event_id="same"))
    assert (await archive.verdict()).entries == 1


async def test_an_empty_chain_is_sound_and_begins_at_the_genesis(archive: Archive) -> None:
    """The migration's first head is the one that the rules know."""
    verdict = await archive.verdict()
    assert (verdict.entries, verdict.head, verdict.fault) == (0, GENESIS, None)


async def test_concurrent_sealers_never_fork_the_chain(archive: Archive) -> None:
    """Four processes seal different partitions at once: one row of numbers without a gap, one chain."""
    processes = [Database(as_login(archive.dsn, APP), application=f"sealer-{n}") for n in range(4)]

    async def seal_partition(number: int) -> None:
        sealer = archive.sealer(processes[number])
        for first in range(1, 91, 9):
            versions = range(first, first + 9)
            await sealer.process([archive.amended(f"C-{number}", v, partition=number) for v in versions])

    await asyncio.gather(*(seal_partition(n) for n in range(4)))
    for database in processes:
        await database.close()
    verdict = await archive.verdict()
    assert (verdict.entries, verdict.fault) == (360, None)


async def test_verification_sees_one_moment_while_sealing_goes_on(archive: Archive) -> None:
    """No false alarm from entries that come in between head and table."""
    done = asyncio.Event()

    async def keep_sealing() -> None:
        version = 0
        while not done.is_set():
            await archive.seal(*(archive.amended(version=(version := version + 1)) for _ in range(50)))

    sealing = asyncio.create_task(keep_sealing())
    lengths: list[int] = []
    while len(set(lengths)) < 5:
        verdict = await archive.verdict()
        assert verdict.fault is None
        lengths.append(verdict.entries)
        await asyncio.sleep(0)
    done.set()
    await sealing
    assert lengths == sorted(lengths)


async def test_an_auditor_recomputes_the_chain_in_sql(archive: Archive, superuser: asyncpg.Connection) -> None:
    """The format is what its description says: PostgreSQL's own sha256 comes to the same hashes."""
    await fill(archive)
    row = await superuser.fetchrow(RECOMPUTE)
    assert (row["sealed"], row["entries"]) == (6, 6)


FORBIDDEN = [
    "UPDATE audit_entries SET actor = 'nobody'",
    "DELETE FROM audit_entries",
    "TRUNCATE audit_entries CASCADE",
    "DELETE FROM audit_head",
    "TRUNCATE audit_head",
    "INSERT INTO audit_head (only_row, seq, hash) VALUES (false, 0, sha256(''))",
    "UPDATE audit_head SET seq = seq - 1",
    "UPDATE audit_head SET hash = sha256('')",
    "UPDATE fines SET amount = 0",
    "DELETE FROM fines",
    "UPDATE fine_decisions SET state = 'waived'",
    "DELETE FROM fine_gaps",
    "UPDATE grants SET until = 'infinity'",
    "DELETE FROM grants",
]


async def refused_of(database: asyncpg.Connection, statements: list[str], match: str) -> list[str]:
    """Which of the statements were refused for want of a right, in words that contain one of `match`."""
    refused = []
    for statement in statements:
        try:
            await database.execute(statement)
        except asyncpg.InsufficientPrivilegeError as error:
            if any(words in str(error) for words in match.split("|")):
                refused.append(statement)
    return refused


async def test_the_everyday_login_cannot_undo_anything(archive: Archive) -> None:
    """It adds and reads; whoever breaks into the service cannot cover the traces."""
    await fill(archive)
    statements = [
        *FORBIDDEN,
        "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
        "DROP TABLE audit_entries CASCADE",
        "SET session_replication_role = replica",
    ]
    connection = await asyncpg.connect(as_login(archive.dsn, APP))
    words = "permission denied|must be owner|only grows"
    assert await refused_of(connection, statements, words) == statements
    await connection.close()
    assert (await archive.verdict()).entries == 6


async def test_the_owner_is_stopped_by_the_trigger(archive: Archive) -> None:
    """Even who may do all with the table must first take the trigger off, by name."""
    await fill(archive)
    statements = [s for s in FORBIDDEN if "grants" not in s and "fine_gaps" not in s and not s.startswith("INSERT")]
    connection = await asyncpg.connect(as_login(archive.dsn, OWNER))
    assert await refused_of(connection, statements, "append-only|only grows") == statements
    await connection.close()


Tampering = Callable[[asyncpg.Connection], Awaitable[None]]


def by_sql(statement: str) -> Tampering:
    """A superuser who has taken the trigger off."""

    async def tamper(connection: asyncpg.Connection) -> None:
        await connection.execute("ALTER TABLE audit_entries DISABLE TRIGGER ALL")
        await connection.execute(statement)

    return tamper


SWAP = """
UPDATE audit_entries AS a SET actor = b.actor, file = b.file, action = b.action, detail = b.detail,
    event_id = b.event_id, prev_hash = b.prev_hash, hash = b.hash
FROM audit_entries AS b WHERE (a.seq, b.seq) IN ((2, 4), (4, 2))
"""
PUSHED_IN = """
INSERT INTO audit_entries SELECT 7, at, recorded_at, 'nobody', role, action, file, outcome, grant_id, station, service,
    reason, detail, event_id, event_source, hash, sha256(hash) FROM audit_entries WHERE seq = 6
"""


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (by_sql("UPDATE audit_entries SET actor = 'nobody' WHERE seq = 1"), Fault(1, FaultKind.EDITED)),
        (by_sql("UPDATE audit_entries SET reason = NULL WHERE seq = 4"), Fault(4, FaultKind.EDITED)),
        (by_sql("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE seq = 3"),
         Fault(3, FaultKind.EDITED)),
        (by_sql("UPDATE audit_entries SET detail = detail || ' ' WHERE seq = 2"), Fault(2, FaultKind.EDITED)),
        (by_sql("UPDATE audit_entries SET hash = sha256('') WHERE seq = 6"), Fault(6, FaultKind.EDITED)),
        (by_sql("UPDATE audit_entries SET prev_hash = sha256('') WHERE seq = 5"), Fault(5, FaultKind.EDITED)),
        (by_sql("DELETE FROM audit_entries WHERE seq = 3"), Fault(3, FaultKind.MISSING)),
        (by_sql("DELETE FROM audit_entries WHERE seq > 4"), Fault(5, FaultKind.MISSING)),
        (by_sql("DELETE FROM audit_entries"), Fault(1, FaultKind.MISSING)),
        (by_sql("DELETE FROM audit_entries WHERE seq = 3; UPDATE audit_entries SET seq = seq - 1 WHERE seq > 3"),
         Fault(3, FaultKind.EDITED)),
        (by_sql(SWAP), Fault(2, FaultKind.EDITED)),
        (by_sql(PUSHED_IN), Fault(7, FaultKind.INSERTED)),
    ],
)  # fmt: skip
async def test_what_a_superuser_does_is_named(
    archive: Archive, superuser: asyncpg.Connection, tamper: Tampering, fault: Fault
) -> None:
    """No right stops a superuser; the chain tells what was done, and where first."""
    await fill(archive)
    await tamper(superuser)
    assert (await archive.verdict()).fault == fault


async def test_sealing_upon_a_tampered_chain_does_not_heal_it(archive: Archive, superuser: asyncpg.Connection) -> None:
    """What comes afterwards is sealed all the same, and the first bad entry stays named."""
    await fill(archive)
    await by_sql("UPDATE audit_entries SET actor = 'nobody' WHERE seq = 4")(superuser)
    await archive.seal(archive.access(), archive.access())
    assert (await archive.verdict()).fault == Fault(4, FaultKind.EDITED)
