"""Breaches through running services: an order, a report, a return, a copy → found → sealed → priced → asked about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from shared.contracts.audit import FileExported
from shared.contracts.envelope import encode
from shared.contracts.organisation import PersonRecorded
from shared.engine.model import Outgoing
from shared.policy import load_policy
from shared.roles import Role
from tests.backends.publishing import publish
from tests.backends.stack import LocalStack, Person, eventually

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(300)]

HR = Person("hr-1", Role.HR)
INSPECTOR = Person("du", Role.INSPECTOR)
NOW = datetime.now(UTC)
YESTERDAY = NOW - timedelta(days=1)
STAFF = (
    PersonRecorded(person="boss", role="gm", active=True),
    PersonRecorded(person="hr-1", role="hr", manager="boss", active=True),
    PersonRecorded(person="du", role="inspector", manager="boss", active=True),
    PersonRecorded(person="sun", role="rep", department="showroom", manager="boss", rep_code="S1", active=True),
    PersonRecorded(person="li", role="rep", department="field", manager="boss", active=True),
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A policy by which orders are judged as soon as somebody looks."""
    document = load_policy().as_json()
    document["breaches"]["showroom"]["settle_hours"] = 0
    file = tmp_path_factory.mktemp("policy") / "policy.yaml"
    file.write_text(yaml.safe_dump(document | {"version": "at once"}))
    return {"TIERLINE_POLICY_FILE": str(file)}


def order(order_id: str, customer: str, cost: str | None, *, placed_at: datetime = YESTERDAY, **said: str) -> Any:
    """One article for 1,000, sold by sun in the showroom."""
    line = {"sku": "A-1", "quantity": "1", "unit_price": "1000.00", **({} if cost is None else {"unit_cost": cost})}
    data = {
        "order_id": order_id, "customer_id": customer, "amount": "1000.00", "currency": "CNY", "lines": [line],
        "placed_at": placed_at.isoformat(), "sold_by": "S1", "channel": "showroom",
    }  # fmt: skip
    return customer, "order.placed", data | said


def lives(customer: str, city: str) -> Any:
    """A customer of the gift trades, and where."""
    fields = {"industry": "礼品", "profile": {"city": city}}
    data = {"customer_id": customer, "profiled_at": YESTERDAY.isoformat(), "fields": fields}
    return customer, "customer.profiled", data


async def tell(stack: LocalStack, topic: str, *told: Any) -> None:
    """What other systems publish."""
    records = []
    for number, (key, kind, data) in enumerate(told):
        whole = {
            "specversion": "1.0", "id": f"{kind}-{number}", "source": "/erp", "type": kind, "data": data,
            "time": YESTERDAY.isoformat(), "datacontenttype": "application/json",
        }  # fmt: skip
        records.append((key.encode(), json.dumps(whole).encode()))
    await publish(stack.broker.bootstrap, topic, records)


async def happens(stack: LocalStack) -> None:
    """All that the test is about; what is allowed, or is history, among it."""
    people = [
        (it.person.encode(), encode(Outgoing("", "", "person.recorded", f"p-{it.person}", it), "/hr", NOW))
        for it in STAFF
    ]
    await publish(stack.broker.bootstrap, "organisation.v1", people)
    await tell(stack, "activities.v1", lives("C-1", "临沂"), lives("C-2", "临沂"), lives("C-3", "济南"))

    async def is_known(person: str) -> bool:
        return person in {it["person"] for it in (await stack.get("customers", "/people", who=HR))["items"]}

    await eventually(lambda: is_known("li"), "the staff is known", within=60)
    back = {
        "return_id": "R-1", "customer_id": "C-1", "amount": "600.00", "currency": "CNY", "reason": "rep_error",
        "returned_at": YESTERDAY.isoformat(), "responsible": "S1",
    }  # fmt: skip
    await tell(
        stack, "orders.v1",
        order("SO-1", "C-1", "900"), order("SO-1", "C-2", "600.01"), order("SO-2", "C-1", "600", asked_for="li"),
        order("SO-3", "C-3", "1"), order("SO-4", "C-1", "900", placed_at=NOW - timedelta(days=400)),
        order("SO-5", "C-1", None), order("SO-6", "C-1", "900", signed_by="boss"),
        order("SO-7", "C-3", "1", passed_to="market"), ("C-1", "order.returned", back),
    )  # fmt: skip
    for kind, amount in (("lateness", None), ("lateness", None), ("embezzlement", "12.34")):
        body = {"person": "li", "kind": kind, "note": "督导检查"} | ({} if amount is None else {"amount": amount})
        await stack.post("customers", "/conduct", body, who=INSPECTOR)
    copy = FileExported(
        file="customer:C-1", actor="li", role="rep", department="field", action="profile.exported", outcome="allowed",
        station=None, at=NOW, service="scoring", needs_grant=True,
    )  # fmt: skip
    value = encode(Outgoing("", "", "file.exported", "copy-1", copy), "/tierline/scoring", NOW)
    await publish(stack.broker.bootstrap, "audit.v1", [(b"customer:C-1", value)])


