"""A policy is put in force while orders come in, and while the service that decides is killed."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import yaml

from shared.contracts.registry import SERVICES
from shared.policy import default_text, load_policy
from shared.roles import Role
from tests.backends.publishing import publish
from tests.backends.stack import LocalStack, Person, eventually

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(300)]

DIRECTOR = Person("director-1", Role.MARKETING_DIRECTOR)
REP = Person("rep-1", Role.REP, "tea")
CUSTOMERS = 600
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """So few decisions a transaction that a new policy needs many of them."""
    return {"TIERLINE_DECISIONS_PER_TRANSACTION": "5"}


def file_of(version: str, **rfm: Any) -> str:
    """The default policy with other numbers of RFM."""
    document = load_policy().as_json()
    return yaml.safe_dump(document | {"version": version, "rfm": document["rfm"] | rfm})


def order(number: int, customer: int, days_ago: int) -> tuple[bytes, bytes]:
    data = {
        "order_id": f"SO-{number}",
        "customer_id": f"C-{customer:04}",
        "amount": f"{100 + customer}.00",
        "currency": "CNY",
        "placed_at": (NOW - timedelta(days=days_ago)).isoformat(),
        "sold_by": f"rep-{customer % 3}",
    }
    return data["customer_id"].encode(), json.dumps({"type": "order.placed", "data": data}).encode()


async def test_the_file_of_the_start_is_everybodys_first_version(stack: LocalStack) -> None:
    """Scoring keeps it as number 1, and each service has it in its own database."""
    await everywhere(stack, 1)
    found = await stack.command("policy", "versions")
    assert [(each["number"], each["version"], each["author"]) for each in found] == [(1, "2026-1", "tierline")]
    assert (await stack.command("policy", "show"))["policy"] == default_text()


async def test_who_may_not_decide_is_refused_and_told_so_in_the_audit(stack: LocalStack) -> None:
    """A rep looks, and does not activate."""
    assert (await stack.get("scoring", "/policy", who=REP))["number"] == 1
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        await stack.post("scoring", "/policy/activate", {"written": "x", "reason": "mine"}, who=REP)
    with pytest.raises(httpx.HTTPStatusError, match="422"):
        await stack.post("scoring", "/policy/activate", {"written": "version: 1", "reason": "x"}, who=DIRECTOR)
    assert (await stack.get("scoring", "/policy", who=REP))["number"] == 1


async def test_levels_follow_a_new_policy_through_a_kill_and_a_stream_of_orders(stack: LocalStack) -> None:
    """Orders → preview → activate → kill -9 in the middle → the levels of a full computation, each told once."""
    await publish(stack.broker.bootstrap, "orders.v1", (order(n, n, 200 + n % 90) for n in range(CUSTOMERS)))
    await drained(stack, CUSTOMERS)
    preview = await stack.post(
        "scoring", "/policy/preview", {"written": file_of("half", key_share="0.5")}, who=DIRECTOR
    )
    assert (preview["customers"], preview["changing"]) == (CUSTOMERS, round(0.3 * CUSTOMERS))

    async with orders_all_the_while(stack):
        body = {"written": file_of("half", key_share="0.5"), "reason": "a wider circle", "replaces": "2026-1"}
        activated = await stack.post("scoring", "/policy/activate", body, who=DIRECTOR)
        assert (activated["number"], activated["author"]) == (2, "director-1")

        async def has_begun() -> bool:
            return await by_policy(stack, "half") > 0

        await eventually(has_begun, "first levels under the new policy", 30)
        killed = stack.signal("scoring", signal.SIGKILL)
        begun = await by_policy(stack, "half")

        async def replaced() -> bool:
            return stack.pid("scoring") not in (None, killed)

        await eventually(replaced, "scoring started again", 60)
        await stack.until_ready("scoring")
        await everywhere(stack, 2)
    await settled(stack)
    assert begun < round(0.3 * CUSTOMERS), "the kill came too late to prove anything"
    verdict = await stack.post("scoring", "/check", who=DIRECTOR)
    assert (verdict["customers"], verdict["different"]) == (CUSTOMERS, 0)
    levels = {row["level"]: row["customers"] for row in await stack.get("scoring", "/levels")}
    assert levels == {"key": CUSTOMERS // 2, "ordinary": CUSTOMERS // 2}
    rows = await fetch(
        stack,
        "scoring",
        "SELECT customer_id, count(*) AS entries FROM tier_history WHERE policy_version = 'half'"
        " AND explanation -> 'cause' ->> 'kind' = 'policy' GROUP BY 1",
    )
    assert {row["entries"] for row in rows} == {1}
    assert await stack.command("dlq", "list") == []


async def test_a_rollback_is_a_version_of_its_own_and_all_of_it_is_in_the_audit(
    stack: LocalStack, tmp_path: Path
) -> None:
    """tierline policy rollback → the old content decides again; a second decision about the same version comes late."""
    third = tmp_path / "third.yaml"
    third.write_text(file_of("third"))
    preview = await stack.command("policy", "preview", str(third), "--first", "3")
    assert (preview["in_force"], preview["changing"], len(preview["first"])) == ("half", round(0.3 * CUSTOMERS), 3)
    found = await stack.command("policy", "rollback", "2026-1", "--reason", "too wide", "--replaces", "half")
    assert (found["number"], found["version"], found["restores"]) == (3, "2026-1+3", "2026-1")
    await everywhere(stack, 3)
    await settled(stack)
    levels = {row["level"]: row["customers"] for row in await stack.get("scoring", "/levels")}
    assert levels["key"] == CUSTOMERS // 5
    assert (await stack.post("scoring", "/check", who=DIRECTOR))["different"] == 0
    with pytest.raises(httpx.HTTPStatusError, match="409"):
        await stack.post(
            "scoring", "/policy/rollback", {"version": "half", "reason": "no", "replaces": "half"}, who=DIRECTOR
        )

    async def sealed() -> bool:
        inspector = Person("inspector-1", Role.INSPECTOR)
        found = [
            entry["action"]
            for version in ("half", "2026-1+3")
            for entry in (await stack.get("archive", "/audit", who=inspector, file=f"policy:{version}"))["items"]
        ]
        return found == ["decision.made", "decision.made"]

    await eventually(sealed, "both decisions in the audit", 30)


async def test_a_file_that_is_set_aside_is_said_so(stack: LocalStack, tmp_path: Path) -> None:
    """Another TIERLINE_POLICY_FILE at a restart: the log and doctor tell that it does not decide."""
    stack.stop()
    other = tmp_path / "other.yaml"
    other.write_text(file_of("edited", key_share="0.9"))
    stack._environment["TIERLINE_POLICY_FILE"] = str(other)
    stack.start()
    await everywhere(stack, 3)
    assert (await stack.get("scoring", "/policy", who=REP))["version"] == "2026-1+3"
    for service in SERVICES:

        async def said(service: str = service) -> bool:
            return "policy_file_set_aside" in stack.log(service)

        await eventually(said, f"{service} to say so", 20)
    findings = {finding["about"]: finding for finding in (await stack.command("doctor", "--lang", "en"))["findings"]}
    assert findings["policy in force"]["verdict"] == "note"
    assert "edited" in findings["policy in force"]["what"]
    assert (await stack.post("scoring", "/check", who=DIRECTOR))["different"] == 0


@asynccontextmanager
async def orders_all_the_while(stack: LocalStack) -> AsyncIterator[None]:
    """Orders of known customers, some every moment, until the block ends."""
    stop = asyncio.Event()

    async def send() -> None:
        number = CUSTOMERS
        while not stop.is_set():
            batch = [order(number + n, (number + n) * 7 % CUSTOMERS, 100) for n in range(10)]
            await publish(stack.broker.bootstrap, "orders.v1", batch)
            number += len(batch)
            await asyncio.sleep(0.05)

    sending = asyncio.create_task(send())
    try:
        yield
    finally:
        stop.set()
        await sending


async def everywhere(stack: LocalStack, number: int) -> None:
    """Return when all four services keep this activation in their own databases."""
    for service in SERVICES:

        async def there(service: str = service) -> bool:
            rows = await fetch(stack, service, "SELECT number FROM policy_in_force")
            return bool(rows[0]["number"] == number)

        await eventually(there, f"activation {number} in {service}", 60)


async def drained(stack: LocalStack, customers: int) -> None:
    async def all_there() -> bool:
        rows = await fetch(stack, "scoring", "SELECT count(*) AS n FROM customers")
        return bool(rows[0]["n"] == customers)

    await eventually(all_there, f"{customers} customers in scoring", 90)
    await settled(stack)


async def settled(stack: LocalStack) -> None:
    """Return when nothing is under way, and everybody has been decided under the policy in force."""

    async def quiet() -> bool:
        status = await stack.command("status")
        board = await fetch(
            stack,
            "scoring",
            "SELECT b.decided_under = p.digest AS decided FROM board AS b CROSS JOIN policy_in_force AS p",
        )
        idle = all(s["lag"] == 0 and s["outbox"] == 0 for s in status["services"].values())
        return idle and bool(board) and bool(board[0]["decided"])

    await eventually(quiet, "all levels decided", 90)


async def by_policy(stack: LocalStack, version: str) -> int:
    """How many levels a policy has moved so far."""
    rows = await fetch(
        stack,
        "scoring",
        "SELECT count(*) AS n FROM tier_history"
        " WHERE policy_version = $1 AND explanation -> 'cause' ->> 'kind' = 'policy'",
        version,
    )
    return int(rows[0]["n"])


async def fetch(stack: LocalStack, service: str, query: str, *args: Any) -> list[Any]:
    connection = await asyncpg.connect(stack.database(service))
    try:
        return list(await connection.fetch(query, *args))
    finally:
        await connection.close()
