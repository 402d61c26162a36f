"""The store is held against what was filed, round after round: what is gone or altered is told once (N5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.archive.store import BreachStore, ObjectVault, RecordStore, StorageScanStore
from services.archive.usecases import ScanStorage
from shared.in_force import Derived
from shared.roles import Role
from tests.integration.archive.house import Archive
from tests.integration.archive.test_breaches import gaps, proposed, take_back
from tests.integration.archive.test_records import file

pytestmark = pytest.mark.backend


def scan_of(archive: Archive) -> ScanStorage:
    return ScanStorage(
        archive.desk,
        records=RecordStore(),
        vault=ObjectVault(archive.objects, {"test": bytes(range(32))}),
        scan=StorageScanStore(),
        breaches=BreachStore(),
        rules=Derived(archive.in_force, lambda policy: policy.breaches),
        calendar=archive.clock,
        pieces_per_page=2,
    )


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
    await superuser.execute("UPDATE records SET destroyed_at = now() WHERE record = 'r-2'")
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
