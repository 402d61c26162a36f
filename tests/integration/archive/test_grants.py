"""Grants: given by requests alone, revoked, returned, warned of; and the heartbeat that keeps readers trusting them."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg
import pytest

from shared.contracts.grants import GrantRevoked
from shared.contracts.organisation import PersonDeparted, PersonRecorded, StationRecorded
from shared.engine.model import Outgoing
from shared.roles import Role
from tests.integration.archive.company import CUSTOMER, ask, call, decide, file_records, grant, staff
from tests.integration.archive.house import NOW, Archive
from tests.integration.archive.test_records import attach, file

pytestmark = pytest.mark.backend

RECORD = "record:R-confidential"


@pytest.fixture
async def company(archive: Archive, superuser: asyncpg.Connection) -> Archive:
    """Everybody at work, with a customer's file and records."""
    await staff(archive)
    await file_records(archive, superuser)
    return archive


async def test_a_released_request_reaches_the_readers_and_the_audit(company: Archive) -> None:
    """Given by the archivist, published with its file as key, in one transaction with the audit of it."""
    asked = await ask(company, "qi", sections=["trading"])
    for person in ("bao", "meng", "boss"):
        assert (await decide(company, person, asked["request_id"])).status_code == 201
    early = await company.sent("grants.v1")
    answer = await call(company, "an", "POST", "/grants", {"request": asked["request_id"], "reason": "已核对"})
    assert answer.status_code == 201, answer.text
    given = answer.json()
    assert early == []
    assert (given["person"], given["approved_by"], given["given_by"], given["copy"], given["uses"]) == (
        "qi", "boss", "an", False, None,
    )  # fmt: skip
    (event,) = await company.sent("grants.v1")
    assert (event["type"], event["data"]["grant_id"], event["data"]["sections"], event["data"]["file"]) == (
        "grant.given", given["grant_id"], ["trading"], CUSTOMER,
    )  # fmt: skip
    actions = [e["data"]["action"] for e in await company.sent("audit.v1")]
    assert actions == [
        "request.made", "request.sign", "request.consent", "request.approve", "request.release", "grant.given",
    ]  # fmt: skip
    assert (await call(company, "qi", "GET", f"/requests/{asked['request_id']}")).json()["state"] == "released"


async def test_there_is_no_grant_without_its_chain(company: Archive, superuser: asyncpg.Connection) -> None:
    """Not by the desk while a step is open, and not by whoever writes to the table, be it the owner."""
    asked = await ask(company, "qi")
    await decide(company, "bao", asked["request_id"])
    early = await call(company, "an", "POST", "/grants", {"request": asked["request_id"], "reason": "?"})
    assert (early.status_code, early.json()["code"]) == (403, "not_approved")
    none = await call(company, "an", "POST", "/grants", {"request": "none", "reason": "?"})
    assert none.status_code == 404
    forged = (
        "INSERT INTO grants (grant_id, file, person, sections, copy_allowed, not_before, until, approved_by, given_by,"
        " given_at, request_id) VALUES ('g', $1, 'qi', '{*}', false, now(), now() + '1 h', 'boss', 'an', now(), $2)"
    )
    for request in (asked["request_id"], None):
        with pytest.raises(asyncpg.PostgresError):
            await superuser.execute(forged, CUSTOMER, request)
    assert await company.sent("grants.v1") == []


async def test_a_grant_is_revoked_once_by_the_archivist_or_who_decided(company: Archive) -> None:
    """Readers hear of it after the grant itself, on the same key; to a stranger there is no such grant."""
    granted = await grant(company)
    path = f"/grants/{granted['grant_id']}/revoke"
    stranger = await call(company, "mei", "POST", path, {"reason": "?"})
    reader = await call(company, "qi", "POST", path, {"reason": "?"})
    signer = await call(company, "bao", "POST", path, {"reason": "已离岗"})
    again = await call(company, "an", "POST", path, {"reason": "已离岗"})
    unknown = await call(company, "an", "POST", "/grants/none/revoke", {"reason": "?"})
    answers = [a.status_code for a in (stranger, reader, signer, again, unknown)]
    assert answers == [404, 403, 200, 409, 404]
    assert [event["type"] for event in await company.sent("grants.v1")] == ["grant.given", "grant.revoked"]


