"""The way of an order through the four services, as people at its ends see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from shared.roles import Role
from tests.backends.publishing import publish
from tests.backends.stack import LocalStack, Person, eventually

pytestmark = [pytest.mark.backend, pytest.mark.timeout(180)]

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
GM = Person("gm-1", Role.GM)
REP = Person("rep-7", Role.REP, "tea")
INSPECTOR = Person("inspector-1", Role.INSPECTOR)
STRANGER = Person("rep-99", Role.REP, "elsewhere")

ORDER = {
    "order_id": "SO-1001",
    "customer_id": "C-42",
    "amount": "12800.00",
    "currency": "CNY",
    "placed_at": (datetime.now(UTC) - timedelta(days=3)).isoformat(),
    "lines": [{"sku": "A-1", "category": "tea", "quantity": 10, "unit_price": "1280.00", "unit_cost": "900.00"}],
    "sold_by": "rep-7",
    "channel": "visit",
}


async def test_an_order_becomes_a_level_a_planned_contact_and_an_audit_entry(stack: LocalStack) -> None:
    """order.placed → a key customer, and why → the next contact planned → sealed → the chain verifies."""
    await tell(stack, "order.placed", ORDER)

    tier = await answer(stack, "scoring", "/tiers/C-42", GM, lambda tier: tier["level"] == "key")
    assert (tier["class"], tier["orders"], tier["amount"], tier["rank"]) == ("contract", 1, "12800.00", 1)
    assert tier["why"]["en"]
    assert tier["why"]["zh"]

    schedule = await answer(stack, "followup", "/schedule/C-42", GM, lambda schedule: schedule["next_due_on"])
    assert schedule["rep"] == "rep-7"
    assert date.fromisoformat(schedule["next_due_on"]) > datetime.now(UTC).date()

    await sealed(stack, "C-42", {(None, "file_amended"), (None, "level_decided")})
    assert (await stack.get("archive", "/audit/verification"))["verified"]


async def test_the_same_order_twice_counts_once_and_a_return_lowers_it(stack: LocalStack) -> None:
    """The order again, then a return that names it → still one order, for less."""
    await tell(stack, "order.placed", ORDER)
    returned = {"return_id": "R-1", "order_id": "SO-1001", "customer_id": "C-42", "amount": "800.00", "currency": "CNY"}
    await tell(stack, "order.returned", {**returned, "returned_at": datetime.now(UTC).isoformat()})
    tier = await answer(stack, "scoring", "/tiers/C-42", GM, lambda tier: tier["amount"] == "12000.00")
    assert tier["orders"] == 1


async def test_a_file_is_read_only_with_a_mark_in_the_audit(stack: LocalStack) -> None:
    """Its rep reads → the audit says so; a stranger asks → refused, and the audit says that too."""
    await stack.get("customers", "/customers/C-42", who=REP)
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        await stack.get("customers", "/customers/C-42", who=STRANGER)
    await sealed(stack, "C-42", {(REP.name, "file.read"), (STRANGER.name, "access.denied")})


async def test_without_a_token_nothing_is_told(stack: LocalStack) -> None:
    """No bearer token → 401 from every service; health and contracts stay open."""
    async with httpx.AsyncClient(trust_env=False) as client:
        for service, path in (
            ("customers", "/customers/C-42"),
            ("scoring", "/tiers/C-42"),
            ("followup", "/reminders"),
            ("archive", "/audit"),
        ):
            url = stack.state.services[service].url
            assert (await client.get(url + path)).status_code == 401
            for open_to_all in ("/healthz", "/readyz", "/metrics", "/docs/asyncapi"):
                assert (await client.get(url + open_to_all)).status_code == 200


@pytest.mark.slow
async def test_the_command_line_tells_the_same(stack: LocalStack) -> None:
    """tierline status, tiers and audit verify answer in JSON what the services know."""
    status = await stack.command("status")
    assert {name: service["ready"] for name, service in status["services"].items()} == dict.fromkeys(
        ("customers", "scoring", "followup", "archive"), True
    )
    await tell(stack, "order.placed", ORDER)
    await answer(stack, "scoring", "/tiers/C-42", GM, lambda tier: tier["level"] == "key")
    assert (await stack.command("tiers", "C-42"))["level"] == "key"
    assert (await stack.command("audit", "verify"))["verified"]
    assert await stack.command("dlq", "list") == []


async def test_time_alone_makes_a_reminder_and_then_a_lapsed_customer(stack: LocalStack) -> None:
    """Five weeks later → the rep is reminded, once; a year later, no order → lapsed since the year was over."""
    today = datetime.now(UTC).date()
    assert stack.stop() < 10
    stack.start(today=today + timedelta(days=35))
    reminders = await answer(stack, "followup", "/reminders", GM, lambda page: page["items"])
    assert [(item["customer_id"], item["rep"], item["state"]) for item in reminders["items"]] == [
        ("C-42", "rep-7", "due")
    ]

    stack.stop()
    stack.start(today=today + timedelta(days=366))
    tier = await answer(stack, "scoring", "/tiers/C-42", GM, lambda tier: tier["level"] == "lapsed")
    lapsed_on = datetime.fromisoformat(str(ORDER["placed_at"])).astimezone(BUSINESS_ZONE).date() + timedelta(days=365)
    assert tier["since"] == str(lapsed_on)
    assert tier["rank"] is None
    assert (await stack.get("archive", "/audit/verification"))["verified"]


async def tell(stack: LocalStack, kind: str, data: dict[str, Any]) -> None:
    """Publish one event as an order system that knows no CloudEvents does: type and data, nothing else."""
    value = json.dumps({"type": kind, "data": data}).encode()
    await publish(stack.broker.bootstrap, "orders.v1", [(data["customer_id"].encode(), value)])


async def answer(stack: LocalStack, service: str, path: str, who: Person, until: Callable[[Any], Any]) -> Any:
    """The service's answer, once there is one and `until` finds it good."""
    found: Any = None

    async def good() -> bool:
        nonlocal found
        try:
            found = await stack.get(service, path, who=who)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != 404:
                raise
            return False
        return bool(until(found))

    await eventually(good, f"{path} of {service}", within=30)
    return found


async def sealed(stack: LocalStack, file: str, told: set[tuple[str | None, str]]) -> None:
    """Return once the audit of a file tells of all these, each who did what."""
    await answer(
        stack,
        "archive",
        f"/audit?file={file}",
        INSPECTOR,
        lambda page: told <= {(entry["actor"], entry["action"]) for entry in page["items"]},
    )
