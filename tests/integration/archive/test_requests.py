"""Requests to consult: the chain shown, asked, decided step by step, delegated, withdrawn, lapsed (A1-A4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from tests.integration.archive.company import CUSTOMER, ask, call, decide, file_records, grant, staff, wish
from tests.integration.archive.house import NOW, Archive

pytestmark = pytest.mark.backend


@pytest.fixture
async def company(archive: Archive, superuser: asyncpg.Connection) -> Archive:
    """Everybody at work, with customers' files and records."""
    await staff(archive)
    await archive.seal(archive.amended("C-9"))
    await file_records(archive, superuser)
    return archive


def chain(answer: Any) -> list[tuple[str, list[str]]]:
    return [(step["act"], [person["person"] for person in step["people"]]) for step in answer["steps"]]


@pytest.mark.parametrize(
    ("asker", "file", "expected"),
    [
        # A personal file of d1: the asker's manager, then the file's (A1, A2).
        ("mei", CUSTOMER, [("sign", ["fu"]), ("consent", ["meng"]), ("approve", ["boss"]), ("release", ["an"])]),
        # The consent is the asker's own to give: the director stands in.
        ("meng", "customer:C-9", [("sign", ["mei"]), ("consent", ["mei"]), ("approve", ["boss"]), ("release", ["an"])]),
        # The archivist does not release to himself.
        ("an", CUSTOMER, [("sign", ["he"]), ("consent", ["meng"]), ("approve", ["boss"]), ("release", ["he"])]),
        # Rank 1: the GM or the deputy; the deputy not for himself (A3).
        ("fu", "record:R-confidential", [("sign", ["boss"]), ("approve", ["boss"]), ("release", ["an"])]),
        ("meng", "record:R-confidential", [("sign", ["mei"]), ("approve", ["boss", "fu"]), ("release", ["an"])]),
        ("meng", "record:R-secret", [("sign", ["mei"]), ("approve", ["boss"]), ("release", ["an"])]),
        # The GM has nobody above him to sign, and does not approve his own: the deputy stands in.
        ("boss", "record:R-secret", [("approve", ["fu"]), ("release", ["an"])]),
        # Rank 0, for others than the named: the head of the GM's office.
        ("li", "record:R-unclassified", [("sign", ["meng"]), ("approve", ["he"]), ("release", ["an"])]),
    ],
)
async def test_the_chain_is_shown_before_asking(
    company: Archive, asker: str, file: str, expected: list[tuple[str, list[str]]]
) -> None:
    """Computed from the policy, with the names of those who may take each step now; the same after asking."""
    answer = await call(company, asker, "GET", f"/requests/preview?file={file}")
    assert answer.status_code == 200, answer.text
    assert chain(answer.json()) == expected
    assert chain(await ask(company, asker, file=file)) == expected


@pytest.mark.parametrize(
    ("asker", "change", "status", "code"),
    [
        ("li", {}, 409, "not_needed"),
        ("lone", {}, 409, "no_manager"),
        ("stranger", {}, 422, "unknown_person"),
        ("qi", {"until": NOW.isoformat()}, 422, "ended_before_it_began"),
        ("qi", {"original": True}, 422, "not_lent"),
        ("qi", {"sections": ["salaries"]}, 422, "unknown_section"),
        ("boss", {"file": "record:R-top_secret"}, 403, "never_consulted"),
        ("meng", {"file": "record:R-top_secret"}, 404, "unknown_file"),
        ("meng", {"file": "record:none"}, 404, "unknown_file"),
        ("li", {"file": "record:R-secret"}, 404, "unknown_file"),
        ("boss", {"file": "elsewhere"}, 404, "unknown_file"),
        ("meng", {"file": "record:R-secret", "original": True}, 422, "not_lent"),
    ],
)
async def test_what_may_not_be_asked_for_is_refused_and_noted(
    company: Archive, asker: str, change: dict[str, Any], status: int, code: str
) -> None:
    """What one may not know of is answered like what is not there; each refusal is in the audit."""
    answer = await call(company, asker, "POST", "/requests", wish(**change))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail_zh"]
    (denied,) = await company.sent("audit.v1")
    assert (denied["type"], denied["data"]["actor"], denied["data"]["reason"]) == ("access.denied", asker, code)
    assert await company.rows("SELECT request_id FROM requests") == []


