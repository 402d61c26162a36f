"""A restore drill recomputes the chain in PostgreSQL itself: what the sealer sealed, and nothing else, passes."""

from __future__ import annotations

import asyncpg
import pytest

from deploy.backup.loading import verify_chain
from deploy.failure import Failure
from tests.integration.archive.house import Archive

pytestmark = pytest.mark.backend

OFF = "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_are_final"


async def test_a_sound_chain_is_told_with_its_end(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Texts of any script and none at all, and a chain without an entry."""
    assert (await verify_chain(superuser)).entries == 0
    for n in range(1, 5):
        await archive.seal(archive.access(reason="核对 ;:,-"), archive.amended(version=n), archive.decided(sequence=n))
    sealed = (await archive.verdict()).head
    assert tuple(await verify_chain(superuser)) == (sealed.seq, sealed.hash.hex())


@pytest.mark.parametrize(
    ("crime", "named"),
    [
        ("UPDATE audit_entries SET actor = 'somebody' WHERE seq = 4", "entry 4"),
        ("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE seq = 2", "entry 2"),
        ("DELETE FROM audit_entries WHERE seq = 3", "entry 4"),
        ("DELETE FROM audit_entries WHERE seq = 6", "says that it has 6"),
        ("UPDATE audit_entries SET prev_hash = sha256('x'), hash = sha256('x') WHERE seq = 5", "entry 5"),
    ],
)
async def test_what_was_touched_is_named(
    archive: Archive, superuser: asyncpg.Connection, crime: str, named: str
) -> None:
    """Edited, moved in time, deleted, cut off, sealed anew."""
    for n in range(1, 3):
        await archive.seal(archive.access(), archive.amended(version=n), archive.decided(sequence=n))
    await superuser.execute(OFF)
    await superuser.execute(crime)
    with pytest.raises(Failure) as told:
        await verify_chain(superuser)
    assert named in f"{told.value.what.en} {told.value.detail}".casefold()
