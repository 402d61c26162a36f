"""Signed heads of the audit: made, carried outside, and held against whatever becomes of the tables."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import asyncpg
import httpx
import pytest
from moto.server import ThreadedMotoServer

from services.archive.domain.chain import GENESIS, Entry, Fault, FaultKind, Link, canonical
from services.archive.store import ChainStore, SecondPlace, StretchReader
from shared.contracts.organisation import PersonRecorded
from shared.engine.lease import Lease
from shared.objects import ObjectsAwayError, open_objects
from shared.proof.export import link_from
from shared.proof.merkle import is_consistent, is_included, leaf_hash, root_over
from shared.proof.notes import TreeHead, new_signing_key, read_checkpoint
from shared.proof.offline import Folder, Offline, read_export
from shared.proof.tiles import Tile
from shared.roles import Role
from shared.settings import ObjectSettings
from tests.integration.archive.house import APP, NOW, OWNER, Archive
from tests.integration.tables import as_login
from tests.unit.archive.strategies import chained, head_of

pytestmark = pytest.mark.backend


async def links_of(archive: Archive) -> list[Link]:
    async with archive.database.transaction() as tx:
        return [link async for page in ChainStore().between(tx, 0, 2**62) for link in page]


def newest(archive: Archive) -> TreeHead:
    """The head in the second place, as somebody reads it who has the public key only."""
    return read_checkpoint((archive.place / "checkpoint").read_text("utf-8"), [archive.signing_key.verification()])


def written(archive: Archive) -> list[str]:
    """What there is in the second place."""
    return sorted(path.relative_to(archive.place).as_posix() for path in archive.place.rglob("*") if path.is_file())


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
    assert written(archive) == [
        "checkpoint", "checkpoints/0000000000000700", "tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2",
    ]  # fmt: skip
    assert archive.alarms.standing() == []


async def test_the_tree_grows_and_unfinished_tiles_do_not_pile_up(archive: Archive) -> None:
    """Every head stays; of a tile that became full, its stages go; nothing new, nothing signed."""
    vouch = archive.vouch()
    for entries in (100, 100, 100):
        await fill(archive, entries)
        await vouch()
    await vouch()
    assert [event["data"]["size"] for event in await archive.sent("checkpoints.v1")] == [100, 200, 300]
    tiles = [name.removeprefix("tile/") for name in written(archive) if name.startswith("tile/")]
    assert tiles == ["0/000", "0/001.p/44", "1/000.p/1"]
    verdict = await archive.verdict()
    assert (verdict.fault, verdict.vouched, verdict.outside) == (None, 300, True)


async def write_anew(superuser: asyncpg.Connection, facts: list[Entry]) -> None:
    """All a superuser can do: other entries, sealed as the sealer does, and every table of the proof made to fit."""
    links = chained(facts)
    async with superuser.transaction():
        for table in ("audit_entries", "audit_head", "audit_tiles", "audit_tree", "audit_checkpoints"):
            await superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            if table not in {"audit_head", "audit_tree"}:
                await superuser.execute(f"DELETE FROM {table}")  # noqa: S608 - names from above
        rows = [(*link.entry, link.prev_hash, link.hash) for link in links]
        columns = [*Entry._fields, "prev_hash", "hash"]
        await superuser.copy_records_to_table("audit_entries", records=rows, columns=columns)
        await superuser.execute("UPDATE audit_head SET seq = $1, hash = $2", *head_of(links))
        await superuser.execute("UPDATE audit_tree SET seq = 0, hash = $1", GENESIS.hash)
        for table in ("audit_entries", "audit_head", "audit_tiles", "audit_tree", "audit_checkpoints"):
            await superuser.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")


Forgery = Callable[[list[Entry], int], list[Entry]]
FORGERIES: dict[str, Forgery] = {
    "edit": lambda facts, at: [*facts[:at], facts[at]._replace(actor="nobody"), *facts[at + 1 :]],
    "delete": lambda facts, at: facts[:at] + facts[at + 1 :],
    "insert": lambda facts, at: [*facts[:at], facts[at]._replace(event_id="pushed in"), *facts[at:]],
    "reorder": lambda facts, at: [*facts[:at], *reversed(facts[at : at + 2]), *facts[at + 2 :]],
    "cut": lambda facts, at: facts[:at],
}


async def test_who_writes_the_whole_database_anew_is_betrayed_by_the_second_place(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """Whatever was done, and wherever: chain, head and tree fit again, and the first bad entry is named."""
    await fill(archive, 700)
    await archive.vouch()()
    signed, facts = newest(archive), [link.entry for link in await links_of(archive)]
    chance = Random(20260302)  # noqa: S311 - places, not secrets
    for name, forge in FORGERIES.items():
        for at in (0, 255, 256, 698, chance.randrange(1, 698)):
            await write_anew(superuser, forge(facts, at))
            kind = FaultKind.MISSING if name == "cut" else FaultKind.REPLACED
            verdict = await archive.verdict()
            assert (name, at, verdict.fault, verdict.vouched) == (name, at, Fault(at + 1, kind), 0)
            assert verdict.head.seq == at
    # Nor does the forger get a signature, or a word in the second place.
    await archive.vouch()()
    assert archive.alarms.standing() == ["checkpoint_forked"]
    assert newest(archive) == signed
    assert len(await archive.sent("checkpoints.v1")) == 1
    await write_anew(superuser, facts)
    assert (await archive.verdict()).vouched == 700
    await archive.vouch()()
    assert archive.alarms.standing() == []


async def test_without_the_second_place_the_signed_heads_here_still_betray_a_forger(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """The tables' own signed head cannot be made to fit; their tiles, where nobody touched them, name the entry."""
    await fill(archive, 300)
    await archive.vouch()()
    await superuser.execute("ALTER TABLE audit_entries DISABLE TRIGGER ALL; ALTER TABLE audit_head DISABLE TRIGGER ALL")
    facts = [link.entry for link in await links_of(archive)]
    links = chained(FORGERIES["edit"](facts, 41))
    await superuser.execute("DELETE FROM audit_entries")
    rows = [(*link.entry, link.prev_hash, link.hash) for link in links]
    await superuser.copy_records_to_table("audit_entries", records=rows, columns=[*Entry._fields, "prev_hash", "hash"])
    await superuser.execute("UPDATE audit_head SET hash = $1", links[-1].hash)
    empty = SecondPlace(open_objects(ObjectSettings(url=(archive.place.parent / "empty").as_uri())))
    assert (await archive.verifier(empty)()).fault == Fault(42, FaultKind.REPLACED)
    await superuser.execute("ALTER TABLE audit_tiles DISABLE TRIGGER ALL; DELETE FROM audit_tiles")
    assert (await archive.verifier(empty)()).fault == Fault(300, FaultKind.UNVOUCHED)


