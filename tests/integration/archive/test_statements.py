"""The month: what counts in it, what waits for a wage, how it is closed and reported (N7–N9, W3)."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from shared.contracts.organisation import PersonRecorded
from shared.engine.model import Received
from shared.roles import Role
from tests.integration.archive.house import NOW, Archive
from tests.integration.archive.offices import decide, get, post, tasks

pytestmark = pytest.mark.backend
TODAY = NOW.date()


def conduct(archive: Archive, kind: str, number: int, **changed: Any) -> Received:
    """Something that somebody reported of wang's conduct."""
    told: dict[str, Any] = {"breach_id": f"{kind}:{number}", "kind": kind, "file": None, "occurred_on": TODAY}
    return archive.breach(**told | changed)


async def fines(archive: Archive) -> list[tuple[str, str, str | None, int]]:
    """Kind, person, amount and evidence of every fine, oldest first."""
    items = (await get(archive, "/fines")).json()["items"]
    return [(it["kind"], it["person"], it["amount"], it["evidence"]["entry"]) for it in reversed(items)]


async def gaps(archive: Archive) -> list[tuple[str, int, str]]:
    """What is listed as lacking a fact."""
    items = (await get(archive, "/fines/gaps")).json()["items"]
    return [(it["kind"], it["entry"], it["missing"]) for it in items]


async def test_what_happens_often_in_a_month_costs_from_the_entry_that_crosses(archive: Archive) -> None:
    """N7, over several batches and two months: the count is kept, each fact counts once."""
    first = [conduct(archive, "lateness", n) for n in (1, 2)]
    await archive.seal(*first)
    await archive.seal(conduct(archive, "lateness", 2), conduct(archive, "lateness", 3))
    february = TODAY - timedelta(days=5)
    await archive.seal(conduct(archive, "lateness", 4, occurred_on=february))
    await archive.seal(*(conduct(archive, "wrong_delivery", n) for n in range(4)))
    assert await fines(archive) == [
        ("lateness", "wang", "20.00", 2), ("lateness", "wang", "10.00", 3), ("wrong_delivery", "wang", "30.00", 7),
    ]  # fmt: skip


async def test_what_was_explained_counts_no_more(archive: Archive) -> None:
    """N9: an excused lateness is none, so the next one is the second again."""
    await archive.seal(conduct(archive, "lateness", 1), conduct(archive, "lateness", 2))
    await decide(archive, "N7-2", "explained")
    await archive.seal(conduct(archive, "lateness", 3))
    assert await fines(archive) == [("lateness", "wang", "20.00", 2), ("lateness", "wang", "20.00", 3)]


async def test_a_report_counts_as_what_was_found_does_and_once(archive: Archive) -> None:
    """The first lateness by report costs nothing yet; the same fact is not counted again."""
    await archive.seal(archive.access(actor="wang"), archive.access(actor="wang"))

    async def report(entry: int) -> tuple[int, dict[str, Any]]:
        body = {"kind": "lateness", "person": "wang", "evidence": {"entry": entry}, "reason": "迟到"}
        answer = await post(archive, "du", Role.INSPECTOR, "/fines", body)
        return answer.status_code, answer.json()

    status, counted = await report(1)
    assert (status, counted) == (202, {"counted": True, "kind": "lateness", "person": "wang"})
    assert (await report(1))[0] == 409
    status, fine = await report(2)
    assert (status, fine["amount"]) == (201, "20.00")
    assert (await report(2))[0] == 409
    await archive.seal(conduct(archive, "lateness", 1))
    assert [each[2] for each in await fines(archive)] == ["20.00", "10.00"]