async def test_a_personal_file_stays_open_as_long_as_asked_and_a_company_file_once(company: Archive) -> None:
    """The policy bounds how long and how often; the asker's own end counts where it comes first."""
    assert datetime.fromisoformat((await grant(company))["until"]) == NOW + timedelta(days=1)
    await company.seal(company.amended("C-2", tier="company"))
    once = await grant(company, file="customer:C-2", until=(NOW + timedelta(days=9)).isoformat())
    assert (once["uses"], datetime.fromisoformat(once["until"])) == (1, NOW + timedelta(hours=24))


async def test_rank_1_is_lent_for_four_hours_and_asked_for_when_overdue(company: Archive) -> None:
    """A3: warned before the end, overdue after it to borrower and archivist, until the archivist has it back."""
    lent = await grant(company, "meng", file=RECORD, original=True)
    assert datetime.fromisoformat(lent["until"]) == NOW + timedelta(hours=4)
    other = await ask(company, "mei", file=RECORD, original=True)
    for person in ("fu", "boss"):
        assert (await decide(company, person, other["request_id"])).status_code == 201
    taken = await decide(company, "an", other["request_id"])
    assert (taken.status_code, taken.json()["code"]) == (409, "lent_out")

    company.clock.advance(timedelta(hours=3, minutes=45))
    await company.watch()
    await company.watch()
    company.clock.advance(timedelta(hours=1))
    await company.watch()
    await company.watch()
    tasks = await company.sent("archive.v1")
    raised = [(e["data"]["kind"], e["data"]["person"]) for e in tasks if e["type"] == "task.raised"]
    assert [kind for kind, person in raised if person == "meng" and kind.startswith(("grant", "loan"))] == [
        "grant.open", "grant.ends_soon", "loan.overdue",
    ]  # fmt: skip
    assert raised.count(("loan.overdue", "an")) == 1
    own = await call(company, "meng", "POST", f"/grants/{lent['grant_id']}/returned", {"remark": "完好"})
    back = await call(company, "an", "POST", f"/grants/{lent['grant_id']}/returned", {"remark": "完好"})
    again = await call(company, "an", "POST", f"/grants/{lent['grant_id']}/returned", {"remark": "完好"})
    assert [own.status_code, back.status_code, again.status_code] == [403, 200, 409]
    assert (await decide(company, "an", other["request_id"])).status_code == 201
    open_tasks = await company.rows("SELECT person FROM tasks WHERE subject_type = 'loan' AND cleared_at IS NULL")
    assert open_tasks == []


async def test_a_record_of_rank_2_is_read_once_piece_by_piece(company: Archive) -> None:
    """Asked, approved, released, read in the reading room: each piece once, by the grant that the audit names."""
    room = StationRecorded(station="room", networks=("10.0.0.0/24",), place="hq", reading_room=True, active=True)
    await company.tell("organisation.v1", "station.recorded", room)
    pieces = [(await file(company, "r-2", "secret"))["attachment_id"]]
    async with company.client("zhao", Role.ARCHIVIST) as archivist:
        pieces.append((await attach(archivist, "r-2"))["attachment_id"])
    granted = await grant(company, "meng", file="record:r-2")
    assert (granted["uses"], granted["reading_room"]) == (1, True)
    answers = [
        (await call(company, "meng", "GET", f"/records/r-2/attachments/{piece}")).status_code
        for piece in (*pieces, *pieces)
    ]
    assert answers == [200, 200, 403, 403]


