"""Signed heads of the audit: made, carried outside, and asked about when something is wrong."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from services.archive.domain.chain import canonical
from shared.contracts.organisation import PersonRecorded
from shared.engine.lease import Lease
from shared.objects import open_objects
from shared.proof.merkle import leaf_hash, root_over
from shared.proof.notes import new_signing_key, read_checkpoint
from shared.roles import Role
from shared.settings import ObjectSettings
from tests.integration.archive.heads import FORGERIES, Away, fill, links_of, newest, write_anew, written
from tests.integration.archive.house import APP, NOW, OWNER, Archive
from tests.integration.tables import as_login

pytestmark = pytest.mark.backend


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