@pytest.mark.parametrize(
    ("keeper", "file", "consents"),
    [("li", CUSTOMER, ["meng"]), ("meng", "customer:C-3", ["fu"]), ("mei", "record:R-unclassified", [])],
)
async def test_who_reads_unasked_asks_to_take_a_copy(
    company: Archive, keeper: str, file: str, consents: list[str]
) -> None:
    """A5, N4: keeping a file is no right to take it out, so there must be a way to ask; reading needs none."""
    await company.seal(company.amended("C-3", tier="department"))
    reading = await call(company, keeper, "GET", f"/requests/preview?file={file}")
    plan = await call(company, keeper, "GET", f"/requests/preview?file={file}&copy=true")
    assert reading.json()["code"] == "not_needed"
    assert [name for act, names in chain(plan.json()) if act == "consent" for name in names][
        : len(consents)
    ] == consents
    granted = await grant(company, keeper, file=file, copy=True)
    assert (granted["person"], granted["copy"]) == (keeper, True)


async def test_the_gm_copies_what_he_reads_unasked_without_a_request(company: Archive) -> None:
    """Policy `files.copying` names who does."""
    await company.seal(company.amended("C-2", tier="company"))
    answer = await call(company, "boss", "POST", "/requests", wish("customer:C-2", copy=True))
    assert answer.json()["code"] == "not_needed"


async def test_asking_tells_a_stranger_nothing_of_a_file(company: Archive) -> None:
    """A rep of another department hears the same of a file that is, is another's tier, or is not at all."""
    await company.seal(company.amended("C-2", tier="company"))
    await company.seal(company.amended("C-3", tier="department"))
    answers = []
    for customer in ("C-1", "C-2", "C-3", "C-none"):
        plan = (await call(company, "qi", "GET", f"/requests/preview?file=customer:{customer}")).json()
        asked = await ask(company, "qi", file=f"customer:{customer}")
        again = (await call(company, "qi", "GET", f"/requests/{asked['request_id']}")).json()
        answers.append([(plan["steps"], plan["opens"]), *((body["steps"], body["opens"]) for body in (asked, again))])
    assert answers[0] == answers[1] == answers[2] == answers[3]


async def test_who_signs_for_a_stranger_learns_no_more_than_the_stranger(company: Archive) -> None:
    """The asker's manager may know of the file as little as the asker: signing, like asking, finds nothing out."""
    await company.seal(company.amended("C-2", tier="company"))
    seen = []
    for customer in ("C-1", "C-2", "C-none"):
        asked = await ask(company, "qi", file=f"customer:{customer}")
        path = f"/requests/{asked['request_id']}"
        before = (await call(company, "bao", "GET", path)).json()
        signed = (await decide(company, "bao", asked["request_id"])).json()
        shown = [(body["steps"][1:], body["opens"], body["waits_at"]) for body in (before, signed)]
        keeper = (await call(company, "meng" if customer == "C-1" else "mei", "GET", path)).json()
        seen.append(shown)
        assert keeper["opens"] is not None
    assert seen[0] == seen[1] == seen[2]


async def test_whose_consent_was_refused_is_not_told_to_a_stranger(company: Archive) -> None:
    """Their name would tell the file's tier and department; the reason is told, since it is written for the asker."""
    told = []
    for customer, keeper in (("C-1", "meng"), ("C-none", "mei")):
        asked = await ask(company, "qi", file=f"customer:{customer}")
        await decide(company, "bao", asked["request_id"])
        assert (await decide(company, keeper, asked["request_id"], "refuse", reason="不同意")).status_code == 201
        shown = (await call(company, "qi", "GET", f"/requests/{asked['request_id']}")).json()
        (listed,) = (await call(company, "qi", "GET", "/requests?limit=1")).json()["items"]
        told.append([(body["state"], body["ended_by"]) for body in (shown, listed)])
        overseen = (await call(company, "an", "GET", f"/requests/{asked['request_id']}")).json()
        assert overseen["ended_by"] == keeper
    assert told == [[("refused", None), ("refused", None)]] * 2


