"""Who left: what ends with it, who is asked, and what their last weeks hold (P6)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from shared.contracts.organisation import CustomersHandedOver, PersonDeparted, PersonRecorded, TakenOver
from shared.roles import Role
from tests.integration.archive.house import NOW, Archive
from tests.integration.archive.record_office import ROLES, RecordOffice

pytestmark = pytest.mark.backend


@pytest.fixture
async def office(archive: Archive, tmp_path: Path) -> RecordOffice:
    office = RecordOffice(archive, tmp_path)
    await office.staff()
    return office


async def leave(office: RecordOffice, person: str = "li") -> None:
    await office.archive.staff(PersonDeparted(person=person, departed_at=NOW), at=NOW)


async def hand_over(office: RecordOffice) -> None:
    data = CustomersHandedOver(
        handover_id="departure:li:1", person="li", handed_over_at=NOW, by="mia", customers=3,
        receivers=(TakenOver(person="bob", customers=2), TakenOver(person="eve", customers=1)),
    )  # fmt: skip
    await office.archive.tell("organisation.v1", "customers.handed_over", data)


async def tasks(office: RecordOffice) -> list[tuple[str, str, str]]:
    """Person and kind of each task, raised and cleared."""
    events = await office.archive.sent("archive.v1")
    kinds = {e["data"]["task_id"]: e["data"]["kind"].split(".2")[0] for e in events if e["type"] == "task.raised"}
    return [(e["type"], e["data"]["person"], kinds[e["data"]["task_id"]]) for e in events]


async def test_grants_and_tasks_of_a_leaver_end_in_one_transaction_and_once(office: RecordOffice) -> None:
    """Those that run are revoked and told; the managers are asked to review and to hand over; told again: nothing."""
    for number, person in enumerate(("li", "li", "hana")):
        await office.grant(number, f"customer:C-{number}", person, 1)
    await leave(office)
    await office.life.settle()
    await office.life.settle()
    await leave(office)
    await office.life.settle()
    revoked = [e["data"] for e in await office.archive.sent("grants.v1") if e["type"] == "grant.revoked"]
    assert sorted(it["file"] for it in revoked) == ["customer:C-0", "customer:C-1"]
    assert sorted(await tasks(office)) == [
        ("task.raised", "mia", "leaving.hand_over"), ("task.raised", "mia", "leaving.review"),
    ]  # fmt: skip
    settled = [e["data"] for e in await office.archive.sent("audit.v1") if e["data"]["action"] == "leaving.settled"]
    assert [(it["file"], it["reason"]) for it in settled] == [("person:li", "2 grants revoked, 0 tasks cleared")]


async def test_a_hand_over_asks_the_receivers_and_asks_the_manager_no_more(office: RecordOffice) -> None:
    """Told after the departure, or before it as in one act."""
    await leave(office)
    await office.life.settle()
    await hand_over(office)
    await office.life.settle()
    assert sorted(await tasks(office)) == [
        ("task.cleared", "mia", "leaving.hand_over"),
        ("task.raised", "bob", "introduction"), ("task.raised", "eve", "introduction"),
        ("task.raised", "mia", "leaving.hand_over"), ("task.raised", "mia", "leaving.review"),
    ]  # fmt: skip
    told = [e["data"]["words"]["zh"] for e in await office.archive.sent("archive.v1") if e["data"]["person"] == "bob"]
    assert "2 个客户已移交给您" in told[0]
    await office.archive.staff(PersonRecorded(person="bob", role="rep", department="field", active=True))
    assert (await office.ask("bob", "/leavings/li/introduced", Role.REP, remark="都已电话告知")).status_code == 201
    assert (await tasks(office))[-1] == ("task.cleared", "bob", "introduction")


async def test_only_a_receiver_says_that_they_introduced_themselves(office: RecordOffice) -> None:
    """Once; of anybody else it would be an entry about something that never was."""
    await hand_over(office)
    await leave(office)
    await office.life.settle()
    said = [
        (await office.ask(who, f"/leavings/{of}/introduced", Role.REP, remark="已告知")).status_code
        for who, of in (("li", "li"), ("qi", "li"), ("bob", "nobody"), ("bob", "li"), ("bob", "li"))
    ]
    assert said == [403, 404, 404, 201, 404]
    entries = [e["data"] for e in await office.archive.sent("audit.v1") if e["data"]["action"] == "leaving.introduced"]
    assert [(it["actor"], it["file"]) for it in entries] == [("bob", "person:li")]


async def test_in_one_act_nobody_is_asked_to_hand_over(office: RecordOffice) -> None:
    """The hand-over is told first, in the same frame."""
    await hand_over(office)
    await leave(office)
    await office.life.settle()
    assert ("task.raised", "mia", "leaving.hand_over") not in await tasks(office)


async def test_who_is_recorded_as_inactive_has_left_too(office: RecordOffice) -> None:
    """An HR system may say it so; who comes back and leaves again has left again."""
    for minutes, active in enumerate((False, True, False)):
        at = NOW + timedelta(minutes=minutes)
        await office.archive.staff(PersonRecorded(person="li", role="rep", department="field", active=active), at=at)
    async with office.client("hana") as client:
        found = (await client.get("/leavings")).json()["items"]
    assert [(it["person"], it["department"]) for it in found] == [("li", "field"), ("li", "field")]


async def test_the_last_weeks_are_listed_and_reviewed(office: RecordOffice) -> None:
    """What was read, searched, exported, and what was tried since; older deeds and other people's are not."""
    await office.archive.seal(
        office.archive.access(actor="li", at=NOW - timedelta(weeks=9)),
        office.archive.access(actor="li", at=NOW - timedelta(weeks=7)),
        office.archive.access("file.exported", actor="li", file="C-2", at=NOW - timedelta(days=1), grant="g-1"),
        office.archive.access("file.exported", actor="li", file="C-3", at=NOW - timedelta(days=1)),
        office.archive.access("file.searched", actor="li", file="*", at=NOW - timedelta(days=2)),
        office.archive.access(actor="bob", at=NOW - timedelta(days=1)),
        office.archive.access("access.denied", actor="li", outcome="denied", at=NOW + timedelta(minutes=5)),
    )
    await leave(office)
    await office.life.settle()
    office.archive.clock.advance(timedelta(hours=1))
    async with office.client("mia") as client:
        weeks = (await client.get("/leavings/li")).json()
        exports = (await client.get("/leavings/li/entries", params={"action": "file.exported"})).json()["items"]
        paged = (await client.get("/leavings/li/entries", params={"limit": 3})).json()
        rest = (await client.get("/leavings/li/entries", params={"limit": 3, "cursor": paged["next"]})).json()
    assert [(d["action"], d["outcome"], d["times"], d["files"], d["by_grant"]) for d in weeks["deeds"]] == [
        ("access.denied", "denied", 1, 1, 0), ("file.exported", "allowed", 2, 2, 1), ("file.read", "allowed", 1, 1, 0),
        ("file.searched", "allowed", 1, 1, 0),
    ]  # fmt: skip
    assert [entry["file"] for entry in exports] == ["C-3", "C-2"]
    assert [entry["seq"] for page in (paged, rest) for entry in page["items"]] == [7, 5, 4, 3, 2]
    reviewed = await office.ask("mia", "/leavings/li/review", finding="suspicious", remark="导出两份，已上报")
    assert (reviewed.status_code, reviewed.json()["finding"]) == (201, "suspicious")
    assert ("task.cleared", "mia", "leaving.review") in await tasks(office)
    again = await office.ask("boss", "/leavings/li/review", finding="clear", remark="已核实")
    assert (again.json()["reviewed_by"], again.json()["finding"]) == ("boss", "clear")
    assert len(await office.archive.rows("SELECT 1 FROM leaving_reviews")) == 2


