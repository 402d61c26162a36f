"""Destruction from the request to the register: content really gone, the proof kept for ever (A7)."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import pytest

from services.archive.domain.envelope import AlteredError
from services.archive.domain.records import Attachment, NewAttachment
from services.archive.parts import Life
from shared.contracts.organisation import PersonDeparted
from shared.identity import Principal
from shared.objects import open_objects
from shared.roles import Role
from shared.settings import ObjectSettings
from tests.integration.archive.house import NOW, Archive
from tests.integration.archive.record_office import ROLES, RecordOffice
from tests.integration.archive.test_records import keys

pytestmark = pytest.mark.backend

SECRET = "年度统计：机密内容".encode()


@pytest.fixture
async def office(archive: Archive, tmp_path: Path) -> RecordOffice:
    office = RecordOffice(archive, tmp_path)
    await office.staff()
    return office


async def pieces(office: RecordOffice, record: str) -> list[Attachment]:
    async with office.archive.database.transaction() as tx:
        return list(await office.records.attachments(tx, record))


async def held_keys(office: RecordOffice) -> set[str]:
    return {row[0] for row in await office.archive.rows("SELECT attachment_id FROM data_keys")}


async def test_a_classified_record_goes_the_whole_way_to_the_register(office: RecordOffice) -> None:
    """Head, GM, witness, archivist; then no key opens its content, the card and the hashes stay, and grants end."""
    await office.file("R-1", "secret", content=SECRET)
    await office.file("R-2", content=b"stays")
    (piece,) = await pieces(office, "R-1")
    async with office.archive.database.transaction() as tx:
        key = (await office.records.keys(tx, [piece.attachment_id]))[piece.attachment_id]
    assert await office.vault.get(piece, key) == SECRET
    await office.grant(1, "record:R-1", "li", 3)

    name = await office.witnessed("R-1", classified=True)
    done = await office.ask("an", f"/destructions/{name}/execute")
    assert (done.status_code, done.json()["state"]) == (201, "executed")
    assert await held_keys(office) == {"at-R-2"}
    assert [e["type"] for e in await office.archive.sent("grants.v1")] == ["grant.revoked"]

    assert {info.key async for info in office.objects.list()} == {piece.object_key, "at/at-R-2"}
    await office.life.delete()
    assert {info.key async for info in office.objects.list()} == {"at/at-R-2"}
    with pytest.raises(AlteredError):
        await office.vault.get(piece, key)

    async with office.client("ivy") as client:
        (line,) = (await client.get("/destructions/register")).json()["items"]
    assert {field: line[field] for field in ("number", "record", "title", "rank", "requested_by", "approved_by",
                                             "witness", "executed_by", "kept_until")} == {
        "number": 1, "record": "R-1", "title": "title of R-1", "rank": "secret", "requested_by": "an",
        "approved_by": "boss", "witness": "li", "executed_by": "an", "kept_until": "2025-12-31",
    }  # fmt: skip
    assert line["attachments"] == [
        {
            "attachment_id": "at-R-1",
            "section": "all",
            "name": "paper.txt",
            "media_type": "text/plain",
            "size": len(SECRET),
            "sha256": piece.sha256.hex(),
        }
    ]
    told = [e["data"] for e in await office.archive.sent("audit.v1") if e["data"]["file"] == "record:R-1"]
    assert [t["action"] for t in told] == [
        "destruction.requested", "destruction.reviewed", "destruction.approved",
        "destruction.witness_named", "destruction.attested", "record.destroyed",
    ]  # fmt: skip
    assert all(SECRET.decode() not in str(t) for t in told)


async def test_nothing_of_a_key_is_left_in_the_tables_file(office: RecordOffice, superuser: asyncpg.Connection) -> None:
    """A deleted row lies in its page until the table is vacuumed: that is done before the objects are deleted."""
    await office.file("R-1")
    await superuser.execute("CREATE EXTENSION IF NOT EXISTS pageinspect")
    name = await office.witnessed("R-1")
    await office.ask("an", f"/destructions/{name}/execute")
    await office.life.delete()
    left = await superuser.fetchval(
        "SELECT count(*) FROM heap_page_items(get_raw_page('data_keys', 0)) WHERE t_data IS NOT NULL"
    ) if await superuser.fetchval("SELECT pg_relation_size('data_keys')") else 0  # fmt: skip
    assert left == 0


async def test_an_unclassified_record_is_the_heads_to_approve(office: RecordOffice) -> None:
    """No GM is asked; whom it waits for is in the answer, and in the tasks of exactly those people."""
    await office.file("R-1")
    asked = await office.ask("an", "/destructions", records=["R-1"])
    assert (asked.json()["classified"], asked.json()["waits_for"]) == (False, "gm_office_head")
    name = asked.json()["destruction_id"]
    assert (await office.ask("boss", f"/destructions/{name}/decisions", decision="agree")).json()["code"] == (
        "not_your_decision"
    )
    approved = await office.ask("head", f"/destructions/{name}/decisions", decision="agree")
    assert approved.json()["state"] == "approved"
    await office.ask("head", f"/destructions/{name}/witness", witness="mia")
    await office.ask("mia", f"/destructions/{name}/attest")
    await office.ask("aki", f"/destructions/{name}/execute")
    events = await office.archive.sent("archive.v1")
    asked_of = [(e["data"]["person"], e["data"]["kind"]) for e in events if e["type"] == "task.raised"]
    assert asked_of == [
        ("head", "destruction.decide"), ("head", "destruction.name_witness"), ("mia", "destruction.attest"),
        ("an", "destruction.execute"),
    ]  # fmt: skip
    assert sum(e["type"] == "task.cleared" for e in events) == 4


@pytest.mark.parametrize("witness", ["head", "boss"])
async def test_who_agreed_does_not_watch(office: RecordOffice, witness: str) -> None:
    """Whoever names them: the register would not take them, and the execution could never end."""
    await office.file("R-1", "secret")
    name = await office.approved("R-1", classified=True)
    refused = await office.ask("vic", f"/destructions/{name}/witness", witness=witness)
    assert (refused.status_code, refused.json()["code"]) == (422, "no_witness")


async def test_a_hold_set_between_approval_and_execution_stops_it(office: RecordOffice) -> None:
    """Nothing is destroyed while it stands; lifted, the archivist goes on with a fresh word of the witness."""
    await office.file("R-1")
    name = await office.witnessed("R-1")
    held = await office.ask("boss", "/holds", matter="诉讼 7", records=["R-1"])
    assert held.status_code == 201
    stopped = await office.ask("an", f"/destructions/{name}/execute")
    assert (stopped.status_code, stopped.json()["code"]) == (409, "on_hold")
    assert await held_keys(office) == {"at-R-1"}
    assert await office.archive.rows("SELECT record FROM destruction_register") == []
    assert (await office.ask("head", f"/holds/{held.json()['hold_id']}/lift")).status_code == 200
    assert (await office.ask("an", f"/destructions/{name}/execute")).json()["state"] == "executed"


@pytest.mark.parametrize("minutes", [1, 0, -1])
async def test_what_the_witness_has_not_seen_is_not_destroyed(office: RecordOffice, minutes: int) -> None:
    """Filed after the witness's word, by whatever clock: the witness looks again first."""
    await office.file("R-1")
    name = await office.witnessed("R-1")
    office.archive.clock.set(NOW + timedelta(minutes=minutes))
    file_records = office.archive.records(office.vault).file
    new = NewAttachment("all", "late.txt", "text/plain", b"came late")
    late = await file_records.attach(Principal("an", Role.ARCHIVIST), "R-1", new)
    refused = await office.ask("an", f"/destructions/{name}/execute")
    assert refused.json()["code"] == "not_attested"
    assert await held_keys(office) == {"at-R-1", late.attachment_id}
    office.archive.clock.set(NOW + timedelta(minutes=2))
    (witness,) = await office.archive.rows("SELECT witness FROM destruction_steps WHERE witness IS NOT NULL")
    assert (await office.ask(witness[0], f"/destructions/{name}/attest")).status_code == 201
    assert (await office.ask("an", f"/destructions/{name}/execute")).status_code == 201
    assert await held_keys(office) == set()


