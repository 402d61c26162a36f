"""What a search of records finds, taken out: each by its own right, and nothing without its entry (A3, A5, N4)."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from structlog.testing import capture_logs

from shared.contracts.organisation import StationRecorded
from shared.engine.model import Received
from shared.engine.postgres import Database
from shared.roles import Role
from tests.backends import Databases
from tests.integration.archive.house import APP, LARGEST_ATTACHMENT, MOST_EXPORTED, Archive, prepare
from tests.integration.archive.test_records import ROOM, SCAN, attach, audited, file, grant
from tests.integration.tables import as_login

PATH = "/records/export"


def opened(answer: httpx.Response) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest, and every other file of the ZIP by its path."""
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parcel:
        files = {name: parcel.read(name) for name in parcel.namelist()}
    return json.loads(files.pop("manifest.json")), files


async def test_each_record_is_given_by_its_own_right(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Of the GM's search: one unasked, one by a grant, one only to read, one that stays in the reading room."""
    room = StationRecorded(station="room", networks=("10.9.0.0/24",), place="hq", reading_room=True, active=True)
    await archive.tell("organisation.v1", "station.recorded", room)
    for record, rank in (("a", "unclassified"), ("b", "confidential"), ("c", "confidential"), ("d", "secret")):
        await file(archive, record, rank)
    held = await grant(superuser, "b", "gm", "text", copy=True)
    await grant(superuser, "c", "gm")
    await grant(superuser, "d", "gm", copy=True)
    async with archive.client("gm", Role.GM, at=ROOM) as client:
        manifest, files = opened(await client.get(PATH))
        singly = [await client.get(f"/records/{record}/export") for record in "abcd"]
    assert [(r["record"], r["grants"]) for r in manifest["records"]] == [("a", []), ("b", [held])]
    assert list(files) == ["001-a/text/001-扫描件.pdf", "002-b/text/001-扫描件.pdf"]
    assert [files[piece["path"]] for record in manifest["records"] for piece in record["pieces"]] == [SCAN] * 2
    assert [record["kept"] for record in manifest["records"]] == [
        [], [{"section": "prices", "attachment_id": None, "reason": "no_grant"}],
    ]  # fmt: skip
    refused = [(each["record"], each["reason"], each["zh"], each["en"]) for each in manifest["withheld"]]
    assert refused == [
        (record, body["code"], body["detail_zh"], body["detail"])
        for record, body in zip("cd", [answer.json() for answer in singly[2:]], strict=True)
    ]
    assert [code for _, code, _, _ in refused] == ["no_copy_right", "reading_room_only"]
    assert [answer.status_code for answer in singly[:2]] == [200, 200]
    for record in "abcd":
        bulk, single = [entry for entry in await audited(archive, f"record:{record}") if entry[2] == "gm"]
        assert bulk == single
        assert bulk[0] == ("file.exported" if record in "ab" else "access.denied")
    (search,) = await audited(archive, "*")
    assert search[:2] == ("file.searched", "records.exported")


async def test_what_the_asker_may_not_know_of_is_as_if_it_were_not(databases: Databases, tmp_path: Path) -> None:
    """To the byte: with more records of a rank that a rep knows nothing of than one export holds, and without."""
    answers = []
    for others in (0, MOST_EXPORTED + 1):
        dsn = await databases.copy_of("archive", prepare)
        database = Database(as_login(dsn, APP), application="test")
        archive = Archive(dsn, database, tmp_path / f"objects-{others}", tmp_path / f"outside-{others}")
        superuser = await asyncpg.connect(dsn)
        for record in ("m-1", "m-2"):
            await file(archive, record, "unclassified")
        for number in range(others):
            await file(archive, f"n-{number}", "secret")
        await grant(superuser, "m-1", "li", copy=True)
        async with archive.client("li", Role.REP) as client:
            for query in ({}, {"title": "合同"}, {"rank": "secret"}, {"department": "d1"}):
                answer = await client.get(PATH, params=query)
                assert answer.status_code == 200
                answers.append(answer.content)
        await superuser.close()
        await database.close()
    assert answers[:4] == answers[4:]
    with zipfile.ZipFile(io.BytesIO(answers[0])) as parcel:
        manifest = json.loads(parcel.read("manifest.json"))
    assert ([r["record"] for r in manifest["records"]], [r["record"] for r in manifest["withheld"]]) == (
        ["m-1"], ["m-2"],
    )  # fmt: skip


async def test_a_grant_for_once_is_used_up_by_it_as_by_a_single_export(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """Of two who come at once with one grant, one has the content; after that nobody has."""
    await file(archive, "r-1")
    await grant(superuser, "r-1", "li", copy=True, uses=1)
    async with archive.client("li", Role.REP) as client:
        both = await asyncio.gather(client.get(PATH), client.get(PATH))
        alone = await client.get("/records/r-1/export")
    assert sorted(len(opened(answer)[1]) for answer in both) == [0, 1]
    (withheld,) = [each for answer in both for each in opened(answer)[0]["withheld"]]
    assert (withheld["record"], withheld["reason"], alone.json()["code"]) == ("r-1", "used_up", "used_up")
    kinds = [kind for kind, _, actor, _, _ in await audited(archive, "record:r-1") if actor == "li"]
    assert sorted(kinds) == ["access.denied", "access.denied", "file.exported"]


@pytest.mark.parametrize("much", ["records", "bytes"])
async def test_more_than_one_answer_holds_is_refused_whole(
    archive: Archive, superuser: asyncpg.Connection, much: str
) -> None:
    """Too many, or too large together: nothing leaves, no grant is used, the audit knows, and a filter helps."""
    for number in range(MOST_EXPORTED + 1 if much == "records" else 2):
        piece = await file(archive, f"r-{number}", period="2026" if number else "2025")
        if much == "bytes":
            async with archive.client("zhao", Role.ARCHIVIST) as client:
                await attach(client, f"r-{number}", bytes(LARGEST_ATTACHMENT), name=f"{piece['name']}2")
        await grant(superuser, f"r-{number}", "li", copy=True, uses=1)
    async with archive.client("li", Role.REP) as client:
        refused = await client.get(PATH)
        manifest, _ = opened(await client.get(PATH, params={"period": "2026"}))
    assert (refused.status_code, refused.json()["code"]) == (413, "export_too_large")
    assert refused.json()["detail_zh"].startswith(f"超过单次导出上限 {MOST_EXPORTED}" if much == "records" else "共 ")
    assert (len(manifest["records"]), manifest["withheld"]) == (MOST_EXPORTED if much == "records" else 1, [])
    first, _ = await audited(archive, "*")
    assert first[:3] == ("access.denied", "records.exported", "li")


async def test_a_piece_that_is_damaged_is_named_and_the_others_are_given(archive: Archive) -> None:
    """Their grants are used: the rest must not be lost with it. What was found is told as a breach."""
    piece = await file(archive, "r-1", "unclassified")
    await file(archive, "r-2", "unclassified")
    (archive.folder / piece["attachment_id"][:2] / piece["attachment_id"]).unlink()
    async with archive.client("gm", Role.GM) as client:
        manifest, files = opened(await client.get(PATH))
    assert list(files) == ["002-r-2/text/001-扫描件.pdf"]
    assert [record["kept"] for record in manifest["records"]] == [
        [{"section": "text", "attachment_id": piece["attachment_id"], "reason": "altered"}], [],
    ]  # fmt: skip
    assert [e["data"]["file"] for e in await archive.sent("audit.v1", "breach.found")] == ["record:r-1"]


@pytest.mark.parametrize("copying", [True, False])
async def test_what_was_copied_without_a_right_is_found_as_of_a_single_export(
    archive: Archive, superuser: asyncpg.Connection, copying: bool
) -> None:
    """N4: every record that left is judged by its own entry; by a grant that lets nobody copy each is a breach."""
    for record in ("r-1", "r-2"):
        await file(archive, record)
        await grant(superuser, record, "li", copy=True)
    async with archive.client("li", Role.REP) as client:
        opened(await client.get(PATH))
    if not copying:
        await superuser.execute("SET session_replication_role = replica")
        await superuser.execute("UPDATE grants SET copy_allowed = false")
        await superuser.execute("SET session_replication_role = DEFAULT")
    told = await archive.sent("audit.v1")
    await archive.seal(
        *(Received("audit.v1", 0, number, 1_772_000_000_000, None, json.dumps(event).encode(), ())
          for number, event in enumerate(told))
    )  # fmt: skip
    found = await archive.sent("audit.v1", "breach.found")
    assert [(e["data"]["kind"], e["data"]["person"], e["data"]["file"]) for e in found] == (
        [] if copying else [("unapproved_copy", "li", "record:r-1"), ("unapproved_copy", "li", "record:r-2")]
    )


async def test_an_export_that_nobody_could_note_does_not_leave(archive: Archive, superuser: asyncpg.Connection) -> None:
    """No audit, no data: and the grant is as it was."""
    await file(archive, "r-1")
    await grant(superuser, "r-1", "li", copy=True, uses=1)
    await superuser.execute("REVOKE INSERT ON outbox FROM archive_app")
    async with archive.client("li", Role.REP) as client:
        with capture_logs():
            answer = await client.get(PATH)
    assert (answer.status_code, SCAN[:20] in answer.content) == (500, False)
    assert await superuser.fetchval("SELECT count(*) FROM grant_uses") == 0
