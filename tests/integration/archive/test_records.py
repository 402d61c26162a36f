"""Company records over HTTP: filed, found, read, taken out, each by their rank, and nothing without the audit (A3)."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from datetime import timedelta
from hashlib import sha256
from typing import Any

import asyncpg
import httpx
import pytest
from structlog.testing import capture_logs

from shared.contracts.organisation import PersonRecorded, StationRecorded
from shared.objects import open_objects
from shared.roles import Role
from shared.settings import ObjectSettings
from tests.integration.archive.house import LARGEST_ATTACHMENT, NOW, Archive

SCAN = b"%PDF-1.7 " + bytes(range(256)) * 40
ROOM = "10.9.0.5"


@pytest.fixture(autouse=True)
async def reading_room(archive: Archive) -> None:
    """A reading room, at 10.9.0.0/24."""
    room = StationRecorded(station="room", networks=("10.9.0.0/24",), place="hq", reading_room=True, active=True)
    await archive.tell("organisation.v1", "station.recorded", room)


async def file(archive: Archive, record: str, rank: str = "confidential", **more: Any) -> dict[str, Any]:
    """A record with one piece of content, filed by the archivist; what is answered of the piece."""
    body = {"record_id": record, "title": f"合同 {record}", "rank": rank, "class": "contracts", "department": "d1",
            "sections": [{"name": "text"}, {"name": "prices"}]} | more  # fmt: skip
    async with archive.client("zhao", Role.ARCHIVIST) as client:
        filed = await client.post("/records", json=body)
        assert filed.status_code == 201, filed.text
        return await attach(client, record)


async def attach(client: httpx.AsyncClient, record: str, content: bytes = SCAN, **more: str) -> dict[str, Any]:
    query = {"section": "text", "name": "扫描件.pdf", "media_type": "application/pdf"} | more
    answer = await client.post(f"/records/{record}/attachments", params=query, content=content)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def grant(
    superuser: asyncpg.Connection, record: str, person: str, *sections: str, copy: bool = False, uses: int | None = None
) -> str:
    """A grant for an hour, as it stands after all has been signed."""
    grant_id = f"g-{record}-{person}-{'-'.join(sections)}-{copy}-{uses}"
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute(
        "INSERT INTO grants (grant_id, file, person, sections, copy_allowed, not_before, until, approved_by, given_by, "
        "given_at, request_id, uses) VALUES ($1, $2, $3, $4, $5, $6, $7, 'boss', 'zhao', $6, $1, $8)",
        grant_id, f"record:{record}", person, list(sections) or ["*"], copy, NOW, NOW + timedelta(hours=1),
        uses,
    )  # fmt: skip
    await superuser.execute("SET session_replication_role = DEFAULT")
    return grant_id


async def audited(archive: Archive, file: str) -> list[tuple[str, str, str, str, str | None]]:
    """Type, act, actor, reason and grant of what the audit will hold on a file."""
    events = [event for event in await archive.sent("audit.v1") if event["data"]["file"] == file]
    return [
        (event["type"], e["action"], e["actor"], e["reason"], e.get("grant"))
        for event in events
        if (e := event["data"]) and "action" in e
    ]


async def test_what_is_filed_is_read_back_by_who_may(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Filed → attached → granted → read: the same bytes, and each step in the audit, the reading with its grant."""
    piece = await file(archive, "r-1")
    assert (piece["sha256"], piece["size"], piece["name"]) == (sha256(SCAN).hexdigest(), len(SCAN), "扫描件.pdf")
    grant_id = await grant(superuser, "r-1", "li", "text")
    async with archive.client("li", Role.REP) as client:
        card = (await client.get("/records/r-1")).json()
        answer = await client.get(f"/records/r-1/attachments/{piece['attachment_id']}")
    assert card["record"]["title"] == "合同 r-1"
    assert [(s["name"], s["readable"], s["copyable"]) for s in card["sections"]] == [
        ("text", True, False), ("prices", False, False),
    ]  # fmt: skip
    assert card["attachments"] == [piece]
    assert answer.content == SCAN
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]
    kinds = await audited(archive, "record:r-1")
    assert kinds == [
        ("decision.made", "record.filed", "zhao", None, None),
        ("decision.made", "record.attached", "zhao", f"{piece['attachment_id']} sha256:{piece['sha256']}", None),
        ("file.searched", "record.shown", "li", "named_reader", None),
        ("file.read", "record.read", "li", "grant", grant_id),
    ]  # fmt: skip


