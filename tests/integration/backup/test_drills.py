"""A drill blames the backup for what is the backup's fault, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pyrage import x25519

from deploy.backup.envelope import Packer, seal
from deploy.backup.folder import Folder
from deploy.backup.loading import compare, make_empty, verify_chain, verify_tree
from deploy.backup.opening import WrongKey
from deploy.backup.scratch import NotBack, drill, scratch_server
from deploy.backup.signing import Believed
from deploy.failure import Failure
from deploy.local.databases import prepare_databases
from deploy.local.layout import Layout, locked
from shared.proof.chain import Entry, canonical
from shared.proof.merkle import leaf_hash
from shared.proof.notes import SigningKey, TreeHead, new_signing_key
from shared.proof.tiles import Edge
from tests.unit.archive.strategies import chained
from tests.unit.deploy.backup.packing import signed

pytestmark = pytest.mark.backend

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
KEY = x25519.Identity.generate()
NAME = "tierline-x.tierline.age"
SIGNER = SigningKey.generate("tierline/backup/ours")
BELIEVED = Believed((SIGNER.verification(),))


async def kept(folder: Path, signer: SigningKey = SIGNER) -> Folder:
    """A whole file that holds no database."""

    async def fill(packer: Packer) -> dict[str, Any]:
        packer.add("about.json", b"{}")
        return {"format": 2}

    place = Folder(folder)
    with place.writing(NAME) as sink:
        await seal(sink, [KEY.to_public()], fill, signed(signer, NAME))
    return place


async def test_what_does_not_come_back_is_the_backups_fault(tmp_path: Path) -> None:
    """It opens, and lacks what a backup holds; of the drill nothing is left."""
    place = await kept(tmp_path / "backups")
    with pytest.raises(NotBack, match="damaged"):
        await drill(place, NAME, KEY, BELIEVED, tmp_path / "scratch")
    assert not list((tmp_path / "scratch").iterdir())


async def test_what_nobody_signed_whom_we_believe_is_not_even_tried(tmp_path: Path) -> None:
    """Somebody put a file of their own there: that is told of, and no server is started for it."""
    place = await kept(tmp_path / "backups", SigningKey.generate(SIGNER.name))
    with pytest.raises(NotBack, match="whom you believe"):
        await drill(place, NAME, KEY, BELIEVED, tmp_path / "scratch")
    assert not (tmp_path / "scratch").exists()


async def test_a_wrong_key_and_a_missing_file_say_nothing_about_it(tmp_path: Path) -> None:
    """Somebody mistyped; no task for anybody comes of that."""
    place = await kept(tmp_path / "backups")
    with pytest.raises(WrongKey):
        await drill(place, NAME, x25519.Identity.generate(), BELIEVED, tmp_path / "scratch")
    with pytest.raises(Failure) as told:
        await drill(place, "other", KEY, BELIEVED, tmp_path / "scratch")
    assert not isinstance(told.value, NotBack)


async def test_what_a_killed_drill_left_goes_with_the_next_one(tmp_path: Path) -> None:
    """It holds everything unencrypted; a drill that is under way, and what is no drill's, stay."""
    place, scratch = await kept(tmp_path / "backups"), tmp_path / "scratch"
    left, under_way, other = (Layout(scratch / name) for name in ("tierline-drill-a", "tierline-drill-b", "other"))
    for layout in (left, under_way, other):
        layout.create()
        layout.lock.touch()
    (left.root / "customers").write_text("C-1")
    with locked(under_way), pytest.raises(NotBack):
        await drill(place, NAME, KEY, BELIEVED, scratch)
    assert set(scratch.iterdir()) == {under_way.root, other.root}


