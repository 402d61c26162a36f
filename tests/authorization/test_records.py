"""Every record by rank, department, grant and place, for every role: known of, read, taken out, asked for."""

from __future__ import annotations

import io
import json
import zipfile
from itertools import product

import httpx
import pytest

from tests.authorization import archive, archive_files, tables
from tests.authorization.asking import told_of, told_of_found
from tests.authorization.company import ASKERS, ELSEWHERE, FAR, HOME
from tests.doors import DESK, READING_ROOM

pytestmark = pytest.mark.backend

LINES = tables.lines("records")
FOUND = "GET /records/export"
DEPARTMENTS = {"home": HOME, "away": ELSEWHERE}


def test_every_record_is_looked_at_in_every_state() -> None:
    """No rank, department or state is left out, and none stands twice."""
    for what in {line.what for line in LINES if line.what.startswith("GET /records")}:
        cells = [cell for line in LINES if line.what == what for cell in tables.cells_of(line)]
        wanted = [*product(archive.RANKS, DEPARTMENTS, archive_files.STATES), ("nothing", "there", "none")]
        assert sorted(cells) == sorted(wanted), what
    for what in ("GET /requests/preview", "POST /requests"):
        cells = [cell for line in LINES if line.what == what for cell in tables.cells_of(line)]
        assert {(rank, whose) for rank, whose, _ in cells} >= set(product(archive.RANKS, DEPARTMENTS))
        assert len(cells) == len(set(cells))


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_each_record_is_open_to_whom_the_table_says(archive_world: archive.World, line: tables.Line) -> None:
    """By every rank, department and state that the line names."""
    method = line.what.split()[0]
    for rank, whose, state in tables.cells_of(line):
        file = f"customer:{whose}" if rank == "customer" else f"record:{rank}-{DEPARTMENTS.get(whose, whose)}"
        at = READING_ROOM if state in archive_files.IN_THE_ROOM else DESK
        # Of another's grant there is one, whoever asks.
        askers = [FAR] if state == "another's" else ASKERS.values()
        async with archive_world.doors.moment():
            async with archive_world.doors.slipping():
                for who in askers:
                    await archive_files.into_state(archive_world, state, who, file)
            asked = archive_files.asked_of_file(archive_world, line.what, file, state)
            if line.what == FOUND:
                found = await told_of_found(archive_world.doors, asked.path, file, read, at=at)
            else:
                found = await told_of(archive_world.doors, method, asked, at=at)
        assert found == line.answers, (rank, whose, state)


def read(answer: httpx.Response) -> tuple[set[str], dict[str, str]]:
    """The records in an export, and why others stay."""
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parcel:
        manifest = json.loads(parcel.read("manifest.json"))
    return (
        {f"record:{each['record']}" for each in manifest["records"]},
        {f"record:{each['record']}": each["reason"] for each in manifest["withheld"]},
    )
