"""What archive knows of files and stations, from what others tell it."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.archive.domain.files import CustomerFile
from services.archive.domain.stations import Stations
from services.archive.store import FileStore, StationStore
from shared.contracts.organisation import StationRecorded
from shared.contracts.types import FileTier
from tests.integration.archive.house import NOW, Archive

TIERS: list[FileTier] = ["company", "department", "personal"]


async def known(archive: Archive, file: str) -> object:
    async with archive.database.transaction() as tx:
        return await FileStore().find(tx, file)


async def test_archive_knows_whose_a_customers_file_is(archive: Archive) -> None:
    """A1: as customers last told; a file that it never heard of is none."""
    await archive.seal(archive.amended(version=1, tier="company"))
    assert await known(archive, "customer:C-1") == CustomerFile("customer:C-1", "company", "d1", "rep-7")
    await archive.seal(archive.amended(version=2), archive.amended("C-2"))
    assert await known(archive, "customer:C-1") == CustomerFile("customer:C-1", "personal", "d1", "rep-7")
    for unknown in ("customer:C-3", "C-1", "record:C-1", "*", "audit"):
        assert await known(archive, unknown) is None


async def test_what_is_known_already_is_not_written_again(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Thousands of versions a second move a customer's trade, and hardly one its keeper."""
    sealer = archive.sealer()
    await sealer.process([archive.amended(version=1)])
    await superuser.execute("CREATE TRIGGER silence BEFORE INSERT OR UPDATE ON files EXECUTE FUNCTION refuse_change()")
    await sealer.process([archive.amended(version=2), archive.amended(version=3)])
    await sealer.process([archive.amended(version=4)])
    await superuser.execute("DROP TRIGGER silence ON files")
    assert (await archive.rows("SELECT version FROM files"))[0]["version"] == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 1), st.sampled_from(TIERS)), min_size=1, max_size=12))
async def test_two_sealers_taking_turns_know_what_one_would(
    archive: Archive, steps: list[tuple[int, FileTier]]
) -> None:
    """What a process remembers of a file is believed only if no other has sealed in between."""
    customer = f"C-{next(archive.ids)}"
    sealers = [archive.sealer(), archive.sealer()]
    for version, (turn, tier) in enumerate(steps, start=1):
        await sealers[turn].process([archive.amended(customer, version, tier=tier)])
        assert await known(archive, f"customer:{customer}") == CustomerFile(f"customer:{customer}", tier, "d1", "rep-7")


async def test_the_newest_word_on_a_station_holds(archive: Archive) -> None:
    """A3: whole, and whichever came last."""
    room = StationRecorded(station="room", networks=("10.1.0.0/16",), place="hq", reading_room=True, active=True)
    closed = room.model_copy(update={"active": False})
    await archive.tell("organisation.v1", "station.recorded", room, at=NOW)
    await archive.tell("organisation.v1", "station.recorded", closed, at=NOW - timedelta(seconds=1))
    async with archive.database.transaction() as tx:
        (found,) = await StationStore().all(tx)
    assert (found.station, found.networks, found.place, found.reading_room, found.active) == (
        "room", ("10.1.0.0/16",), "hq", True, True,
    )  # fmt: skip
    assert Stations([found]).place_of("10.1.200.3") == found


async def test_a_record_is_not_rewritten(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Not even by the owner of the table; what became of it may be noted."""
    await superuser.execute(
        "INSERT INTO records (record, title, rank, record_class, filed_by, filed_at, retain_until) "
        "VALUES ('r-1', '章程', 'secret', 'decisions', 'zhao', now(), '2030-01-01')"
    )
    await superuser.execute("INSERT INTO record_sections VALUES ('r-1', 1, 'text', 'secret')")
    await superuser.execute("UPDATE records SET holds = 1, retain_until = '2040-01-01'")
    for change in (
        "UPDATE records SET rank = 'unclassified'",
        "UPDATE records SET title = 'x'",
        "DELETE FROM records",
        "UPDATE record_sections SET rank = 'unclassified'",
        "DELETE FROM record_sections",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await superuser.execute(change)
    async with archive.database.transaction() as tx:
        record = await FileStore().find(tx, "record:r-1")
    assert record is not None
    assert not isinstance(record, CustomerFile)
    assert (record.rank, record.holds, [section.name for section in record.sections]) == ("secret", 1, ["text"])
