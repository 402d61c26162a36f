"""What was signed and carried outside, held against whatever becomes of the tables."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random

import asyncpg
import httpx
import pytest
from moto.server import ThreadedMotoServer

from services.archive.domain.chain import Entry, Fault, FaultKind
from services.archive.store import SecondPlace, StretchReader
from shared.objects import open_objects
from shared.settings import ObjectSettings
from tests.integration.archive.heads import FORGERIES, fill, links_of, newest, write_anew
from tests.integration.archive.house import APP, Archive
from tests.integration.tables import as_login
from tests.unit.archive.strategies import chained

pytestmark = pytest.mark.backend


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