async def test_of_a_hold_and_an_execution_at_once_one_comes_first(office: RecordOffice) -> None:
    """Never both: either the record is held and there, or it is on the register and held by nobody."""
    for n in range(6):
        await office.file(f"R-{n}")
        name = await office.witnessed(f"R-{n}")
        hold, execution = await asyncio.gather(
            office.ask("boss", "/holds", matter="m", records=[f"R-{n}"]),
            office.ask("an", f"/destructions/{name}/execute"),
        )
        assert sorted([hold.status_code, execution.status_code]) == [201, 409]
        (row,) = await office.archive.rows("SELECT holds, destroyed_at FROM records WHERE record = $1", f"R-{n}")
        keys = await held_keys(office)
        assert (row["holds"] > 0) == (row["destroyed_at"] is None) == (f"at-R-{n}" in keys)


async def test_an_execution_happens_wholly_or_not_at_all(office: RecordOffice, superuser: asyncpg.Connection) -> None:
    """A failure at its very end leaves every key, every card and an empty register; then it goes through."""
    for n in range(3):
        await office.file(f"R-{n}")
    name = await office.witnessed("R-0", "R-1", "R-2")
    # As if the database went away with the last record: its key cannot be let go.
    await superuser.execute(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF OLD.attachment_id = 'at-R-2' THEN RAISE 'no'; END IF; RETURN OLD; END $$"
    )
    await superuser.execute("CREATE TRIGGER z BEFORE DELETE ON data_keys FOR EACH ROW EXECUTE FUNCTION fail()")
    with pytest.raises(asyncpg.RaiseError):
        await office.life.destroy.execute(Principal("an", Role.ARCHIVIST), name, "r")
    assert len(await held_keys(office)) == 3
    assert await office.archive.rows("SELECT record FROM destruction_register") == []
    assert await office.archive.rows("SELECT object_key FROM doomed_objects") == []
    await superuser.execute("DROP TRIGGER z ON data_keys")
    assert (await office.ask("an", f"/destructions/{name}/execute")).json()["state"] == "executed"
    assert await held_keys(office) == set()