async def test_an_empty_file_is_not_filed(archive: Archive) -> None:
    """A scan that went wrong is found out while the paper is still at hand."""
    await file(archive, "r-1")
    async with archive.client("zhao", Role.ARCHIVIST) as client:
        query = {"section": "text", "name": "空.pdf"}
        refused = await client.post("/records/r-1/attachments", params=query, content=b"")
        card = (await client.get("/records/r-1")).json()
    assert (refused.status_code, refused.json()["code"]) == (422, "empty")
    assert [piece["name"] for piece in card["attachments"]] == ["扫描件.pdf"]


async def test_what_lies_in_the_store_tells_nothing(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Neither its content nor its name; and the database alone cannot open it."""
    await file(archive, "r-1")
    (stored,) = [path for path in archive.folder.rglob("*") if path.is_file()]
    sealed = stored.read_bytes()
    assert all(SCAN[at : at + 16] not in sealed for at in range(0, 256, 16))
    assert "r-1" not in str(stored.relative_to(archive.folder))
    assert bytes(range(32)) not in await superuser.fetchval("SELECT wrapped FROM data_keys")


async def test_a_record_without_its_data_key_is_gone(archive: Archive, superuser: asyncpg.Connection) -> None:
    """A7: whoever keeps a copy of the object, and of the master key, has nothing."""
    piece = await file(archive, "r-1", "unclassified")
    # The database lets go of a key only after the whole procedure.
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await superuser.execute("DELETE FROM data_keys")
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute("DELETE FROM data_keys")
    async with archive.client("gm", Role.GM) as client:
        answer = await client.get(f"/records/r-1/attachments/{piece['attachment_id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "altered")


@pytest.mark.parametrize("harm", ["cut", "flipped", "swapped", "gone"])
async def test_content_that_is_not_what_was_filed_is_shown_to_nobody_and_told(archive: Archive, harm: str) -> None:
    """A byte changed, a tail cut, another piece in its place, or nothing: refused, and one breach without a person."""
    piece = await file(archive, "r-1", "unclassified")
    other = await file(archive, "r-2", "unclassified")
    path = archive.folder / piece["attachment_id"][:2] / piece["attachment_id"]
    content = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        swapped = archive.folder / other["attachment_id"][:2] / other["attachment_id"]
        flipped = content[:40] + bytes([content[40] ^ 1]) + content[41:]
        path.write_bytes({"cut": content[:-1], "flipped": flipped, "swapped": swapped.read_bytes()}[harm])
    async with archive.client("gm", Role.GM) as client:
        answers = [await client.get(f"/records/r-1/attachments/{piece['attachment_id']}") for _ in range(2)]
        untouched = await client.get(f"/records/r-2/attachments/{other['attachment_id']}")
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "altered")] * 2
    assert untouched.content == SCAN
    breaches = [e for e in await archive.sent("audit.v1") if e["type"] == "breach.found"]
    kind = "unapproved_destruction" if harm == "gone" else "unapproved_alteration"
    assert {(e["id"], e["data"]["kind"], e["data"]["person"], e["data"]["file"]) for e in breaches} == {
        (breaches[0]["id"], kind, None, "record:r-1")
    }


async def test_who_may_not_know_of_a_record_learns_nothing(archive: Archive) -> None:
    """A3: by no door, and in the very words that are said of a record that is not there."""
    piece = await file(archive, "r-1", "secret")
    doors = ["", f"/attachments/{piece['attachment_id']}", "/attachments/nothing", "/export"]
    for person, role, department in (
        ("li", Role.REP, "d1"), ("ma", Role.DEPARTMENT_MANAGER, "d2"), ("ops", Role.OPS, "d1"), ("hr", Role.HR, "d1"),
        ("du", Role.INSPECTOR, "d1"), ("erp", Role.ORDER_SYSTEM, "d1"),
    ):  # fmt: skip
        async with archive.client(person, role, department, at=ROOM) as client:
            for door in doors:
                hidden, missing = await client.get(f"/records/r-1{door}"), await client.get(f"/records/r-9{door}")
                assert (hidden.status_code, hidden.json()) == (404, missing.json()), (role, door)
            assert (await client.get("/records", params={"title": "合同"})).json() == {"items": [], "next": None}
    async with archive.client("ma", Role.DEPARTMENT_MANAGER, "d1") as client:
        assert (await client.get("/records/r-1")).status_code == 200
        assert [r["record_id"] for r in (await client.get("/records")).json()["items"]] == ["r-1"]


@pytest.mark.parametrize(
    ("rank", "role", "granted", "at", "expected"),
    [
        ("top_secret", Role.GM, True, ROOM, "never_consulted"),
        ("secret", Role.GM, False, ROOM, "no_grant"),
        ("secret", Role.GM, True, "10.0.0.9", "reading_room_only"),
        ("secret", Role.GM, True, ROOM, 200),
        ("secret", Role.REP, True, ROOM, 200),
        ("confidential", Role.GM, False, "10.0.0.9", "no_grant"),
        ("confidential", Role.REP, True, "10.0.0.9", 200),
        ("unclassified", Role.GM, False, "10.0.0.9", 200),
        ("unclassified", Role.GM_OFFICE_HEAD, False, "10.0.0.9", 200),
        ("unclassified", Role.ARCHIVIST, False, "10.0.0.9", "no_grant"),
        ("unclassified", Role.REP, False, "10.0.0.9", "no_grant"),
        ("unclassified", Role.REP, True, "10.0.0.9", 200),
    ],
)
async def test_each_rank_is_read_as_the_rules_say(  # noqa: PLR0913, PLR0917 - a table
    archive: Archive, superuser: asyncpg.Connection, rank: str, role: Role, granted: bool, at: str, expected: int | str
) -> None:
    """A3: rank 3 never, rank 2 in the reading room, rank 1 with a grant, rank 0 by some roles unasked."""
    piece = await file(archive, "r-1", rank)
    if granted:
        await grant(superuser, "r-1", "wei")
    async with archive.client("wei", role, at=at) as client:
        answer = await client.get(f"/records/r-1/attachments/{piece['attachment_id']}")
    assert (answer.status_code if answer.is_success else answer.json()["code"]) == expected
    last = (await audited(archive, "record:r-1"))[-1]
    assert last[0] == ("file.read" if answer.is_success else "access.denied")


async def test_who_left_reads_nothing_even_with_a_grant(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Their token may live on for a while; the organisation's word counts."""
    piece = await file(archive, "r-1", "unclassified")
    await grant(superuser, "r-1", "gm", copy=True)
    await archive.staff(PersonRecorded(person="gm", role="gm", active=False))
    async with archive.client("gm", Role.GM) as client:
        paths = ("", "/r-1", f"/r-1/attachments/{piece['attachment_id']}", "/r-1/export", "/none")
        answers = [await client.get(f"/records{path}") for path in paths]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "left_the_company")] * 5


