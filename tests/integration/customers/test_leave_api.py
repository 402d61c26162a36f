"""Leave is recorded by those who may, becomes an event, and is in the audit either way."""

from __future__ import annotations

from typing import Any

import pytest

from shared.roles import Role
from tests.integration.customers.house import Customers

pytestmark = pytest.mark.backend

DAYS = {"first": "2026-03-09", "last": "2026-03-13"}


async def staffed(customers: Customers) -> None:
    await customers.staff("ann", Role.REP, "field", "rep-1")
    await customers.staff("bob", Role.REP, "field", "rep-2")
    await customers.staff("mia", Role.DEPARTMENT_MANAGER, "field")
    await customers.staff("max", Role.DEPARTMENT_MANAGER, "showroom")


async def ask(customers: Customers, who: str, role: Role, department: str | None, **body: Any) -> tuple[int, str]:
    async with customers.client(who, role, department) as client:
        answer = await client.post("/people/ann/leave", json=DAYS | body)
    return answer.status_code, answer.json().get("code", "")


async def test_leave_is_told_to_everybody_and_taken_back(customers: Customers) -> None:
    """By the department's manager, with a deputy; under an id of one's own a repetition is the same event."""
    await staffed(customers)
    async with customers.client("mia", Role.DEPARTMENT_MANAGER) as client:
        body = DAYS | {"deputy": "bob", "leave_id": "L-1"}
        answers = [(await client.post("/people/ann/leave", json=body)).json() for _ in range(2)]
        cancelled = await client.delete("/people/ann/leave/L-1")
    assert answers == [{"event_id": "leave.recorded:L-1", "id": "L-1"}] * 2
    assert (cancelled.status_code, cancelled.json()["event_id"]) == (202, "leave.cancelled:L-1")
    events = await customers.sent("organisation.v1")
    assert [event["type"] for event in events] == ["leave.recorded", "leave.recorded", "leave.cancelled"]
    assert events[0]["data"] == {
        "leave_id": "L-1", "person": "ann", "first": "2026-03-09", "last": "2026-03-13", "deputy": "bob",
    }  # fmt: skip
    assert (await customers.take_back()).refused == 0
    assert [(entry["action"], entry["actor"]) for entry in await customers.audited()] == [
        ("leave.recorded", "mia"), ("leave.recorded", "mia"), ("leave.cancelled", "mia"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "role", "department", "expected"),
    [
        ("hana", Role.HR, None, (202, "")),
        ("boss", Role.GM, None, (202, "")),
        ("mia", Role.DEPARTMENT_MANAGER, "field", (202, "")),
        ("max", Role.DEPARTMENT_MANAGER, "showroom", (403, "not_own")),
        ("bob", Role.REP, "field", (403, "role")),
        ("ann", Role.HR, "field", (403, "own_record")),
        ("oscar", Role.OPS, None, (403, "role")),
    ],
)
async def test_who_may_record_leave(
    customers: Customers, who: str, role: Role, department: str | None, expected: tuple[int, str]
) -> None:
    """HR and the GM anybody's, a manager the department's, nobody the own; who was turned away is in the audit."""
    await staffed(customers)
    assert await ask(customers, who, role, department) == expected
    assert len(await customers.sent("organisation.v1")) == (expected[0] == 202)
    assert [entry["type"] for entry in await customers.audited()] == [
        "decision.made" if expected[0] == 202 else "access.denied"
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"deputy": "ann"}, (403, "no_deputy")),
        ({"deputy": "nobody"}, (403, "no_deputy")),
        ({"last": "2026-03-08"}, (422, "bad_request")),
        ({"last": "2028-03-08"}, (422, "bad_request")),
    ],
)
async def test_a_leave_that_cannot_be(customers: Customers, body: dict[str, Any], expected: tuple[int, str]) -> None:
    """Nobody stands in for themselves, and no leave ends before it begins."""
    await staffed(customers)
    status, code = await ask(customers, "hana", Role.HR, None, **body)
    assert status == expected[0]
    assert code == expected[1] or status == 422
    assert await customers.sent("organisation.v1") == []
