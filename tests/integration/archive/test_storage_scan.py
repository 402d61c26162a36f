"""The store is held against what was filed, round after round: what is gone or altered is told once (N5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.archive.domain.envelope import WrappedKey
from services.archive.domain.records import Attachment
from services.archive.store import ObjectVault
from services.archive.usecases import ScanStorage
from shared.roles import Role
from tests.integration.archive.house import MASTER_KEYS, Archive
from tests.integration.archive.test_breaches import gaps, proposed, take_back
from tests.integration.archive.test_records import file

pytestmark = pytest.mark.backend


def scan_of(archive: Archive, vault: ObjectVault | None = None) -> ScanStorage:
    """Two pieces at a time, so that a round has several pages."""
    return archive.records(vault, scan_pieces=2).scan


async def destroy(superuser: asyncpg.Connection, record: str) -> None:
    """The record, as after the whole procedure."""
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute("UPDATE records SET destroyed_at = now() WHERE record = $1", record)
    await superuser.execute("RESET session_replication_role")


async def told(archive: Archive) -> list[tuple[str, Any]]:
    return [
        (event["data"]["kind"], event["data"]["file"])
        for event in await archive.sent("audit.v1")
        if event["type"] == "breach.found"
    ]


async def test_what_is_gone_or_altered_is_a_gap_once(archive: Archive, superuser: asyncpg.Connection) -> None:
    """A breach without a person, found in every round and told in the first; a reader who meets it tells no more."""
    pieces = [await file(archive, f"r-{number}", "unclassified") for number in range(5)]
    paths = [archive.folder / piece["attachment_id"][:2] / piece["attachment_id"] for piece in pieces]
    scan = scan_of(archive)
    await scan()
    assert await told(archive) == []

    paths[0].unlink()
    paths[1].write_bytes(paths[1].read_bytes()[:-1])
    await destroy(superuser, "r-2")
    paths[2].unlink()
    await scan()
    assert await told(archive) == []  # not due: a day between two rounds
    for _ in range(2):
        archive.clock.advance(timedelta(hours=25))
        await scan()
    async with archive.client("gm", Role.GM) as client:
        answer = await client.get(f"/records/r-0/attachments/{pieces[0]['attachment_id']}")
    assert answer.status_code == 409
    found = [("unapproved_alteration", "record:r-1"), ("unapproved_destruction", "record:r-0")]
    assert sorted(await told(archive)) == found
    await take_back(archive)
    assert await proposed(archive) == []
    assert sorted(await gaps(archive)) == [(kind, "person") for kind, _ in found]
    (row,) = await archive.rows("SELECT after, pieces, damaged FROM storage_scan")
    assert tuple(row) == (None, 4, 2)


class Overtaken(ObjectVault):
    """A store from which something happens to be deleted just before it is read."""

    before: Callable[[], Awaitable[None]]

    async def get(self, attachment: Attachment, key: WrappedKey) -> bytes:
        await self.before()
        return await super().get(attachment, key)


async def test_what_is_destroyed_while_it_is_looked_for_is_no_breach(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """A7 and N5 at once: the scan took the piece up, and then the record was destroyed by the whole procedure."""
    piece = await file(archive, "r-1", "unclassified")

    async def overtake() -> None:
        await destroy(superuser, "r-1")
        (archive.folder / piece["attachment_id"][:2] / piece["attachment_id"]).unlink()

    vault = Overtaken(archive.objects, MASTER_KEYS)
    vault.before = overtake
    await scan_of(archive, vault)()
    assert await told(archive) == []
    assert [tuple(row) for row in await archive.rows("SELECT pieces, damaged FROM storage_scan")] == [(1, 0)]