async def test_a_grant_for_one_reading_opens_each_piece_once(archive: Archive, superuser: asyncpg.Connection) -> None:
    """A2: also when two ask at once; the next page is not lost by turning the first."""
    first = await file(archive, "r-1")
    async with archive.client("zhao", Role.ARCHIVIST) as client:
        second = await attach(client, "r-1", b"page 2", name="2")
    await grant(superuser, "r-1", "li", uses=1)
    async with archive.client("li", Role.REP) as client:

        async def read(piece: dict[str, Any]) -> httpx.Response:
            return await client.get(f"/records/r-1/attachments/{piece['attachment_id']}")

        answers = await asyncio.gather(read(first), read(first), read(second))
        again = await read(second)
    assert sorted(answer.status_code for answer in answers[:2]) == [200, 403]
    assert (answers[2].content, again.status_code, again.json()["code"]) == (b"page 2", 403, "used_up")


async def test_a_grant_that_counts_nothing_opens_to_many_hands_at_once(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """A reader's programs ask for the same piece side by side: none of them is told that the grant is used up."""
    piece = await file(archive, "r-1")
    await grant(superuser, "r-1", "li")
    async with archive.client("li", Role.REP) as client:
        path = f"/records/r-1/attachments/{piece['attachment_id']}"
        answers = await asyncio.gather(*(client.get(path) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert await archive.rows("SELECT number FROM grant_uses ORDER BY number") == [(n,) for n in range(1, 9)]


async def test_a_copy_takes_a_right_of_its_own(archive: Archive, superuser: asyncpg.Connection) -> None:
    """A5, N4: reading is not copying; only what may be copied is in the parcel, each piece proven by the manifest."""
    await file(archive, "r-1")
    async with archive.client("zhao", Role.ARCHIVIST) as client:
        await attach(client, "r-1", b"prices", section="prices", name="..价格: 表.csv")
    await grant(superuser, "r-1", "li")
    async with archive.client("li", Role.REP) as client:
        refused = await client.get("/records/r-1/export")
        grant_id = await grant(superuser, "r-1", "li", "prices", copy=True)
        answer = await client.get("/records/r-1/export")
    assert (refused.status_code, refused.json()["code"]) == (403, "no_copy_right")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parcel:
        manifest = json.loads(parcel.read("manifest.json"))
        (piece,) = manifest["pieces"]
        assert sorted(parcel.namelist()) == sorted(["manifest.json", piece["path"]])
        assert sha256(parcel.read(piece["path"])).hexdigest() == piece["sha256"]
    assert piece["path"] == "prices/001-价格_ 表.csv"
    assert (manifest["taken_by"], manifest["grants"]) == ("li", [grant_id])
    assert [(kind, reason, grant) for kind, _, _, reason, grant in (await audited(archive, "record:r-1"))[-2:]] == [
        ("access.denied", "no_copy_right", None), ("file.exported", "grant", grant_id),
    ]  # fmt: skip


async def test_nothing_is_answered_that_is_not_in_the_audit(archive: Archive, superuser: asyncpg.Connection) -> None:
    """“No audit, no data”: while no entry can be made durable, nothing is read, listed or taken out."""
    piece = await file(archive, "r-1", "unclassified")
    await superuser.execute("REVOKE INSERT ON outbox FROM archive_app")
    async with archive.client("gm", Role.GM) as client:
        for door in ("", "/r-1", f"/r-1/attachments/{piece['attachment_id']}", "/r-1/export"):
            with capture_logs():
                answer = await client.get(f"/records{door}")
            assert answer.status_code == 500
            assert SCAN[:20] not in answer.content
            assert "合同" not in answer.text


async def test_a_store_that_is_away_is_said_so_and_leaves_nothing_half(archive: Archive) -> None:
    """Neither a row without content nor a reader left waiting."""
    await file(archive, "r-1", "unclassified")
    away = ObjectSettings(url="s3://bucket", endpoint="http://127.0.0.1:9", allow_http=True, **keys(archive))
    archive.keep_objects_in(open_objects(away))
    async with archive.client("zhao", Role.ARCHIVIST) as client:
        answer = await client.post(
            "/records/r-1/attachments", params={"section": "text", "name": "more"}, content=b"more"
        )
    assert (answer.status_code, answer.json()["code"]) == (503, "store_away")
    assert [row["name"] for row in await archive.rows("SELECT name FROM attachments")] == ["扫描件.pdf"]


def keys(archive: Archive) -> dict[str, Any]:
    """An access key, in files."""
    folder = archive.folder
    paths = {name: folder / name for name in ("access_key_file", "secret_key_file")}
    for path in paths.values():
        path.write_text("x", encoding="utf-8")
    return paths


async def test_what_cannot_be_filed_leaves_no_trace(archive: Archive) -> None:
    """Unknown classes and sections, a section above its record, too much content, a number that is taken."""
    await file(archive, "r-1")
    draft = {"title": "x", "rank": "secret", "class": "contracts", "sections": [{"name": "a"}]}
    async with archive.client("zhao", Role.ARCHIVIST) as client:
        for change, status, code in (
            ({"class": "poems"}, 422, "unknown_class"),
            ({"sections": [{"name": "a"}, {"name": "a"}]}, 422, "section_twice"),
            ({"sections": [{"name": "a", "rank": "top_secret"}]}, 422, "rank_above"),
            ({"sections": [{"name": "*"}]}, 422, "invalid_request"),
            ({"sections": []}, 422, "invalid_request"),
            ({"record_id": "../x"}, 422, "invalid_request"),
            ({"record_id": "r-1"}, 409, "filed_before"),
            ({"record_id": "export"}, 409, "filed_before"),
        ):
            answer = await client.post("/records", json=draft | change)
            assert (answer.status_code, answer.json()["code"]) == (status, code)
        path, query = "/records/r-1/attachments", {"section": "text", "name": "n"}
        for where, params, content, status in (
            (path, query, b"x" * (LARGEST_ATTACHMENT + 1), 413),
            (path, query | {"section": "none"}, b"x", 422),
            ("/records/r-9/attachments", query, b"x", 404),
            (path, query | {"media_type": "text"}, b"x", 422),
        ):
            assert (await client.post(where, params=params, content=content)).status_code == status
    assert [row["record"] for row in await archive.rows("SELECT record FROM records")] == ["r-1"]
    assert len([path for path in archive.folder.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ARCHIVIST])
async def test_only_the_archivist_files(archive: Archive, role: Role) -> None:
    """Nobody else takes records in, whatever else they may."""
    await file(archive, "r-1")
    async with archive.client("wei", role) as client:
        draft = {"title": "x", "rank": "secret", "class": "contracts", "sections": [{"name": "a"}]}
        assert (await client.post("/records", json=draft)).status_code == 403
        params = {"section": "text", "name": "n"}
        assert (await client.post("/records/r-1/attachments", params=params, content=b"x")).status_code == 403


async def test_an_attachment_may_be_larger_than_other_bodies(archive: Archive) -> None:
    """And an export that would not fit into one answer is told, not cut."""
    large = bytes(LARGEST_ATTACHMENT)
    await file(archive, "r-1", "unclassified")
    async with archive.client("zhao", Role.ARCHIVIST) as client:
        for number in range(2):
            await attach(client, "r-1", large, name=f"n{number}")
    async with archive.client("gm", Role.GM) as client:
        answer = await client.get("/records/r-1/export")
    assert (answer.status_code, answer.json()["code"]) == (413, "export_too_large")
