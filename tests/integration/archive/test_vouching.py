"""Signed heads of the audit: made, carried outside, and held against whatever becomes of the tables."""

from __future__ import annotations

import asyncpg
import pytest

from services.archive.domain.chain import GENESIS, Fault, FaultKind, Link, seal
from services.archive.store import ChainStore
from shared.policy.audit import AuditRules
from shared.proof.chain import canonical
from shared.proof.merkle import leaf_hash, root_over
from shared.proof.notes import TreeHead, read_checkpoint
from tests.integration.archive.house import Archive

pytestmark = pytest.mark.backend


async def links_of(archive: Archive) -> list[Link]:
    async with archive.database.transaction() as tx:
        return [link async for page in ChainStore().between(tx, 0, 2**62) for link in page]


def newest(archive: Archive) -> TreeHead:
    """The head in the second place, as somebody reads it who has the public key only."""
    return read_checkpoint((archive.place / "checkpoint").read_text("utf-8"), [archive.signing_key.verification()])


async def fill(archive: Archive, entries: int) -> None:
    await archive.seal(*(archive.access(reason=f"n{n}") for n in range(entries)))


async def test_a_checkpoint_is_signed_published_and_written_outside(archive: Archive) -> None:
    """Its root is that of RFC 6962 over the canonical bytes; the topic and the second place say the same note."""
    await fill(archive, 700)
    await archive.vouch()()
    links = await links_of(archive)
    expected = root_over(leaf_hash(canonical(link.entry)) for link in links)
    head = newest(archive)
    assert (head.size, head.root) == (700, expected)
    (event,) = await archive.sent("checkpoints.v1")
    assert event["id"] == f"{head.origin}:700"
    assert event["data"]["note"] == (archive.place / "checkpoint").read_text("utf-8")
    assert event["data"]["root"] == expected.hex()
    kept = sorted(path.relative_to(archive.place).as_posix() for path in archive.place.rglob("*") if path.is_file())
    assert kept == [
        "checkpoint", "checkpoints/0000000000000700", "tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2",
    ]  # fmt: skip
    assert archive.alarms.standing() == []


async def test_the_tree_grows_and_unfinished_tiles_do_not_pile_up(archive: Archive) -> None:
    """Every head stays; of a tile that became full, its stages go; nothing new, nothing signed."""
    vouch = archive.vouch(AuditRules(checkpoint_seconds=1, checkpoint_entries=1))
    for entries in (100, 100, 100):
        await fill(archive, entries)
        await vouch()
    await vouch()
    assert [event["data"]["size"] for event in await archive.sent("checkpoints.v1")] == [100, 200, 300]
    tiles = sorted(
        path.relative_to(archive.place / "tile").as_posix()
        for path in (archive.place / "tile").rglob("*")
        if path.is_file()
    )
    assert tiles == ["0/000", "0/001.p/44", "1/000.p/1"]
    verdict = await archive.verdict()
    assert (verdict.fault, verdict.vouched, verdict.outside) == (None, 300, True)


async def reseal(superuser: asyncpg.Connection, links: list[Link]) -> None:
    """Write the whole audit anew, so that the chain, its head, the tree and the signed heads in the tables fit it."""
    for table in ("audit_entries", "audit_head", "audit_tiles", "audit_tree", "audit_checkpoints"):
        await superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    await superuser.execute("DELETE FROM audit_entries")
    prev = GENESIS.hash
    rows = []
    for seq, old in enumerate(links, start=1):
        link = seal(prev, old.entry._replace(seq=seq))
        prev = link.hash
        rows.append((*link.entry, link.prev_hash, link.hash))
    columns = [*links[0].entry._fields, "prev_hash", "hash"]
    await superuser.copy_records_to_table("audit_entries", records=rows, columns=columns)
    await superuser.execute("UPDATE audit_head SET seq = $1, hash = $2", len(rows), prev)


async def test_a_chain_made_anew_as_a_whole_is_betrayed_by_the_hashes_outside(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """Chain, head, tree and heads of the tables all fit; the second place names the first entry that is another."""
    await fill(archive, 600)
    await archive.vouch()()
    signed, links = newest(archive), await links_of(archive)
    links[442] = Link(links[442].entry._replace(actor="nobody"), b"", b"")
    await reseal(superuser, links)
    await superuser.execute("DELETE FROM audit_tiles; DELETE FROM audit_checkpoints")
    await superuser.execute("UPDATE audit_tree SET seq = 0, hash = $1", GENESIS.hash)
    assert (await archive.verdict()).fault == Fault(443, FaultKind.REPLACED)
    # Nor does the forger get a signature for it.
    await archive.vouch()()
    assert archive.alarms.standing() == ["checkpoint_forked"]
    assert newest(archive) == signed
    assert len(await archive.sent("checkpoints.v1")) == 1
