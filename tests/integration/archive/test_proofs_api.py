"""Proofs by HTTP, for strangers who hold the public key."""

from __future__ import annotations

import pytest

from services.archive.domain.chain import canonical
from shared.proof.export import link_from
from shared.proof.merkle import is_consistent, is_included, leaf_hash
from shared.proof.notes import read_checkpoint
from shared.proof.offline import Folder, Offline, read_export
from shared.roles import Role
from tests.integration.archive.heads import fill
from tests.integration.archive.house import Archive

pytestmark = pytest.mark.backend


async def test_a_stranger_verifies_by_http_alone(archive: Archive) -> None:
    """Head, inclusion and consistency, checked with the public key and RFC 6962 and nothing of the service's word."""
    await fill(archive, 5)
    await archive.vouch()()
    async with archive.client("an", Role.ARCHIVIST) as client:
        assert (await client.get("/audit/proofs/inclusion/6")).status_code == 404
        old = (await client.get("/audit/checkpoint")).json()
        await fill(archive, 300)
        await archive.vouch()()
        new = (await client.get("/audit/checkpoint")).json()
        proof = (await client.get("/audit/proofs/inclusion/5")).json()
        grown = (await client.get("/audit/proofs/consistency", params={"from": old["size"], "to": new["size"]})).json()
        export = (await client.get("/audit/export")).text
    keys = [archive.signing_key.verification()]
    before, after = read_checkpoint(old["note"], keys), read_checkpoint(new["note"], keys)
    entry = link_from(proof["entry"]).entry
    path = [bytes.fromhex(part) for part in proof["path"]]
    assert is_included(leaf_hash(canonical(entry)), 4, after.size, path, after.root)
    path = [bytes.fromhex(part) for part in grown["path"]]
    assert is_consistent(before.size, after.size, path, before.root, after.root)
    count, pages = read_export(export.split("\n")[:-1])
    verdict = Offline(after, Folder(archive.place)).verify(count, pages, lambda _: None)
    assert (verdict.fault, verdict.entries, verdict.vouched) == (None, 305, 305)
    told = [(event["type"], event["data"]["action"]) for event in await archive.sent("audit.v1")]
    assert told == [("file.read", "audit.proved"), ("file.exported", "audit.exported")]


async def test_proofs_are_for_those_who_may_read_the_audit(archive: Archive) -> None:
    """Heads and consistency tell nothing of entries, so operators have them too; a proof shows an entry."""
    await fill(archive, 2)
    async with archive.client("ops", Role.OPS) as client:
        assert (await client.get("/audit/checkpoint")).status_code == 404
        await archive.vouch()()
        assert (await client.get("/audit/checkpoint")).status_code == 200
        assert (await client.get("/audit/proofs/consistency", params={"from": 1})).status_code == 200
        assert (await client.get("/audit/proofs/consistency", params={"from": 3})).status_code == 404
        assert (await client.get("/audit/proofs/inclusion/1")).status_code == 403
        assert (await client.get("/audit/export")).status_code == 403
    async with archive.client("li", Role.REP) as client:
        for path in ("checkpoint", "proofs/inclusion/1", "proofs/consistency?from=1", "export"):
            assert (await client.get(f"/audit/{path}")).status_code == 403
