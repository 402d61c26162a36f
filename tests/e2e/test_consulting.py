"""Asking to read another's customer: the whole chain through running services, its end within two seconds."""

from __future__ import annotations

import json
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.contracts.envelope import encode
from shared.contracts.organisation import PersonRecorded
from shared.engine.model import Outgoing
from shared.links import KEY_FILE, Link, read_links
from shared.roles import Role
from tests.backends.publishing import publish
from tests.backends.stack import LocalStack, Person, eventually

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(300)]

KEEPER = Person("li", Role.REP, "d1")
ASKER = Person("qi", Role.REP, "d2")
BOSS = Person("boss", Role.GM)
ARCHIVIST = Person("an", Role.ARCHIVIST)
MEI = Person("mei", Role.MARKETING_DIRECTOR)
STAFF = (
    ("boss", "gm", None, None), ("mei", "marketing_director", None, "boss"), ("an", "archivist", None, "boss"),
    ("meng", "department_manager", "d1", "mei"), ("bao", "department_manager", "d2", "mei"),
    ("li", "rep", "d1", "meng"), ("qi", "rep", "d2", "bao"),
)  # fmt: skip
FILE = "customer:C-7"


async def company(stack: LocalStack) -> None:
    """Everybody recorded, and a customer of li's in d1."""
    now = datetime.now(UTC)
    people = [
        (name.encode(), encode(Outgoing("", "", "person.recorded", f"p-{name}", data), "/hr", now))
        for name, role, department, manager in STAFF
        for data in [PersonRecorded(person=name, role=role, department=department, manager=manager, active=True)]
    ]
    await publish(stack.broker.bootstrap, "organisation.v1", people)
    order = {
        "order_id": "SO-7", "customer_id": "C-7", "amount": "10.00", "currency": "CNY", "sold_by": "li",
        "placed_at": (now - timedelta(days=1)).isoformat(),
    }  # fmt: skip
    bare = json.dumps({"type": "order.placed", "data": order}).encode()
    await publish(stack.broker.bootstrap, "orders.v1", [(b"C-7", bare)])
    await eventually(lambda: reads(stack, KEEPER), "the keeper reads", within=60)
    await stack.post("customers", "/customers/C-7/profile", {"department": "d1"}, who=BOSS)


async def reads(stack: LocalStack, who: Person) -> bool:
    try:
        await stack.get("customers", "/customers/C-7", who=who)
    except httpx.HTTPStatusError as error:
        if error.response.status_code not in {403, 404}:
            raise
        return False
    return True


async def ask(stack: LocalStack) -> Any:
    until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    return await stack.post("archive", "/requests", {"file": FILE, "why": "报价", "until": until}, who=ASKER)


async def asked_of(stack: LocalStack, person: str, request_id: str) -> bool:
    tasks = await stack.command("tasks", "--as", person)
    return any(task["subject"]["id"].startswith(request_id) for task in tasks)


async def test_the_chain_opens_a_file_and_its_end_closes_it_within_two_seconds(stack: LocalStack) -> None:
    """Asked → signed on the command line → consented by a link → approved, released → read → revoked → refused."""
    await company(stack)

    async def consent_is_mengs() -> bool:
        try:
            plan = await stack.get("archive", "/requests/preview", who=MEI, file=FILE)
        except httpx.HTTPStatusError as error:
            if error.response.json()["code"] != "unknown_person":
                raise
            return False
        return [p["person"] for step in plan["steps"] for p in step["people"] if step["act"] == "consent"] == ["meng"]

    await eventually(consent_is_mengs, "archive knows whose file it is", within=60)
    assert not await reads(stack, ASKER)
    request_id = (await ask(stack))["request_id"]
    await eventually(lambda: asked_of(stack, "bao", request_id), "the manager is asked", within=30)
    await stack.command("requests", "approve", request_id, "--as", "bao", "--reason", "同意")

    links = read_links(stack.layout.keys / KEY_FILE)
    assert links is not None
    token = links.make(Link(f"{request_id}/2", "meng", datetime.now(UTC) + timedelta(hours=1)))
    async with httpx.AsyncClient(trust_env=False, base_url=stack.state.services["archive"].url) as browser:
        assert (await browser.get(f"/decide/{token}")).status_code == 200
        assert (await browser.post(f"/decide/{token}", data={"decision": "approve", "reason": "同意"})).is_success
        assert (await browser.get(f"/decide/{token}")).status_code == 404
    await stack.command("requests", "approve", request_id, "--as", "boss", "--reason", "同意")
    grant = await stack.command("grants", "release", request_id, "--as", "an", "--reason", "已核对")
    await eventually(lambda: reads(stack, ASKER), "the grant opens the file", within=30)

    took = []
    for number in range(5):
        if number:
            again = (await ask(stack))["request_id"]
            for person in ("bao", "meng", "boss", "an"):
                body = {"decision": "approve", "reason": "同意"}
                await stack.post("archive", f"/requests/{again}/decisions", body, who=Person(person, Role.REP))
            grant = (await stack.get("archive", "/grants", who=ASKER, live=True))["items"][0]
            await eventually(lambda: reads(stack, ASKER), "the grant opens the file", within=30)
        await stack.post("archive", f"/grants/{grant['grant_id']}/revoke", {"reason": "已离岗"}, who=ARCHIVIST)
        begun = time.monotonic()
        while await reads(stack, ASKER):
            assert time.monotonic() - begun < 2
        took.append(time.monotonic() - begun)
    print(f"revoked grants stopped reads after {', '.join(f'{1000 * seconds:.0f}' for seconds in took)} ms")  # noqa: T201


async def test_a_reader_cut_off_from_archive_refuses_after_thirty_seconds(stack: LocalStack) -> None:
    """Archive falls silent → what a grant opened stays shut until it is heard again; the keeper reads on."""
    request_id = (await ask(stack))["request_id"]
    for person in ("bao", "meng", "boss", "an"):
        body = {"decision": "approve", "reason": "同意"}
        await stack.post("archive", f"/requests/{request_id}/decisions", body, who=Person(person, Role.REP))
    await eventually(lambda: reads(stack, ASKER), "the grant opens the file", within=30)
    stack.signal("archive", signal.SIGSTOP)
    begun = time.monotonic()
    try:

        async def refused() -> bool:
            return not await reads(stack, ASKER)

        await eventually(refused, "the reader is refused", within=45)
        took = time.monotonic() - begun
        assert took > 15, "the last beat was at most ten seconds old"
        assert await reads(stack, KEEPER)
        print(f"cut off, refused after {took:.1f} s")  # noqa: T201
    finally:
        stack.signal("archive", signal.SIGCONT)
    await eventually(lambda: reads(stack, ASKER), "archive is heard again", within=60)