async def test_objects_are_deleted_when_the_store_is_back(office: RecordOffice) -> None:
    """The content is gone with its keys; what the store could not delete is tried until it is."""
    for n in range(3):
        await office.file(f"R-{n}")
    name = await office.witnessed("R-0", "R-1", "R-2")
    await office.ask("an", f"/destructions/{name}/execute")
    archive = office.archive
    away = open_objects(
        ObjectSettings(url="s3://bucket", endpoint="http://127.0.0.1:9", allow_http=True, **keys(archive))
    )
    await Life.over(archive.ground, away, archive.consulting.office).delete()
    pieces = {row["object_key"] for row in await archive.rows("SELECT object_key FROM doomed_objects")}
    assert len(pieces) == 3
    assert pieces.issubset([info.key async for info in office.objects.list()])
    assert len(await archive.rows("SELECT 1 FROM doomed_objects WHERE gone_at IS NULL")) == 3
    await office.life.delete()
    assert await office.archive.rows("SELECT 1 FROM doomed_objects WHERE gone_at IS NULL") == []
    assert pieces.isdisjoint([info.key async for info in office.objects.list()])


@pytest.mark.parametrize(
    ("until", "record_class", "code"),
    [
        (date(2026, 3, 2), "statistics", "still_kept"),
        (None, "statistics", "still_kept"),
        (date(2025, 12, 31), "minutes", "still_kept"),  # the policy keeps minutes for ever by now
        (date(2026, 3, 1), "statistics", None),
    ],
)
async def test_only_what_is_over_may_be_asked_for(
    office: RecordOffice, until: date | None, record_class: str, code: str | None
) -> None:
    """By what was promised and by the policy, whichever is later; over is the day after the last."""
    await office.file("R-1", until=until, record_class=record_class)
    asked = await office.ask("an", "/destructions", records=["R-1"])
    assert (asked.status_code, asked.json().get("code")) == ((409, code) if code else (201, None))


async def test_a_record_is_in_one_open_request(office: RecordOffice) -> None:
    """Refused, withdrawn or lapsed ones let go of it; a record that is gone is asked for no more."""
    await office.file("R-1")
    first = (await office.ask("an", "/destructions", records=["R-1"])).json()["destruction_id"]
    assert (await office.ask("aki", "/destructions", records=["R-1"])).json()["code"] == "asked_before"
    await office.ask("head", f"/destructions/{first}/decisions", decision="refuse")
    second = await office.approved("R-1")
    office.archive.clock.advance(timedelta(days=31))
    async with office.client("an") as client:
        assert (await client.get(f"/destructions/{second}")).json()["state"] == "lapsed"
    third = await office.witnessed("R-1")
    await office.ask("an", f"/destructions/{third}/execute")
    assert (await office.ask("an", "/destructions", records=["R-1"])).json()["code"] == "destroyed_before"
    assert (await office.ask("boss", "/holds", matter="m", records=["R-1"])).json()["code"] == "destroyed_before"
    assert (await office.ask("an", "/destructions", records=["R-9"])).json()["code"] == "unknown_record"


STEPS = {
    "/destructions": {"an", "aki"},
    "/destructions/{}/decisions": {"head"},
    "/destructions/{}/withdraw": {"an"},
    "/destructions/{}/witness": {"head", "boss", "vic"},
    "/destructions/{}/attest": {"li"},
    "/destructions/{}/execute": {"an", "aki"},
}


@pytest.mark.parametrize("path", list(STEPS))
async def test_who_may_take_which_step(office: RecordOffice, path: str) -> None:
    """Every cell; whoever is not concerned gets the answer of a destruction that is not there."""
    await office.file("R-1")
    name = ""
    if path.endswith(("decisions", "withdraw")):
        name = (await office.ask("an", "/destructions", records=["R-1"])).json()["destruction_id"]
    elif path.endswith("witness"):
        name = await office.approved("R-1")
    elif path != "/destructions":
        name = await office.witnessed("R-1")
    concerned = {"an", "aki", "head", "boss", "vic", "ivy"} | (
        {"li"} if path.endswith(("attest", "execute")) else set()
    )
    for who in sorted(ROLES, key=lambda who: (who in STEPS[path], who)):
        answer = await office.ask(who, path.format(name), records=["R-1"], decision="agree", witness="li")
        if who in STEPS[path]:
            assert answer.status_code == 201, answer.text
            break
        if who in concerned or not name:
            assert answer.status_code == 403, answer.text
        else:
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_destruction")


