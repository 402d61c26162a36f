"""Conduct is reported by those who may, becomes an event that archive reads, and is in the audit either way (N7)."""

from __future__ import annotations

from typing import Any

import pytest

from shared.roles import Role
from tests.integration.customers.house import Customers

pytestmark = pytest.mark.backend

LATE = {"person": "ann", "kind": "lateness", "note": "十点才到"}


async def staffed(customers: Customers) -> None:
    await customers.staff("ann", Role.REP, "field", "rep-1")
    await customers.staff("mia", Role.DEPARTMENT_MANAGER, "field")
    await customers.staff("max", Role.DEPARTMENT_MANAGER, "showroom")


async def ask(customers: Customers, who: str, role: Role, department: str | None, **body: Any) -> tuple[int, str]:
    async with customers.client(who, role, department) as client:
        answer = await client.post("/conduct", json=LATE | body)
    return answer.status_code, answer.json().get("code", "")


async def test_a_report_is_told_once_under_an_id_of_its_own(customers: Customers) -> None:
    """Keyed by the person, with who reported it; nothing of it is taken for a customer's."""
    await staffed(customers)
    async with customers.client("du", Role.INSPECTOR) as client:
        body = LATE | {"report_id": "K-1", "kind": "embezzlement", "amount": "12.50"}
        answers = [(await client.post("/conduct", json=body)).json() for _ in range(2)]
    assert answers == [{"event_id": "conduct.reported:K-1", "id": "K-1"}] * 2
    (event, again) = await customers.sent("activities.v1")
    assert event["id"] == again["id"]
    assert (event["data"]["person"], event["data"]["reported_by"], event["data"]["amount"]) == ("ann", "du", "12.50")
    assert (await customers.take_back()).refused == 0
    assert [(entry["action"], entry["actor"], entry["outcome"]) for entry in await customers.audited()] == [
        ("conduct.reported", "du", "allowed")
    ] * 2


@pytest.mark.parametrize(
    ("who", "role", "department", "expected"),
    [
        ("du", Role.INSPECTOR, None, (202, "")),
        ("boss", Role.GM, None, (202, "")),
        ("vice", Role.DEPUTY_GM, None, (202, "")),
        ("marc", Role.MARKETING_DIRECTOR, None, (202, "")),
        ("mia", Role.DEPARTMENT_MANAGER, "field", (202, "")),
        ("max", Role.DEPARTMENT_MANAGER, "showroom", (403, "not_own")),
        ("noname", Role.DEPARTMENT_MANAGER, None, (403, "not_own")),
        ("ann", Role.INSPECTOR, None, (403, "own_conduct")),
        ("bob", Role.REP, "field", (403, "role")),
        ("head", Role.GM_OFFICE_HEAD, None, (403, "role")),
        ("archie", Role.ARCHIVIST, None, (403, "role")),
        ("hana", Role.HR, None, (403, "role")),
        ("oscar", Role.OPS, None, (403, "role")),
        ("orders", Role.ORDER_SYSTEM, None, (403, "role")),
    ],
)
async def test_who_reports_conduct(
    customers: Customers, who: str, role: Role, department: str | None, expected: tuple[int, str]
) -> None:
    """Inspectors and the leadership anybody's, managers their department's, nobody their own; every role."""
    await staffed(customers)
    assert await ask(customers, who, role, department) == expected
    (entry,) = await customers.audited()
    assert entry["outcome"] == ("allowed" if expected[0] == 202 else "denied")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"person": "nobody"}, (403, "no_such_person")),
        ({"kind": "unapproved_copy"}, (422, "unknown_kind")),
        ({"kind": "embezzlement"}, (422, "amount")),
        ({"kind": "slow_work", "amount": "50"}, (202, "")),
        ({"amount": "5"}, (422, "amount")),
        ({"note": "  "}, (422, "invalid_request")),
        ({"reported_at": "2026-03-03T12:00:00+08:00"}, (422, "in_the_future")),
    ],
)
async def test_what_is_reported(customers: Customers, body: dict[str, str], expected: tuple[int, str]) -> None:
    """What says too little is refused, with what to say instead."""
    await staffed(customers)
    assert await ask(customers, "du", Role.INSPECTOR, None, **body) == expected
