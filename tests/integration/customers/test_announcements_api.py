"""What people tell by HTTP becomes events, and these become what the file says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest

from shared.roles import Role
from tests.integration.customers.house import Customers

pytestmark = pytest.mark.backend


async def post(client: httpx.AsyncClient, path: str, body: Mapping[str, object]) -> dict[str, str]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 202, answer.text
    accepted: dict[str, str] = answer.json()
    return accepted


async def test_what_a_rep_tells_comes_back_in_the_file(customers: Customers) -> None:
    """Profile, contact, inquiry and judgement, through the topic and back, each with who told it in the audit."""
    await customers.staff("li", Role.REP, "field", "rep-7")
    async with customers.client("li", Role.REP) as client:
        await post(client, "/customers/C-1/profile", {"name": "甲公司", "rep": "li", "profile": {"rivals": "3"}})
        await customers.take_back()
        contact = await post(client, "/customers/C-1/contacts", {"channel": "visit", "minutes": 30})
        inquiry = await post(client, "/customers/C-1/inquiries", {"text": "mugs?", "source": "fair"})
        judgement = await post(
            client, f"/customers/C-1/inquiries/{inquiry['id']}/judgement", {"potential": "high", "reasons": ["site"]}
        )
        outcome = await customers.take_back()
        file = (await client.get("/customers/C-1")).json()
    assert (outcome.refused, outcome.duplicates) == (0, 1)
    assert (file["basic"]["name"], file["rep"], file["characteristics"]) == ("甲公司", "li", {"rivals": "3"})
    assert file["business"]["contacts"] == [
        {"contact_id": contact["id"], "made_at": "2026-03-02T04:00:00Z", "rep": "rep-7", "channel": "visit",
         "minutes": 30, "outcome": ""}
    ]  # fmt: skip
    assert file["business"]["inquiries"][0]["judged_by"] == "li"
    assert file["business"]["potential"] == "high"
    published = await customers.sent("activities.v1")
    assert [event["id"] for event in published][1:] == [
        contact["event_id"], inquiry["event_id"], judgement["event_id"],
    ]  # fmt: skip
    assert [(entry["type"], entry["action"], entry["actor"]) for entry in await customers.audited()] == [
        ("decision.made", "customer.profiled", "li"),
        ("decision.made", "contact.made", "li"),
        ("decision.made", "inquiry.received", "li"),
        ("decision.made", "inquiry.judged", "li"),
        ("file.read", "profile.read", "li"),
    ]


async def test_telling_twice_under_ones_own_id_counts_once(customers: Customers) -> None:
    """A client that lost the answer says it again, and the second event falls to the inbox."""
    body: dict[str, object] = {"contact_id": "K-1", "made_at": "2026-03-02T11:30:00+08:00", "channel": "mail"}
    async with customers.client("li", Role.REP) as client:
        first, second = [await post(client, "/customers/C-1/contacts", body) for _ in range(2)]
    assert first == second == {"event_id": "contact.made:K-1", "id": "K-1"}
    outcome = await customers.take_back()
    assert (outcome.accepted, outcome.duplicates, outcome.refused) == (1, 1, 0)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("contacts", {"channel": "mail", "contact_id": "K-1"}),
        ("contacts", {"channel": "mail", "contact_id": "K-1", "made_at": "2026-03-02T04:00:01Z"}),
        ("contacts", {"channel": "mail", "minutes": -1}),
        ("contacts", {"channel": "a\u0000b"}),
        ("inquiries", {"inquiry_id": "I-1", "received_at": "2026-03-02"}),
        ("inquiries/I-1/judgement", {"potential": "splendid"}),
        ("profile", {"file_tier": "secret"}),
    ],
)
async def test_what_our_own_topic_would_refuse_is_refused_at_the_door(
    customers: Customers, path: str, body: dict[str, object]
) -> None:
    """Nothing is published that would end among the dead letters."""
    async with customers.client("li", Role.REP) as client:
        answer = await client.post(f"/customers/C-1/{path}", json=body)
    assert answer.status_code == 422
    assert await customers.sent("activities.v1") == []


async def test_anothers_customer_is_not_added_to(customers: Customers) -> None:
    """Refused, in the audit, and nothing is published; no word on whether the customer exists."""
    async with customers.client("li", Role.REP) as client:
        await post(client, "/customers/C-1/profile", {"rep": "li"})
    await customers.take_back()
    async with customers.client("wang", Role.REP) as client:
        answer = await client.post("/customers/C-1/contacts", json={"channel": "mail"})
        claim = await client.post("/customers/C-2/profile", json={"rep": "li"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_own")
    assert answer.content == claim.content
    assert len(await customers.sent("activities.v1")) == 1
    assert [(e["type"], e["file"], e["actor"], e["reason"]) for e in await customers.audited()][1:] == [
        ("access.denied", "customer:C-1", "wang", "not_own"),
        ("access.denied", "customer:C-2", "wang", "not_own"),
    ]


async def test_a_manager_hands_a_customer_on_within_the_department(customers: Customers) -> None:
    """P6: the leaver loses it, the colleague reads it at once."""
    async with customers.client("li", Role.REP) as client:
        await post(client, "/customers/C-1/profile", {"rep": "li"})
    await customers.take_back()
    customers.clock.advance(timedelta(minutes=1))
    async with customers.client("boss", Role.DEPARTMENT_MANAGER) as client:
        await post(client, "/customers/C-1/profile", {"rep": "zhao", "department": "field"})
    await customers.take_back()
    async with customers.client("li", Role.REP) as leaver, customers.client("zhao", Role.REP) as colleague:
        assert (await leaver.get("/customers/C-1")).status_code == 403
        assert (await colleague.get("/customers/C-1")).status_code == 200


async def test_people_are_recorded_listed_and_never_by_themselves(customers: Customers) -> None:
    """HR records, the topic carries it, everybody sees their own department; both are in the audit."""
    async with customers.client("hr-1", Role.HR, "hr") as hr:
        told = {"person": "li", "role": "rep", "department": "field", "rep_code": "rep-7"}
        await post(hr, "/people", told)
        await customers.take_back()
        taken = await hr.post("/people", json={"person": "wang", "role": "rep", "rep_code": "rep-7"})
        named = {"person": "rep-7", "role": "rep", "rep_code": "rep-9"}
        assert (await hr.post("/people", json=named)).json()["code"] == "code_taken"
        own = await hr.post("/people", json={"person": "hr-1", "role": "gm"})
        everybody = (await hr.get("/people")).json()["items"]
    assert (taken.json()["code"], own.json()["code"]) == ("code_taken", "own_record")
    assert everybody == [told | {"manager": None, "active": True}]
    async with customers.client("zhao", Role.REP, "showroom") as rep, customers.client("x", Role.OPS) as ops:
        assert (await rep.get("/people")).json()["items"] == []
        assert (await ops.get("/people")).status_code == 403
    (event,) = await customers.sent("organisation.v1")
    assert (event["type"], event["data"]["person"]) == ("person.recorded", "li")
    assert [(e["type"], e["action"], e["reason"]) for e in await customers.audited()] == [
        ("decision.made", "person.recorded", "keeper_or_named_reader"),
        ("access.denied", "person.recorded", "code_taken"),
        ("access.denied", "person.recorded", "code_taken"),
        ("access.denied", "person.recorded", "own_record"),
        ("file.searched", "people.listed", None),
        ("file.searched", "people.listed", None),
        ("access.denied", "people.listed", "role"),
    ]