@pytest.mark.parametrize("path", ["/leavings", "/leavings/li", "/leavings/li/entries"])
async def test_who_sees_leavings(office: RecordOffice, path: str) -> None:
    """Human resources, the GM, inspectors, and the department's own manager; never the leaver."""
    await leave(office)
    for who in ROLES:
        async with office.client(who) as client:
            answer = await client.get(path)
        expected: Any = 200 if who in {"hana", "boss", "ivy", "mia"} else 403
        if who == "max":  # another department's manager sees that nothing is there
            expected = 200 if path == "/leavings" else 404
        assert answer.status_code == expected, (who, answer.text)
        if who == "max" and expected == 200:
            assert answer.json()["items"] == []


async def test_who_reviews(office: RecordOffice, superuser: asyncpg.Connection) -> None:
    """The department's manager or the GM; not whoever only sees it, and nobody themselves, in the database neither."""
    await leave(office)
    await leave(office, "boss")
    for who in ROLES:
        answer = await office.ask(who, "/leavings/li/review", finding="clear", remark="x")
        assert answer.status_code == (201 if who == "mia" else 404 if who == "max" else 403), (who, answer.text)
    with pytest.raises(asyncpg.CheckViolationError):
        await superuser.execute("INSERT INTO leaving_reviews VALUES ('li', $1, 9, 'li', now(), 'clear', 'x')", NOW)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await superuser.execute("DELETE FROM leaving_reviews")


async def test_without_a_manager_of_the_department_the_gm_is_asked(office: RecordOffice) -> None:
    """A manager who leaves is reviewed by the GM, and owns no customers to hand over."""
    await leave(office, "mia")
    await office.life.settle()
    assert await tasks(office) == [("task.raised", "boss", "leaving.review")]