async def test_a_file_that_is_not_there_is_never_released(company: Archive) -> None:
    """Its request goes the way of all others, up to the archivist, who knows what there is."""
    asked = await ask(company, "qi", file="customer:C-none")
    for person in ("bao", "mei", "boss"):
        assert (await decide(company, person, asked["request_id"])).status_code == 201
    answer = await decide(company, "an", asked["request_id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "file_changed")
    assert (await decide(company, "an", asked["request_id"], "refuse")).json()["state"] == "refused"


async def test_a_file_of_another_tier_since_is_asked_for_anew(company: Archive) -> None:
    """The chain was that of a personal file: it does not open a company's."""
    asked = await ask(company, "qi")
    for person in ("bao", "meng", "boss"):
        await decide(company, person, asked["request_id"])
    await company.seal(company.amended(version=2, tier="company"))
    assert (await decide(company, "an", asked["request_id"])).json()["code"] == "file_changed"


async def test_each_step_is_taken_by_whom_it_waits_for_and_by_nobody_else(company: Archive) -> None:
    """To a stranger there is no such request; the asker is told that it is his own; nobody goes before his turn."""
    asked = await ask(company, "qi")
    request_id = asked["request_id"]
    assert (await decide(company, "li", request_id)).status_code == 404
    assert (await decide(company, "boss", request_id)).status_code == 404
    own = await decide(company, "qi", request_id)
    assert (own.status_code, own.json()["code"]) == (403, "own_request")
    assert (await decide(company, "bao", request_id, step=2)).json()["code"] == "another_step"
    assert (await decide(company, "bao", request_id, step=1)).status_code == 201
    assert (await decide(company, "bao", request_id)).status_code == 403
    refused = await decide(company, "meng", request_id, "refuse", reason="客户不同意")
    assert refused.json()["state"] == "refused"
    assert (await decide(company, "boss", request_id)).status_code in {403, 404}
    told = [e["data"] for e in await company.sent("archive.v1") if e["type"] == "task.raised"]
    assert [(task["kind"], task["person"]) for task in told] == [
        ("request.sign", "bao"), ("request.consent", "meng"), ("request.refused", "qi"),
    ]  # fmt: skip
    assert "客户不同意" in told[-1]["words"]["zh"]


async def test_who_approved_does_not_release(company: Archive) -> None:
    """The head of the GM's office approves rank 0 and would stand in for an archivist: not both."""
    asked = await ask(company, "an", file="record:R-unclassified")
    approve = next(step for step in asked["steps"] if step["act"] == "approve")
    assert [person["person"] for person in approve["people"]] == ["he"]
    await decide(company, "he", asked["request_id"])
    await decide(company, "he", asked["request_id"])
    answer = await decide(company, "he", asked["request_id"])
    assert answer.json()["code"] == "not_your_step"
    assert (await decide(company, "fu", asked["request_id"])).json()["state"] == "released"


async def test_a_delegate_decides_in_writing_within_the_scope_until_the_end(company: Archive) -> None:
    """A4: on whose behalf is kept; never on his own request, nor on that of who delegated."""
    body = {
        "delegate": "he", "scope": {"tiers": ["personal"]}, "text": "出差期间代批",
        "until": (NOW + timedelta(days=5)).isoformat(),
    }  # fmt: skip
    asked = await ask(company, "qi")
    for person in ("bao", "meng"):
        await decide(company, person, asked["request_id"])
    assert (await decide(company, "he", asked["request_id"])).status_code == 404
    delegation = await call(company, "boss", "POST", "/delegations", body)
    assert delegation.status_code == 201, delegation.text
    await company.watch()
    assert ("request.approve", "he") in {
        (e["data"]["kind"], e["data"]["person"]) for e in await company.sent("archive.v1") if e["type"] == "task.raised"
    }
    approved = (await decide(company, "he", asked["request_id"])).json()
    step = approved["steps"][2]
    assert (step["decided_by"], step["on_behalf_of"]) == ("he", "boss")
    preview = (await call(company, "he", "GET", f"/requests/preview?file={CUSTOMER}")).json()
    assert dict(chain(preview))["approve"] == ["boss"]

    await company.seal(company.amended("C-2", tier="company"))
    beyond = await ask(company, "meng", file="customer:C-2")
    assert dict(chain(beyond))["approve"] == ["boss"]
    path = f"/delegations/{delegation.json()['delegation_id']}/revoke"
    assert (await call(company, "li", "POST", path, {"reason": "?"})).status_code == 404
    assert (await call(company, "boss", "POST", path, {"reason": "回来了"})).status_code == 200
    assert (await call(company, "boss", "POST", path, {"reason": "回来了"})).status_code == 409
    later = await ask(company, "mei")
    assert dict(chain(later))["approve"] == ["boss"]


@pytest.mark.parametrize(
    ("giver", "change", "code"),
    [
        ("boss", {"delegate": "boss"}, "own_delegate"),
        ("boss", {"delegate": "li"}, "no_delegate"),
        ("boss", {"scope": {}}, "no_scope"),
        ("boss", {"until": NOW.isoformat()}, "ended_before_it_began"),
        ("boss", {"until": (NOW + timedelta(days=400)).isoformat()}, "too_long"),
        ("meng", {}, "not_delegating"),
    ],
)
async def test_a_delegation_keeps_to_its_rules(company: Archive, giver: str, change: dict[str, Any], code: str) -> None:
    """From the GM, to whom A4 names, for something, until some day."""
    body = {
        "delegate": "he", "scope": {"ranks": ["secret"]}, "text": "代批",
        "until": (NOW + timedelta(days=5)).isoformat(),
    } | change  # fmt: skip
    answer = await call(company, giver, "POST", "/delegations", body)
    assert answer.json()["code"] == code
    assert await company.rows("SELECT delegation_id FROM delegations") == []


async def test_a_request_is_withdrawn_by_its_asker_and_lapses_by_itself(company: Archive) -> None:
    """Nobody is asked any more either way; the asker hears of what lapsed."""
    first, second = await ask(company, "qi"), await ask(company, "qi", until=(NOW + timedelta(days=30)).isoformat())
    path = f"/requests/{first['request_id']}/withdraw"
    assert (await call(company, "li", "POST", path, {"reason": "?"})).status_code == 404
    assert (await call(company, "qi", "POST", path, {"reason": "不需要了"})).json()["state"] == "withdrawn"
    assert (await call(company, "qi", "POST", path, {"reason": "不需要了"})).json()["code"] == "ended_before"
    waiting = (await call(company, "bao", "GET", "/requests?side=waiting")).json()["items"]
    assert [item["request_id"] for item in waiting] == [second["request_id"]]
    company.clock.advance(timedelta(days=8))
    await company.watch()
    assert (await call(company, "bao", "GET", "/requests?side=waiting")).json()["items"] == []
    states = {item["state"] for item in (await call(company, "qi", "GET", "/requests")).json()["items"]}
    assert states == {"withdrawn", "lapsed"}
    told = [e["data"]["kind"] for e in await company.sent("archive.v1") if e["data"]["person"] == "qi"]
    assert told == ["request.lapsed"]


async def test_the_tables_themselves_keep_the_chain(company: Archive, superuser: asyncpg.Connection) -> None:
    """Nobody on their own, no step skipped, nothing changed: refused to the owner of the tables as well."""
    request_id = (await ask(company, "qi"))["request_id"]
    insert = (
        "INSERT INTO request_decisions (request_id, step, asker, approved, decided_by, on_behalf_of, delegation_id,"
        " reason, decided_at, way) VALUES ($1, $2, $3, true, $4, null, null, 'x', now(), 'api')"
    )
    for step, asker, by in ((1, "qi", "qi"), (1, "somebody", "qi"), (2, "qi", "meng"), (9, "qi", "meng")):
        with pytest.raises(asyncpg.PostgresError):
            await superuser.execute(insert, request_id, step, asker, by)
    with pytest.raises(asyncpg.PostgresError):
        await superuser.execute("INSERT INTO request_ends VALUES ($1, 'released', 'an', 'x', now())", request_id)
    await superuser.execute(insert, request_id, 1, "qi", "bao")
    for change in (
        "UPDATE requests SET asker = 'li'",
        "DELETE FROM request_steps",
        "UPDATE request_decisions SET decided_by = 'boss'",
        "INSERT INTO request_steps VALUES ((SELECT request_id FROM requests), 7, 'approve', '{gm}', null)",
        "TRUNCATE delegations CASCADE",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await superuser.execute(change)


async def test_everybodys_requests_are_listed_to_the_overseers_only(company: Archive) -> None:
    """And that they looked is in the audit."""
    await ask(company, "qi")
    assert (await call(company, "li", "GET", "/requests?side=all")).status_code == 403
    assert len((await call(company, "du", "GET", "/requests?side=all")).json()["items"]) == 1
    assert [e["data"]["actor"] for e in await company.sent("audit.v1") if e["type"] == "file.searched"] == ["du"]
    assert (await call(company, "li", "GET", "/requests")).json()["items"] == []