FINED = {
    ("low_margin", "sun", "customer:C-1", "SO-1", "200.00"),
    ("low_margin", "sun", "customer:C-2", "SO-1", "200.00"),
    ("customer_not_passed_on", "sun", "customer:C-1", "SO-2", "200.00"),
    ("regional_customer_not_passed_on", "sun", "customer:C-3", "SO-3", "500.00"),
    ("lateness", "li", None, None, "20.00"),
    ("embezzlement", "li", None, None, "1234.00"),
    ("unapproved_copy", "li", "customer:C-1", None, "500.00"),
}
LACKING = {("low_margin", "cost"), ("faulty_return", "base_wage")}
AS_SUM = ("kind", "person", "file", "order_id", "amount")


async def fines(stack: LocalStack) -> Mapping[tuple[Any, ...], Any]:
    """What is proposed and was not replaced, by what it is for and how much."""
    found = (await stack.get("archive", "/fines", who=HR, limit=100))["items"]
    return {tuple(fine[name] for name in AS_SUM): fine for fine in found if fine["state"] == "proposed"}


async def test_what_happens_is_found_sealed_priced_and_asked_about(stack: LocalStack) -> None:
    """N1–N9 on a running stack: what the company's rules say, no more, each from an entry of the chain."""
    await happens(stack)

    async def all_found() -> bool:
        return (await fines(stack)).keys() >= FINED and await gaps(stack) >= LACKING

    with suppress(TimeoutError):
        await eventually(all_found, "every breach is found", within=90)
    found = await fines(stack)
    assert set(found) == FINED
    assert await gaps(stack) == LACKING

    shown = (await stack.get("archive", "/audit", who=INSPECTOR, action="breach.found", limit=100))["items"]
    entries = {entry["seq"] for entry in shown}
    assert {fine["evidence"]["entry"] for fine in found.values()} <= entries
    (ours,) = [fine for fine in found.values() if fine["kind"] == "unapproved_copy"]
    assert ours["dismissal"]

    wage = {"amount": "4321.00", "from_month": f"{YESTERDAY.astimezone(load_policy().zone):%Y-%m}", "reason": "入职"}
    taken = await stack.post("archive", "/wages/sun", wage, who=HR)
    assert [(fine["kind"], fine["amount"]) for fine in taken["proposed"]] == [("faulty_return", "129.63")]

    for fine in (await fines(stack)).values():
        asked = {(person, fine["fine_id"]) for person in (fine["person"], "hr-1")}
        await eventually(lambda asked=asked: are_asked(stack, asked), f"{fine['fine_id']} is asked about", within=30)
    assert (await stack.get("archive", "/audit/verification"))["verified"]


async def gaps(stack: LocalStack) -> set[tuple[str, str]]:
    return {(gap["kind"], gap["missing"]) for gap in (await stack.get("archive", "/fines/gaps", who=HR))["items"]}


async def are_asked(stack: LocalStack, asked: set[tuple[str, str]]) -> bool:
    """Whether each person has a task about that fine."""
    for person, fine in asked:
        who = next(Person(it.person, Role(it.role), it.department) for it in STAFF if it.person == person)
        tasks = (await stack.get("followup", "/tasks", who=who))["items"]
        if fine not in {task["subject"]["id"] for task in tasks}:
            return False
    return True