async def test_a_return_waits_for_the_wage_and_then_costs_its_part(archive: Archive) -> None:
    """N8, N9: the gap becomes a proposal when the wage of that month comes, once, and the wage is told to nobody."""
    await archive.seal(conduct(archive, "faulty_return", 1, amount=Decimal("833.33"), order_id="SO-1"))
    assert (await fines(archive), await gaps(archive)) == ([], [("faulty_return", 1, "base_wage")])
    late = {"amount": "1200", "from_month": "2026-04", "reason": "调薪"}
    assert (await post(archive, "hr", Role.HR, "/wages/wang", late)).json()["proposed"] == []
    wage = {"amount": "1234.56", "from_month": "2026-01", "reason": "入职"}
    (proposed,) = (await post(archive, "hr", Role.HR, "/wages/wang", wage)).json()["proposed"]
    assert (proposed["amount"], proposed["sum"], proposed["order_id"]) == ("49.3824", "833.33", "SO-1")
    assert await gaps(archive) == []
    assert (await post(archive, "hr", Role.HR, "/wages/wang", wage)).json()["proposed"] == []
    assert await fines(archive) == [("faulty_return", "wang", "49.3824", 1)]
    told = [*await archive.sent("archive.v1"), *await archive.sent("audit.v1")]
    assert not [event for event in told if "1234.56" in str(event) or "1200" in str(event)]


async def test_wages_are_shown_to_whose_they_are_and_to_human_resources(archive: Archive) -> None:
    """Each look is in the audit."""
    for person, amount in (("wang", "1000"), ("li", "1100"), ("wang", "1050.50")):
        body = {"amount": amount, "from_month": "2026-01", "reason": "登记"}
        assert (await post(archive, "hr", Role.HR, f"/wages/{person}", body)).status_code == 201
    own = await get(archive, "/wages/wang", "wang", Role.REP)
    assert [wage["amount"] for wage in own.json()] == ["1050.50", "1000.00"]
    assert (await get(archive, "/wages/wang", "li", Role.REP)).status_code == 403
    assert (await get(archive, "/wages", "boss", Role.GM)).status_code == 403
    assert [(wage["person"], wage["amount"]) for wage in (await get(archive, "/wages")).json()["items"]] == [
        ("li", "1100.00"), ("wang", "1050.50"),
    ]  # fmt: skip
    looks = [e["data"]["action"] for e in await archive.sent("audit.v1") if e["type"] == "file.searched"]
    assert looks == ["wage.read", "wages.read"]


async def test_the_months_returns_bring_measures_and_the_manager_answers(archive: Archive) -> None:
    """N8: over 4,000 no allowances, over 6,000 base pay only and the area manager too; no sum, yet settled."""
    await archive.staff(PersonRecorded(person="wang", role="rep", department="d1", manager="chen", active=True))
    await archive.seal(
        conduct(archive, "faulty_return", 1, amount=Decimal(150)),
        conduct(archive, "faulty_return", 2, amount=Decimal(4000)),
    )
    await archive.seal(conduct(archive, "faulty_return", 3, amount=Decimal(5000)))
    measures = [each for each in await fines(archive) if each[0] == "returns_in_month"]
    assert measures == [
        ("returns_in_month", "wang", None, 2), ("returns_in_month", "wang", None, 3),
        ("returns_in_month", "chen", None, 3),
    ]  # fmt: skip
    await decide(archive, "N8-3-6000-manager", "confirmed")
    statement = (await get(archive, "/statements/2026-03")).json()
    assert [(line["fine"]["person"], line["due"]) for line in statement["lines"]] == [("chen", "0.00")]


async def test_one_act_found_in_two_ways_is_fined_once_by_the_graver_rule(archive: Archive) -> None:
    """Whoever copied has read: the lighter fine is replaced, reversed if it stood, and its task is gone."""
    await archive.staff(PersonRecorded(person="hr", role="hr", active=True))
    await archive.seal(archive.unapproved(event_type="file.exported", event_id="export-1", actor="wang"))
    await decide(archive, "N2-1", "confirmed")
    cause = {"id": "export-1", "source": "/tierline/customers", "type": "file.exported"}
    await archive.seal(archive.breach(cause=cause))
    states = {it["fine_id"]: it["state"] for it in (await get(archive, "/fines")).json()["items"]}
    assert states == {"N2-1": "replaced", "N4-2": "proposed"}
    assert [(line["fine"]["fine_id"], line["due"], line["decided_by"]) for line in (
        await get(archive, "/statements/2026-03")
    ).json()["lines"]] == [("N2-1", "50.00", "hr"), ("N2-1", "-50.00", None)]  # fmt: skip
    assert await tasks(archive) == {("wang", "fine.explain"), ("hr", "fine.decide")}
    # Nor does a report of either kind, by either entry, fine it again.
    for kind in ("unapproved_consulting", "unapproved_copy"):
        for entry in (1, 2):
            body = {"kind": kind, "person": "wang", "file": "C-1", "evidence": {"entry": entry}, "reason": "?"}
            answer = await post(archive, "du", Role.INSPECTOR, "/fines", body)
            assert (answer.status_code, answer.json()["code"]) == (409, "fined_before")