async def test_damaged_tiles_outside_accuse_nobody(archive: Archive) -> None:
    """The signed root has the last word: a disk that rots in the second place is no fault of the entries."""
    await fill(archive, 600)
    await archive.vouch()()
    for name in ("tile/0/000", "tile/1/000.p/2"):
        path = archive.place / name
        path.write_bytes(bytes(len(path.read_bytes())))
    (archive.place / "tile/0/001").unlink()
    verdict = await archive.verdict()
    assert (verdict.fault, verdict.vouched) == (None, 600)


async def test_a_broken_link_is_not_vouched_for(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Tampering between two checkpoints is seen on the tree's way: an alarm, and no signature over it."""
    await fill(archive, 10)
    vouch = archive.vouch()
    await vouch()
    await fill(archive, 10)
    await superuser.execute("ALTER TABLE audit_entries DISABLE TRIGGER ALL")
    await superuser.execute("UPDATE audit_entries SET actor = 'nobody' WHERE seq = 15")
    await archive.vouch()()
    assert archive.alarms.standing() == ["audit_broken"]
    assert newest(archive).size == 10
    await superuser.execute("UPDATE audit_entries SET actor = 'li' WHERE seq = 15")
    await archive.vouch()()
    assert (archive.alarms.standing(), newest(archive).size) == ([], 20)


async def test_a_database_turned_back_gets_no_other_signature(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Restored from yesterday and gone on from there: what was signed yesterday evening is outside, and known."""
    await fill(archive, 20)
    await archive.vouch()()
    facts = [link.entry for link in await links_of(archive)]
    await write_anew(superuser, facts[:10])
    await fill(archive, 30)
    await archive.vouch()()
    assert archive.alarms.standing() == ["checkpoint_forked"]
    assert newest(archive).size == 20
    assert (await archive.verdict()).fault == Fault(11, FaultKind.REPLACED)


async def test_another_key_does_not_go_on_with_the_log(archive: Archive) -> None:
    """A head outside that this key did not sign is somebody else's log: nothing is written over it."""
    await fill(archive, 5)
    await archive.vouch()()
    await fill(archive, 5)
    await archive.vouch(key=new_signing_key())()
    assert archive.alarms.standing() == ["checkpoint_forked"]
    assert newest(archive).size == 5


async def test_a_key_that_follows_another_goes_on_with_what_that_one_signed(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """The older public key is believed: the tree grows on in the same place under the new name, and only out of it."""
    await fill(archive, 5)
    await archive.vouch()()
    facts = [link.entry for link in await links_of(archive)]
    older, new = archive.signing_key.verification(), new_signing_key()
    await fill(archive, 5)
    await archive.vouch(key=new, older=[older])()
    assert archive.alarms.standing() == []
    head = read_checkpoint((archive.place / "checkpoint").read_text("utf-8"), [new.verification()])
    assert (head.origin, head.size) == (new.name, 10)
    archive.signing_key = new
    verdict = await archive.verifier()()
    assert (verdict.fault, verdict.vouched, verdict.outside) == (None, 10, True)
    # A past that the older key did not sign gets no signature of the new one either.
    await write_anew(superuser, FORGERIES["edit"](facts, 2) * 3)
    await archive.vouch(key=new_signing_key(), older=[older, new.verification()])()
    assert archive.alarms.standing() == ["checkpoint_forked"]


async def test_helpers_come_to_what_this_process_comes_to(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Processes of their own, over the snapshot of the asking transaction; also where the chain is broken."""
    await fill(archive, 600)
    await archive.vouch()()
    helped = archive.verifier(stretches=StretchReader(as_login(archive.dsn, APP), 2, worth=1))
    assert await helped() == await archive.verdict()
    await superuser.execute("ALTER TABLE audit_entries DISABLE TRIGGER ALL")
    await superuser.execute("UPDATE audit_entries SET actor = 'nobody' WHERE seq = 300")
    assert await helped() == await archive.verdict()
    assert (await helped()).fault == Fault(300, FaultKind.EDITED)


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[tuple[ThreadedMotoServer, ObjectSettings]]:
    """A bucket, and how to reach it."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    httpx.put(f"http://{host}:{port}/witness", trust_env=False).raise_for_status()
    access, secret = tmp_path / "access", tmp_path / "secret"
    access.write_text("AKIATEST\n", encoding="utf-8")
    secret.write_text("secret\n", encoding="utf-8")
    yield (
        server,
        ObjectSettings(
            url="s3://witness/tierline",
            endpoint=f"http://{host}:{port}",
            access_key_file=access,
            secret_key_file=secret,
            allow_http=True,
        ),
    )
    server.stop()


async def test_a_bucket_is_a_second_place(
    archive: Archive, superuser: asyncpg.Connection, s3: tuple[ThreadedMotoServer, ObjectSettings]
) -> None:
    """The same by S3: published, verified against, and a forger betrayed."""
    bucket = SecondPlace(open_objects(s3[1]))
    await fill(archive, 300)
    await archive.vouch(outside=bucket)()
    verdict = await archive.verifier(bucket)()
    assert (verdict.fault, verdict.vouched, verdict.outside) == (None, 300, True)
    facts = [link.entry for link in await links_of(archive)]
    await write_anew(superuser, FORGERIES["delete"](facts, 123))
    assert (await archive.verifier(bucket)()).fault == Fault(124, FaultKind.REPLACED)


class Away(SecondPlace):
    """A second place that can be out of reach for a while."""

    there = False

    async def _get(self, key: str) -> bytes | None:
        self._reach()
        return await super()._get(key)

    async def put_tiles(self, tiles: Iterable[Tile]) -> None:
        self._reach()
        await super().put_tiles(tiles)

    def _reach(self) -> None:
        if not self.there:
            raise ObjectsAwayError("no route")


async def test_a_second_place_that_is_away_loses_nothing(archive: Archive) -> None:
    """An alarm stands, sealing and signing go on; when it is back, all that it missed is there."""
    place = Away(open_objects(ObjectSettings(url=archive.place.as_uri())))
    vouch = archive.vouch(outside=place)
    await fill(archive, 300)
    # Before it was seen once, nobody can tell whether it knows another past: nothing is signed.
    await vouch()
    assert archive.alarms.standing() == ["second_place_away"]
    assert await archive.sent("checkpoints.v1") == []
    place.there = True
    await vouch()
    assert archive.alarms.standing() == []
    place.there = False
    await fill(archive, 300)
    await vouch()
    assert archive.alarms.standing() == ["second_place_away"]
    assert [event["data"]["size"] for event in await archive.sent("checkpoints.v1")] == [300, 600]
    assert newest(archive).size == 300
    assert "second_place_away" in (await archive.client("ops", Role.OPS).get("/readyz")).json()["alarms"]
    place.there = True
    await vouch()
    assert archive.alarms.standing() == []
    assert newest(archive).size == 600
    assert (await archive.verdict()).vouched == 600


class Slow(SecondPlace):
    """A second place that answers late: `meanwhile` happens before it does."""

    def __init__(self, place: Path, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__(open_objects(ObjectSettings(url=place.as_uri())))
        self._meanwhile = meanwhile

    async def checkpoint(self) -> str | None:
        await self._meanwhile()
        return await super().checkpoint()


async def test_a_head_that_is_signed_while_somebody_verifies_accuses_nobody(archive: Archive) -> None:
    """Entries that are sealed, signed and carried outside after a verification began are not missing."""
    vouch = archive.vouch()
    await fill(archive, 10)
    await vouch()

    async def go_on() -> None:
        await fill(archive, 10)
        await vouch()

    verdict = await archive.verifier(Slow(archive.place, go_on))()
    assert (verdict.fault, verdict.vouched, verdict.entries) == (None, 20, 20)


async def test_an_alarm_asks_operations_to_look_once_and_is_taken_back(archive: Archive) -> None:
    """Away → a task for whoever is ops, one however long it lasts; back → cleared; again → another."""
    place = Away(open_objects(ObjectSettings(url=archive.place.as_uri())))
    await fill(archive, 5)
    vouch = archive.vouch(outside=place)
    await vouch()
    assert await archive.sent("archive.v1", "task.raised") == [], "nobody is there to be asked"
    await archive.staff(PersonRecorded(person="wang", role="ops", active=True))
    await vouch()
    await archive.vouch(outside=place)()
    (raised,) = [event["data"] for event in await archive.sent("archive.v1", "task.raised")]
    assert (raised["person"], raised["kind"]) == ("wang", "alarm.second_place_away")
    place.there = True
    await archive.vouch(outside=place)()
    (cleared,) = [event["data"] for event in await archive.sent("archive.v1", "task.cleared")]
    assert cleared["task_id"] == raised["task_id"]
    place.there = False
    archive.clock.set(NOW + timedelta(hours=1))
    await fill(archive, 5)
    await vouch()
    assert len(await archive.sent("archive.v1", "task.raised")) == 2


async def test_who_stands_by_sounds_no_alarm(archive: Archive) -> None:
    """The process that lost its turn cannot tell any more: the alarm is the other one's to keep or to end."""
    place = Away(open_objects(ObjectSettings(url=archive.place.as_uri())))
    await fill(archive, 5)
    vouch = archive.vouch(outside=place)
    await vouch()
    assert archive.alarms.standing() == ["second_place_away"]
    await archive.lease.release()
    assert await Lease(archive.database, "checkpoints", seconds=60).acquire()
    await vouch()
    assert archive.alarms.standing() == []


async def test_one_process_vouches_at_a_time(archive: Archive) -> None:
    """A second one waits for its turn, however much is due."""
    await fill(archive, 5)
    await archive.vouch()()
    other = Lease(archive.database, "checkpoints", seconds=60)
    assert not await other.acquire()


TABLES = {
    "UPDATE audit_tiles SET hashes = decode(repeat('00', 32), 'hex')": "only grows",
    "DELETE FROM audit_tiles": "append-only",
    "UPDATE audit_tree SET seq = 0": "only grows",
    "UPDATE audit_checkpoints SET note = ''": "append-only",
    "DELETE FROM audit_checkpoints": "append-only",
    "INSERT INTO audit_checkpoints SELECT 1, root, note, signed_at FROM audit_checkpoints": "only grow",
}


@pytest.mark.parametrize("login", [APP, OWNER])
async def test_a_checkpoint_never_goes_back_and_never_forks_in_the_tables(archive: Archive, login: str) -> None:
    """Neither the everyday login nor the owner rewrites what was signed."""
    await fill(archive, 5)
    await archive.vouch()()
    connection = await asyncpg.connect(as_login(archive.dsn, login))
    for statement, words in TABLES.items():
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"{words}|permission denied"):
            await connection.execute(statement)
    await connection.close()


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