async def test_what_a_newer_release_wrote_is_refused_before_it_replaces_anything(tmp_path: Path) -> None:
    """None of this release's services would start on it."""
    async with scratch_server(tmp_path) as target:
        await prepare_databases(target.server, target.passwords)
        await make_empty(target)
        connection = await target.login("customers").connect()
        try:
            await connection.execute("CREATE TABLE schema_migrations (migration text, checksum text)")
            await connection.execute("INSERT INTO schema_migrations VALUES ('services.customers/9999_later.sql', 'x')")
        finally:
            await connection.close()
        with pytest.raises(Failure, match="newer release") as told:
            await compare({"tables": {"customers": {"schema_migrations": 1}}}, target, "")
    assert "9999_later.sql" in told.value.detail


async def test_an_audit_that_was_made_anew_as_a_whole_is_no_backup_of_what_was_signed(tmp_path: Path) -> None:
    """Its chain fits again, head and counts with it; the signature does not, and no other key's will do."""
    facts = [
        Entry(0, NOON, NOON, "li", None, "file.read", "C-1", "allowed", None, None, "s", None, "{}", f"e{n}", "/s")
        for n in range(300)
    ]
    key, other = new_signing_key(), new_signing_key()
    edge = Edge()
    edge.extend([leaf_hash(canonical(link.entry)) for link in chained(facts)[:290]])
    note = TreeHead(key.name, 290, edge.root()).signed_by(key)
    forged = [*facts[:41], facts[41]._replace(actor="nobody"), *facts[42:]]
    async with scratch_server(tmp_path) as target:
        connection = await asyncpg.connect(target.server.admin_dsn)
        try:
            columns = [name if name not in {"at", "recorded_at"} else f"{name} timestamptz" for name in Entry._fields]
            columns[0] = "seq bigint"
            typed = ", ".join(name if " " in name else f"{name} text" for name in columns)
            await connection.execute(
                f"CREATE TABLE audit_entries ({typed}); CREATE TABLE audit_checkpoints (size bigint, note text)"
            )
            assert await verify_tree(connection, "") == 0, "nothing was signed yet"
            await connection.execute("INSERT INTO audit_checkpoints VALUES (290, $1)", note)
            for told, wrong in ((facts, None), (forged, "not those"), (facts[:280], "not those")):
                await connection.execute("TRUNCATE audit_entries")
                rows = [tuple(link.entry) for link in chained(told)]
                await connection.copy_records_to_table("audit_entries", records=rows, columns=list(Entry._fields))
                if wrong is None:
                    assert await verify_tree(connection, f"{key.verification()}\n") == 290
                    with pytest.raises(Failure, match="not what was backed up"):
                        await verify_tree(connection, f"{other.verification()}\n")
                    continue
                with pytest.raises(Failure) as failed:
                    await verify_tree(connection, f"{key.verification()}\n")
                assert wrong in failed.value.detail
        finally:
            await connection.close()


async def test_an_altered_entry_is_named_and_another_backup_of_it_not_recommended(tmp_path: Path) -> None:
    """The backup is what was backed up: whoever makes one is told where the audit was altered, in their language."""
    fact = Entry(0, NOON, NOON, "li", None, "file.read", "C-1", "allowed", None, None, "s", None, "{}", "e", "/s")
    async with scratch_server(tmp_path) as target:
        connection = await asyncpg.connect(target.server.admin_dsn)
        try:
            columns = [name if name not in {"at", "recorded_at"} else f"{name} timestamptz" for name in Entry._fields]
            columns[0] = "seq bigint"
            typed = ", ".join(name if " " in name else f"{name} text" for name in columns)
            await connection.execute(f"CREATE TABLE audit_entries ({typed}, prev_hash bytea, hash bytea)")
            rows = [(*link.entry, link.prev_hash, link.hash) for link in chained([fact] * 5)]
            names = [*Entry._fields, "prev_hash", "hash"]
            await connection.copy_records_to_table("audit_entries", records=rows, columns=names)
            await connection.execute("UPDATE audit_entries SET actor = 'wang' WHERE seq = 3")
            with pytest.raises(Failure) as failed:
                await verify_chain(connection)
        finally:
            await connection.close()
    assert "第 3 条" in failed.value.what.zh
    assert "Entry 3" in failed.value.what.en
    assert failed.value.next_step is not None
    assert "audit verify" in failed.value.next_step.zh