@pytest.mark.parametrize("moved", ["file to another tier", "reader to another department", "reader to another role"])
async def test_a_grant_ends_when_what_it_was_given_for_is_so_no_more(company: Archive, moved: str) -> None:
    """Others would have to consent, or sign, today; nothing else that happens to a file or a reader ends it."""
    granted = await grant(company, until=(NOW + timedelta(days=9)).isoformat())
    other = await grant(company, "bao")
    at = NOW + timedelta(minutes=1)
    await company.seal(company.amended(version=2))
    await company.staff(PersonRecorded(person="qi", role="rep", department="d2", manager="mei", active=True), at=at)
    await company.watch()
    assert await company.sent("grants.v1", "grant.revoked") == []
    if moved == "file to another tier":
        await company.seal(company.amended(version=3, tier="company"))
    else:
        place = {"role": "rep", "department": "d3"} if "department" in moved else {"role": "hr", "department": "d2"}
        await company.staff(PersonRecorded(person="qi", manager="mei", active=True, **place), at=at)
    await company.watch()
    await company.watch()
    ended = {event["data"]["grant_id"] for event in await company.sent("grants.v1", "grant.revoked")}
    lost = {granted["grant_id"], other["grant_id"]} if "tier" in moved else {granted["grant_id"]}
    assert ended == lost
    entries = [e["data"] for e in await company.sent("audit.v1") if e["data"]["action"] == "grant.revoked"]
    assert {entry["grant"] for entry in entries} == lost
    assert {entry["reason"] for entry in entries} == {"file_changed" if "tier" in moved else "asker_changed"}


async def test_who_changed_places_asks_anew(company: Archive) -> None:
    """The manager who signed is theirs no more."""
    asked = await ask(company, "qi")
    for person in ("bao", "meng", "boss"):
        await decide(company, person, asked["request_id"])
    moved = PersonRecorded(person="qi", role="rep", department="d3", manager="mei", active=True)
    await company.staff(moved, at=NOW + timedelta(minutes=1))
    answer = await decide(company, "an", asked["request_id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "asker_changed")
    assert (await decide(company, "an", asked["request_id"], "refuse")).status_code == 201


async def test_a_heartbeat_carries_the_present_moment(archive: Archive) -> None:
    """Each beat is an event of its own, with a time by which readers judge how old their copy is."""
    await archive.consulting.grants.beat()
    archive.clock.advance(timedelta(seconds=10))
    await archive.consulting.grants.beat()
    beats = await archive.sent("grants.v1")
    assert [beat["type"] for beat in beats] == ["grants.heartbeat"] * 2
    assert beats[0]["data"]["at"] < beats[1]["data"]["at"]
    assert beats[0]["id"] != beats[1]["id"]


async def test_while_the_broker_does_not_take_a_revocation_nobody_is_told_that_archive_lives(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """Its partition may have no leader while that of the heartbeats has one: readers are to notice, and refuse."""
    revoked = GrantRevoked(grant_id="g-1", file="customer:C-1", revoked_at=NOW, revoked_by="boss", reason="over")
    async with archive.database.transaction() as tx:
        await archive.desk.publish(tx, [Outgoing("grants.v1", revoked.file, "grant.revoked", "g-1:revoked", revoked)])
    await archive.consulting.grants.beat()
    assert len(await archive.sent("grants.v1")) == 2
    await superuser.execute("UPDATE outbox SET appended_at = appended_at - interval '11 seconds'")
    await archive.consulting.grants.beat()
    assert len(await archive.sent("grants.v1")) == 2
    await superuser.execute("DELETE FROM outbox")  # the broker took them
    await archive.consulting.grants.beat()
    assert len(await archive.sent("grants.v1")) == 1


async def test_who_left_gets_no_grant(company: Archive) -> None:
    """What they asked for lapses, and cannot be released in the meantime."""
    asked = await ask(company, "qi")
    for person in ("bao", "meng", "boss"):
        await decide(company, person, asked["request_id"])
    later = NOW + timedelta(minutes=5)
    await company.staff(PersonDeparted(person="qi", departed_at=later), at=later)
    answer = await decide(company, "an", asked["request_id"])
    assert answer.json()["code"] == "departed"
    await company.watch()
    (end,) = await company.rows("SELECT ended FROM request_ends")
    assert end["ended"] == "lapsed"
    assert await company.sent("grants.v1") == []
