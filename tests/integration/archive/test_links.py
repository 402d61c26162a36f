"""Deciding by the link in a personal message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from shared.contracts.organisation import PersonRecorded
from shared.links import Link, Links
from tests.integration.archive.company import ask, call, decide, staff
from tests.integration.archive.house import NOW, Archive

pytestmark = pytest.mark.backend


@pytest.fixture
async def company(archive: Archive) -> Archive:
    """Everybody at work, with a customer's file."""
    await staff(archive)
    return archive


@pytest.fixture
async def browser(company: Archive) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without any token."""
    transport = httpx.ASGITransport(company.app(), client=("10.0.0.8", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://archive") as client:
        yield client


def link(archive: Archive, step: str, person: str, *, hours: int = 48, links: Links | None = None) -> str:
    made = (links or archive.links).make(Link(step, person, NOW + timedelta(hours=hours)))
    return f"/decide/{made}"


FORM = {"decision": "approve", "reason": "同意"}


async def test_a_link_asks_and_decides_once(company: Archive, browser: httpx.AsyncClient) -> None:
    """Looking changes nothing, however often programs do it; the decision is the person's, and says how it came."""
    request_id = (await ask(company, "qi", why="<b>报价</b>"))["request_id"]
    path = link(company, f"{request_id}/1", "bao")
    for _ in range(3):
        shown = await browser.get(path)
        assert shown.status_code == 200
        assert "&lt;b&gt;报价" in shown.text
        assert "<b>" not in shown.text
    assert await company.rows("SELECT * FROM request_decisions") == []
    missing = await browser.post(path, data={"decision": "approve", "reason": " "})
    assert missing.status_code == 422
    assert (await browser.post(path, data=FORM)).status_code == 200
    (decision,) = await company.rows("SELECT decided_by, way, reason FROM request_decisions")
    assert tuple(decision) == ("bao", "message", "同意")
    (entry,) = [e["data"] for e in await company.sent("audit.v1") if e["data"]["action"] == "request.sign"]
    assert (entry["actor"], entry["role"], entry["station"]) == ("bao", "department_manager", "10.0.0.8")
    assert (await browser.post(path, data=FORM)).status_code == 404


async def test_a_manager_of_any_role_signs_by_a_link(company: Archive, browser: httpx.AsyncClient) -> None:
    """Who signs is whoever is on record as the manager: roles are the company's words, and the audit has theirs."""
    chief = PersonRecorded(person="chen", role="chief_accountant", department="d2", manager="boss", active=True)
    await company.staff(chief, PersonRecorded(person="qi", role="rep", department="d2", manager="chen", active=True))
    starts = (NOW + timedelta(hours=20)).isoformat()
    request_id = (await ask(company, "qi", not_before=starts))["request_id"]
    path = link(company, f"{request_id}/1", "chen")
    assert "2026-03-03 08:00" in (await browser.get(path)).text
    assert (await browser.post(path, data=FORM)).status_code == 200
    (entry,) = [e["data"] for e in await company.sent("audit.v1") if e["data"]["action"] == "request.sign"]
    assert (entry["actor"], entry["role"]) == ("chen", "chief_accountant")


async def test_links_that_decide_nothing_are_all_answered_alike(company: Archive, browser: httpx.AsyncClient) -> None:
    """Over, used, forged, for another step, of somebody who may decide no more: nobody learns which it was."""
    request_id = (await ask(company, "qi"))["request_id"]
    await decide(company, "bao", request_id)
    paths = [
        link(company, f"{request_id}/1", "bao"),
        link(company, f"{request_id}/2", "meng", hours=0),
        link(company, f"{request_id}/2", "meng", links=Links(b"x" * 32)),
        link(company, f"{request_id}/3", "boss"),
        link(company, f"{request_id}/2", "li"),
        link(company, f"{request_id}/2", "qi"),
        link(company, "none/1", "meng"),
        "/decide/nonsense",
    ]
    answers = {
        (a.status_code, a.text)
        for path in paths
        for a in (await browser.get(path), await browser.post(path, data=FORM))
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 404

    good = link(company, f"{request_id}/2", "meng")
    assert (await browser.get(good)).status_code == 200
    moved = PersonRecorded(person="meng", role="rep", department="d1", active=True)
    await company.staff(moved, at=NOW + timedelta(minutes=1))
    assert (await browser.get(good)).status_code == 404
    assert (await browser.post(good, data=FORM)).status_code == 404
    assert len(await company.rows("SELECT * FROM request_decisions")) == 1


async def refusals(archive: Archive) -> list[tuple[str, str, str]]:
    """Who was turned away with a link, why, and from where."""
    told = [event["data"] for event in await archive.sent("audit.v1", "access.denied")]
    return [(it["actor"], it["reason"], it.get("station")) for it in told if it["action"] == "link.refused"]


async def test_each_refused_link_is_in_the_audit(company: Archive, browser: httpx.AsyncClient) -> None:
    """Under the name of its person where the seal proves it, with what was wrong; the answer says nothing of it."""
    request_id = (await ask(company, "qi"))["request_id"]
    await decide(company, "bao", request_id)
    used, over = f"{request_id}/1", f"{request_id}/2"
    await browser.get(link(company, used, "bao"))
    await browser.post(link(company, over, "meng", hours=0), data=FORM)
    await browser.post(link(company, over, "li"), data={})
    await browser.get(link(company, over, "meng", links=Links(b"x" * 32)))
    assert await refusals(company) == [
        ("bao", f"used {used}", "10.0.0.8"),
        ("meng", f"expired {over}", "10.0.0.8"),
        ("li", f"not_theirs {over}", "10.0.0.8"),
        ("unknown", "forged", "10.0.0.8"),
    ]


async def test_a_flood_of_forged_links_is_two_entries_a_minute(company: Archive, browser: httpx.AsyncClient) -> None:
    """The first at once, how many more there were when the minute is over: counted, every one."""
    for number in range(30):
        await browser.get(f"/decide/forged-{number}")
    await company.consulting.refused_links.tell()
    assert await refusals(company) == [("unknown", "forged", "10.0.0.8")]
    company.clock.advance(timedelta(minutes=1))
    for _ in range(2):
        await company.consulting.refused_links.tell()
    await browser.get("/decide/forged-31")
    company.clock.advance(timedelta(minutes=1))
    await company.consulting.refused_links.tell()
    assert [reason for _, reason, _ in await refusals(company)] == [
        "forged", f"forged, 29 more in the minute of {NOW:%H:%M}Z", "forged",
    ]  # fmt: skip


async def test_a_link_is_no_login(company: Archive, browser: httpx.AsyncClient) -> None:
    """It opens one question and nothing else."""
    request_id = (await ask(company, "qi"))["request_id"]
    token = link(company, f"{request_id}/1", "bao").removeprefix("/decide/")
    answer = await browser.get(f"/requests/{request_id}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert (await call(company, "bao", "GET", f"/requests/{request_id}")).status_code == 200