async def test_who_sees_requests_and_the_register(office: RecordOffice) -> None:
    """Those who ask, decide and supervise all; a witness their own; others none, and never the register."""
    await office.file("R-1")
    await office.file("R-2")
    mine, _ = await office.witnessed("R-1"), await office.approved("R-2")
    for who in ROLES:
        async with office.client(who) as client:
            listed = [it["destruction_id"] for it in (await client.get("/destructions")).json()["items"]]
            register = (await client.get("/destructions/register")).status_code
            other = (await client.get("/destructions/nothing")).json()
        all_of_it = who in {"an", "aki", "head", "boss", "vic", "ivy"}
        assert len(listed) == 2 if all_of_it else listed == ([mine] if who == "li" else [])
        assert register == (200 if all_of_it else 403)
        assert other["code"] == "unknown_destruction"


async def test_who_left_does_nothing_more(office: RecordOffice) -> None:
    """A token outlives the day on which its holder left; a witness who left watches nothing."""
    await office.file("R-1")
    name = await office.approved("R-1")
    await office.archive.staff(*(PersonDeparted(person=who, departed_at=NOW) for who in ("vic", "mia")), at=NOW)
    assert (await office.ask("vic", f"/destructions/{name}/witness", witness="li")).json()["code"] == "not_yours"
    assert (await office.ask("boss", f"/destructions/{name}/witness", witness="mia")).json()["code"] == "departed"


async def test_two_who_decide_at_once_take_one_step(office: RecordOffice) -> None:
    """The other is told to look again, or that it is decided."""
    await office.file("R-1")
    name = (await office.ask("an", "/destructions", records=["R-1"])).json()["destruction_id"]
    answers = await asyncio.gather(
        *(office.ask("head", f"/destructions/{name}/decisions", decision=it) for it in ("agree", "refuse", "agree"))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


STEP = """
INSERT INTO destruction_steps (destruction_id, step, kind, decided_by, role, decided_at, reason, witness)
VALUES ($1, 9, $2::text::destruction_step, $3, 'gm', now(), 'mine', $4)
"""
LINE = """
INSERT INTO destruction_register (record, destruction_id, title, rank, record_class, filed_by, filed_at, kept_until,
    attachments, reason, requested_by, approved_by, witness, attested_at, executed_by, destroyed_at, destroyed_on)
VALUES ('R-1', $1, 't', 'secret', 'c', 'an', now(), '2020-01-01', '[]', 'r', 'an', 'head', 'li', now(), 'aki', now(),
    '2026-03-02')
"""


async def test_the_database_itself_destroys_nothing_without_the_procedure(
    office: RecordOffice, superuser: asyncpg.Connection
) -> None:
    """Whoever has the service's login, or the owner's rights, still has to go the whole way."""
    await office.file("R-1")
    await office.file("R-2")
    await office.archive.rows("SELECT 1")
    name = await office.approved("R-1")
    for statement, *arguments in (
        ("DELETE FROM data_keys",),
        ("UPDATE records SET destroyed_at = now()",),
        ("UPDATE records SET retain_until = '2020-01-01'",),
        ("UPDATE records SET title = 'other'",),
        ("DELETE FROM records",),
        (STEP, name, "approved", "an", None),
        (STEP, name, "executed", "head", None),
        (STEP, name, "witness_named", "vic", "an"),
        (LINE, name),
    ):
        for connection in (superuser, office.archive.database):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement, *arguments)
    assert len(await held_keys(office)) == 2


REVIVED = """
INSERT INTO attachments SELECT 'new', record, section, name, media_type, size, sha256, 'k', added_by, added_at
FROM attachments
"""


async def test_the_register_and_the_steps_are_never_rewritten(
    office: RecordOffice, superuser: asyncpg.Connection
) -> None:
    """Not by the service's login, not by the owner; a destroyed record takes no content and stays destroyed."""
    await office.file("R-1")
    name = await office.witnessed("R-1")
    await office.ask("an", f"/destructions/{name}/execute")
    for statement in (
        "UPDATE destruction_register SET witness = 'x'", "DELETE FROM destruction_register",
        "TRUNCATE destruction_register", "DELETE FROM destruction_steps", "UPDATE destructions SET reason = 'x'",
        "UPDATE records SET destroyed_at = NULL",
        REVIVED,
    ):  # fmt: skip
        for connection in (superuser, office.archive.database):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