async def test_a_lighter_rule_does_not_fine_what_a_graver_one_has(archive: Archive) -> None:
    """Who copied with a grant to read is not fined for reading as well."""
    await archive.seal(archive.unapproved(event_type="file.exported", event_id="export-1", actor="wang", grant="g-1"))
    cause = {"id": "export-1", "source": "/tierline/customers", "type": "file.exported"}
    await archive.seal(archive.breach(cause=cause))
    body = {"kind": "unapproved_consulting", "person": "wang", "file": "C-1", "evidence": {"entry": 1}, "reason": "?"}
    assert (await post(archive, "du", Role.INSPECTOR, "/fines", body)).json()["code"] == "fined_before"
    assert [kind for kind, *_ in await fines(archive)] == ["unapproved_copy"]


async def test_a_stale_file_costs_once_a_month_whoever_tells_it(archive: Archive) -> None:
    """P2: by a rule under one event, by a report under another."""
    await archive.staff(PersonRecorded(person="wang", role="rep", active=True))
    stale = {"kind": "stale_file", "breach_id": "stale:C-1:2026-03"}
    await archive.seal(archive.breach(**stale), archive.amended("C-1", 7))
    body = {"kind": "stale_file", "person": "wang", "file": "C-1", "evidence": {"event": "C-1:7"}, "reason": "未更新"}
    assert (await post(archive, "du", Role.INSPECTOR, "/fines", body)).json()["code"] == "fined_before"
    assert await fines(archive) == [("stale_file", "wang", "20.00", 1)]


async def test_a_gap_is_let_be_once_with_a_reason_and_not_by_whom_it_concerns(archive: Archive) -> None:
    """What nobody will be fined for does not stay on the list for ever; it is in the audit why."""
    await archive.seal(archive.breach(person=None), archive.breach(breach_id="b", kind="low_margin", person="hr-2"))
    assert await gaps(archive) == [("low_margin", 2, "order"), ("unapproved_copy", 1, "person")]
    because = {"reason": "磁盘损坏，非人为"}
    path = "/fines/gaps/1/unapproved_copy/dismissal"
    assert (await post(archive, "hr", Role.HR, path, because)).status_code == 201
    assert (await post(archive, "hr", Role.HR, path, because)).status_code == 404
    own = await post(archive, "hr-2", Role.HR, "/fines/gaps/2/low_margin/dismissal", because)
    assert own.json()["code"] == "own_fine"
    assert await gaps(archive) == [("low_margin", 2, "order")]
    body = {"kind": "low_margin", "person": "hr-2", "order_id": "SO-9", "evidence": {"entry": 2}, "reason": "已查明"}
    assert (await post(archive, "boss", Role.GM, "/fines", body)).json()["amount"] == "200.00"
    assert await gaps(archive) == []


async def test_a_month_is_closed_once_and_what_changes_later_is_reversed_in_a_later_one(archive: Archive) -> None:
    """N9, W3: lines with their evidence, totals per person; the closed month stays as it was."""
    await archive.seal(
        archive.unapproved(actor="wang"), archive.unapproved(actor="wang"), archive.unapproved(actor="li")
    )
    for number in (1, 2, 3):
        await decide(archive, f"N2-{number}", "confirmed")
    assert (await post(archive, "hr", Role.HR, "/statements/2026-03/closing", {})).json()["code"] == "month_not_over"
    archive.clock.set(datetime(2026, 4, 2, 4, tzinfo=UTC))
    closed = await post(archive, "hr", Role.HR, "/statements/2026-03/closing", {"reason": "三月结清"})
    assert closed.status_code == 201
    assert [(it["person"], it["amount"], it["lines"]) for it in closed.json()["totals"]] == [
        ("li", "50.00", 1), ("wang", "100.00", 2),
    ]  # fmt: skip
    assert closed.json()["total"] == {"CNY": "150.00"}
    again = await post(archive, "hr", Role.HR, "/statements/2026-03/closing", {})
    assert (again.status_code, again.json()["code"]) == (409, "closed_before")

    await decide(archive, "N2-1", "waived")
    assert (await get(archive, "/statements/2026-03")).json() == closed.json()
    april = (await get(archive, "/statements/2026-04")).json()
    assert [(it["fine"]["fine_id"], it["due"], it["month"]) for it in april["lines"]] == [("N2-1", "-50.00", "2026-04")]
    assert april["closed_by"] is None

    mine = (await get(archive, "/statements/2026-03", "wang", Role.REP)).json()
    assert {line["fine"]["person"] for line in mine["lines"]} == {"wang"}
    assert (await get(archive, "/statements/2026-03", "wang", Role.REP, person="li")).status_code == 403
    assert (await get(archive, "/statements/2026-13")).status_code == 422


