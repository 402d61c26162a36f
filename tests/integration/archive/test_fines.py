"""Fines: proposed from evidence, reported, settled, corrected, and never twice for one fact (N1-N5, N9, N10)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.contracts.organisation import PersonRecorded
from shared.roles import Role
from tests.integration.archive.house import Archive

pytestmark = pytest.mark.backend


async def fines_of(archive: Archive, **asked: str) -> list[dict[str, Any]]:
    async with archive.client("hr", Role.HR) as client:
        answer = await client.get("/fines", params=asked)
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_reading_without_a_grant_proposes_a_fine_with_that_very_entry(archive: Archive) -> None:
    """N2: who, which file, how much, and the number of the entry that shows it; told to the others too."""
    await archive.seal(archive.access(), archive.unapproved(file="C-9", actor="wang"))
    (fine,) = await fines_of(archive)
    assert {name: fine[name] for name in ("fine_id", "rule", "person", "file", "amount", "currency", "evidence")} == {
        "fine_id": "N2-2", "rule": "N2", "person": "wang", "file": "C-9", "amount": "50.00", "currency": "CNY",
        "evidence": {"entry": 2},
    }  # fmt: skip
    assert (fine["state"], fine["dismissal"], fine["proposed_by"]) == ("proposed", False, None)
    (proposed,) = await archive.sent("archive.v1", "fine.proposed")
    assert (proposed["type"], proposed["data"]["evidence"], proposed["data"]["amount"]) == (
        "fine.proposed", {"entry": 2}, "50",
    )  # fmt: skip


async def test_one_act_is_fined_once_however_often_it_is_told(archive: Archive) -> None:
    """A redelivered access event proposes nothing more."""
    await archive.seal(archive.unapproved(event_id="same"), archive.unapproved(event_id="same"))
    await archive.seal(archive.unapproved(event_id="same"))
    assert len(await fines_of(archive)) == 1
    assert len(await archive.sent("archive.v1", "fine.proposed")) == 1


async def test_a_refused_attempt_and_a_granted_reading_cost_nothing(archive: Archive) -> None:
    """Who was kept out has consulted nothing; who had a grant was allowed to."""
    await archive.seal(
        archive.unapproved(event_type="access.denied", outcome="denied"),
        archive.unapproved(outcome="denied"),
        archive.unapproved(grant="g-1"),
        archive.access(),
    )
    assert await fines_of(archive) == []


async def test_a_breach_without_its_file_is_a_listed_gap(archive: Archive) -> None:
    """N9: a search through many files names none, so no fine is proposed, and that is said."""
    await archive.seal(archive.unapproved(event_type="file.searched", file="*"))
    assert await fines_of(archive) == []
    async with archive.client("hr", Role.HR) as client:
        (gap,) = (await client.get("/fines/gaps")).json()["items"]
    assert (gap["kind"], gap["entry"], gap["missing"]) == ("unapproved_consulting", 1, "file")


async def test_everybody_sees_their_own_fines_only(archive: Archive) -> None:
    """N10: human resources see all of them."""
    await archive.seal(archive.unapproved(actor="wang"), archive.unapproved(actor="li"))
    async with archive.client("wang", Role.REP) as client:
        assert [fine["person"] for fine in (await client.get("/fines")).json()["items"]] == ["wang"]
        assert (await client.get("/fines", params={"person": "li"})).json()["code"] == "not_yours"
        assert (await client.get("/fines/gaps")).status_code == 403
    assert [fine["person"] for fine in await fines_of(archive)] == ["li", "wang"]
    assert [fine["person"] for fine in await fines_of(archive, person="wang")] == ["wang"]


async def test_fines_come_in_pages(archive: Archive) -> None:
    """Newest evidence first, nothing skipped."""
    await archive.seal(*(archive.unapproved() for _ in range(3)))
    async with archive.client("hr", Role.HR) as client:
        first = (await client.get("/fines", params={"limit": 2})).json()
        second = (await client.get("/fines", params={"limit": 2, "cursor": first["next"]})).json()
    assert [fine["evidence"]["entry"] for page in (first, second) for fine in page["items"]] == [3, 2, 1]


async def test_human_resources_settle_a_fine_and_correct_it(archive: Archive) -> None:
    """Each step is a new row with its reason; the state is that of the last; each is in the audit."""
    await archive.seal(archive.unapproved(actor="wang"))
    async with archive.client("hr", Role.HR) as client:
        confirmed = await client.post("/fines/N2-1/decisions", json={"state": "confirmed", "reason": "无审批表"})
        again = await client.post("/fines/N2-1/decisions", json={"state": "confirmed", "reason": "again"})
        waived = await client.post("/fines/N2-1/decisions", json={"state": "waived", "reason": "审批表已找到"})
        unknown = await client.post("/fines/N2-7/decisions", json={"state": "waived", "reason": "?"})
        silent = await client.post("/fines/N2-1/decisions", json={"state": "confirmed", "reason": " "})
    assert [answer.status_code for answer in (confirmed, again, waived, unknown, silent)] == [201, 409, 201, 404, 422]
    assert (waived.json()["state"], waived.json()["decision_reason"]) == ("waived", "审批表已找到")
    assert [fine["state"] for fine in await fines_of(archive)] == ["waived"]
    assert await fines_of(archive, state="confirmed") == []
    steps = await archive.rows("SELECT step, state::text, decided_by FROM fine_decisions ORDER BY step")
    assert [tuple(step) for step in steps] == [(1, "confirmed", "hr"), (2, "waived", "hr")]
    told = [(e["type"], e["data"]["action"], e["data"]["reason"]) for e in await archive.sent("audit.v1")]
    assert told == [
        ("decision.made", "fine.confirmed", "无审批表"),
        ("decision.made", "fine.waived", "审批表已找到"),
    ]


async def test_nobody_settles_their_own_fine_nor_without_the_right(archive: Archive) -> None:
    """Not even human resources; not a manager."""
    await archive.seal(archive.unapproved(actor="hr"))
    body = {"state": "waived", "reason": "mine"}
    async with archive.client("hr", Role.HR) as client:
        assert (await client.post("/fines/N2-1/decisions", json=body)).json()["code"] == "own_fine"
    async with archive.client("boss", Role.GM) as client:
        assert (await client.post("/fines/N2-1/decisions", json=body)).status_code == 403
    assert [fine["state"] for fine in await fines_of(archive)] == ["proposed"]


async def test_two_who_settle_at_once_do_not_overwrite_each_other(archive: Archive) -> None:
    """One takes the step, the other is told to look again."""
    await archive.seal(archive.unapproved(actor="wang"))

    async def settle(who: str, state: str) -> int:
        async with archive.client(who, Role.HR) as client:
            answer = await client.post("/fines/N2-1/decisions", json={"state": state, "reason": who})
            return answer.status_code

    codes = await asyncio.gather(*(settle(f"hr-{n}", "waived") for n in range(4)))
    assert sorted(codes) == [201, 409, 409, 409]
    assert len(await archive.sent("audit.v1")) == 1


async def test_a_report_needs_evidence_that_bears_it(archive: Archive) -> None:
    """N9: the entry exists and speaks of that person and file, and the rule takes that kind of evidence."""
    await archive.staff(PersonRecorded(person="li", role="rep", active=True))
    await archive.seal(archive.access("file.exported", actor="wang", file="C-9"), archive.amended("C-5", 3))
    report: dict[str, Any] = {
        "kind": "unapproved_copy",
        "person": "wang",
        "file": "C-9",
        "evidence": {"entry": 1},
        "reason": "U 盘",
    }
    refused: dict[str, dict[str, Any]] = {
        "unknown_evidence": {"evidence": {"entry": 99}},
        "evidence_of_another": {"person": "li"},
        "missing_fact": {"file": None},
        "wrong_evidence": {"kind": "stale_file"},
    }
    async with archive.client("du", Role.INSPECTOR) as client:
        for code, change in refused.items():
            answer = await client.post("/fines", json=report | change)
            assert (answer.status_code, answer.json()["code"]) == (422, code)
        first = await client.post("/fines", json=report)
        second = await client.post("/fines", json=report)
        stale = await client.post(
            "/fines",
            json={
                "kind": "stale_file",
                "person": "li",
                "file": "C-5",
                "evidence": {"event": "C-5:3"},
                "reason": "两个月未更新",
            },
        )
        nobody = {"kind": "stale_file", "person": "lii", "file": "C-5", "evidence": {"event": "C-5:3"}, "reason": "?"}
        assert (await client.post("/fines", json=nobody)).json()["code"] == "unknown_person"
    assert (first.status_code, second.status_code, stale.status_code) == (201, 409, 201)
    assert (first.json()["amount"], first.json()["dismissal"], first.json()["proposed_by"]) == ("500.00", True, "du")
    assert stale.json()["evidence"] == {"entry": 2, "event": "C-5:3"}
    assert [event["data"]["evidence"] for event in await archive.sent("archive.v1", "fine.proposed")] == [
        {"entry": 1},
        {"event": "C-5:3"},
    ]
    async with archive.client("li", Role.REP) as client:
        assert (await client.post("/fines", json=report)).status_code == 403


async def test_destroying_is_fined_by_the_tier_that_the_file_had_then(archive: Archive) -> None:
    """N5: of the company's and the departments' files; the chain itself tells which tier a file was of."""
    await archive.seal(
        archive.access(actor="wang"),
        archive.amended(version=1, tier="company"),
        archive.access(actor="wang"),
        archive.amended(version=2, tier="personal"),
        archive.access(actor="wang"),
    )
    report: dict[str, Any] = {"kind": "unapproved_destruction", "person": "wang", "file": "C-1", "reason": "删除"}
    async with archive.client("du", Role.INSPECTOR) as client:
        answers = [await client.post("/fines", json=report | {"evidence": {"entry": n}}) for n in (1, 3, 5)]
    assert [answer.status_code for answer in answers] == [422, 201, 422]
    assert [answers[0].json()["code"], answers[2].json()["code"]] == ["missing_fact", "other_tier"]


async def test_altering_a_file_is_recorded_without_an_amount(archive: Archive) -> None:
    """N5: forbidden, no amount given: a breach in the book, nothing to pay, nothing published."""
    await archive.seal(archive.access(actor="wang", file="C-9"))
    async with archive.client("du", Role.INSPECTOR) as client:
        answer = await client.post(
            "/fines",
            json={"kind": "unapproved_alteration", "person": "wang", "file": "C-9", "evidence": {"entry": 1},
                  "reason": "涂改"},
        )  # fmt: skip
    assert (answer.status_code, answer.json()["amount"], answer.json()["rule"]) == (201, None, "N5")
    assert await archive.sent("archive.v1", "fine.proposed") == []


async def test_one_entry_may_show_more_than_one_breach_of_a_rule(archive: Archive) -> None:
    """N5: who altered turns out to have destroyed, which weighs more; two people may answer for one event."""
    await archive.staff(*(PersonRecorded(person=name, role="rep", active=True) for name in ("wang", "li")))
    await archive.seal(archive.amended(tier="company"))

    async def report(kind: str, person: str) -> tuple[int, str]:
        body = {"kind": kind, "person": person, "file": "C-1", "evidence": {"entry": 1}, "reason": "涂改"}
        async with archive.client("du", Role.INSPECTOR) as client:
            answer = await client.post("/fines", json=body)
        return answer.status_code, answer.json().get("fine_id") or answer.json()["code"]

    assert await report("unapproved_alteration", "wang") == (201, "N5-1")
    assert await report("unapproved_destruction", "wang") == (201, "N5-1-unapproved_destruction-wang")
    assert await report("unapproved_destruction", "wang") == (409, "fined_before")
    assert await report("unapproved_alteration", "wang") == (409, "fined_before")
    assert await report("unapproved_destruction", "li") == (201, "N5-1-unapproved_destruction-li")
    states = {fine["fine_id"]: fine["state"] for fine in await fines_of(archive, person="wang")}
    assert states == {"N5-1": "replaced", "N5-1-unapproved_destruction-wang": "proposed"}


async def test_one_sale_is_fined_once_whichever_order_its_report_names(archive: Archive) -> None:
    """O5: found by a rule; a report by the same entry neither fines it again nor makes another order of it."""
    await archive.seal(archive.breach(kind="low_margin", breach_id="b", file="customer:C-1", order_id="SO-1"))
    async with archive.client("du", Role.INSPECTOR) as client:
        report: dict[str, Any] = {"kind": "low_margin", "person": "wang", "evidence": {"entry": 1}, "reason": "?"}
        for order, code in (("SO-1", "fined_before"), ("SO-2", "evidence_of_another"), (None, "fined_before")):
            answer = await client.post("/fines", json=report | {"order_id": order})
            assert answer.json()["code"] == code
    assert len(await fines_of(archive)) == 1