async def test_human_resources_are_asked_to_close_a_month_that_is_over(archive: Archive) -> None:
    """Once, when there is something to settle; closing it is the answer."""
    await archive.staff(PersonRecorded(person="hr", role="hr", active=True))
    await archive.fines.statements.remind()
    assert await tasks(archive) == set()
    await archive.seal(archive.unapproved(actor="wang"))
    await decide(archive, "N2-1", "waived")
    await decide(archive, "N2-1", "confirmed")
    archive.clock.set(datetime(2026, 4, 1, 0, tzinfo=UTC))
    await archive.fines.statements.remind()
    await archive.fines.statements.remind()
    assert ("hr", "statement.close") in await tasks(archive)
    assert len(await archive.sent("archive.v1", "task.raised")) == 4
    await post(archive, "hr", Role.HR, "/statements/2026-03/closing", {})
    assert ("hr", "statement.close") not in await tasks(archive)


@pytest.mark.parametrize(("lang", "names", "acts"), [
    ("zh", ["结算单", "罚款", "说明与申诉", "访问", "拒绝", "查阅申请"],
     ["档案查阅", "访问客户档案", "岗位无权", "授权给予"]),
    ("en", ["Statement", "Fines", "Pleas", "Accesses", "Denials", "Requests"],
     ["file read", "/customers/C-1", "role", "grant given"]),
])  # fmt: skip
async def test_the_months_report_is_a_workbook(archive: Archive, lang: str, names: list[str], acts: list[str]) -> None:
    """For human resources and the general manager: sheets of what was fined, read, refused and asked for."""
    await archive.seal(
        archive.unapproved(actor="wang"),
        archive.access(actor="li"),
        archive.access("access.denied", actor="zhao", outcome="denied", action="/customers/C-1", reason="role"),
        archive.access("decision.made", actor="boss", action="grant.given", file="C-1"),
        archive.access(actor="li", at=NOW - timedelta(days=60)),
    )
    await post(archive, "wang", Role.REP, "/fines/N2-1/explanation", {"reason": "客户在场"})
    await decide(archive, "N2-1", "confirmed")
    answer = await get(archive, "/reports/2026-03.xlsx", "boss", Role.GM, lang=lang)
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == names
    sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names]
    statement, fined, pleas, accesses, denials, requests = ([row for row in sheet if any(row)] for sheet in sheets)
    read, denied, why, given = acts
    assert ["wang", "CNY", 50.0, 1.0] in [row[:4] for row in statement]
    assert [row[1] for row in fined if row[0] == "wang"] == [date(2026, 3, 2)]
    assert [(row[1], row[4], row[5]) for row in pleas if row[0] == "wang"] == [("N2-1", "wang", "客户在场")]
    assert [row for row in accesses if row[0] == "li"] == [["li", read, 1.0, 0.0]]
    assert [(row[2], row[4]) for row in denials if row[1] == "zhao"] == [(denied, why)]
    assert [row[2] for row in requests if row[1] == "boss"] == [given]
    assert (await archive.sent("audit.v1"))[-1]["data"]["action"] == "report.read"
    for role in set(Role) - {Role.HR, Role.GM}:
        assert (await get(archive, "/reports/2026-03.xlsx", "x", role)).status_code == 403
