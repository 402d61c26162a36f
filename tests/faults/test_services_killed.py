"""Services die under load, and every event still takes effect once, in order."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import asyncpg
import pytest

from shared.contracts.registry import SERVICES
from tests.backends.stack import eventually
from tests.faults.chaos import Chaos, until_replaced
from tests.faults.ledger import Ledger
from tests.faults.order_system import OrderSystem
from tests.faults.topics import read_all

pytestmark = [pytest.mark.backend, pytest.mark.faults, pytest.mark.timeout(300)]


async def test_killed_services_lose_and_double_nothing(ledger: Ledger, orders: OrderSystem, chance: Random) -> None:
    """Load → kill -9 of every service, three times each, at random moments → the ledger is clean."""
    chaos = Chaos(ledger.stack, chance)
    async with asyncio.TaskGroup() as load:
        load.create_task(orders.send(rate=300, seconds=20))
        hit = await chaos.strike(signal.SIGKILL, times=12, seconds=18)
    assert hit >= 8, "most strikes must meet a running process to prove anything"
    await ledger.settle(orders)


async def test_services_that_are_told_to_stop_drain(ledger: Ledger, orders: OrderSystem, chance: Random) -> None:
    """Load → SIGTERM to every service → each ends its batch, says goodbye, comes back → the ledger is clean."""
    chaos = Chaos(ledger.stack, chance)
    async with asyncio.TaskGroup() as load:
        load.create_task(orders.send(rate=300, seconds=8))
        await chaos.strike(signal.SIGTERM, times=4, seconds=6)
    await ledger.settle(orders)
    for service in SERVICES:
        assert "drain_cut_short" not in ledger.stack.log(service)


@pytest.mark.parametrize(("service", "topic"), [("customers", "customers.v1"), ("scoring", "tiers.v1")])
async def test_a_relay_killed_before_it_deletes_sends_again_under_the_same_ids(
    ledger: Ledger, orders: OrderSystem, service: str, topic: str
) -> None:
    """Frames sent and acknowledged, not yet deleted → kill -9 → they go out again, the same to the byte."""
    async with asyncio.TaskGroup() as load:
        load.create_task(orders.send(rate=300, seconds=5))
        async with held_outbox(ledger, service):
            killed = ledger.stack.signal(service, signal.SIGKILL)
        await until_replaced(ledger.stack, service, killed)
    await ledger.settle(orders)
    records = await read_all(ledger.stack.broker.bootstrap, topic)
    assert len({json.loads(record.value)["id"] for record in records}) < len(records)


@asynccontextmanager
async def held_outbox(ledger: Ledger, service: str) -> AsyncIterator[None]:
    """Keep the relay, which has just sent something, from deleting it."""
    deleting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%DELETE FROM outbox%'"
    connection = await asyncpg.connect(ledger.stack.database(service))
    try:

        async def holds_frames() -> bool:
            await connection.execute("ROLLBACK; BEGIN; LOCK TABLE outbox IN SHARE MODE")
            return bool(await connection.fetchval("SELECT count(*) FROM outbox"))

        async def is_deleting() -> bool:
            # By another connection: within a transaction PostgreSQL shows who waits as it was when first asked.
            return bool(await ledger.rows(service, deleting))

        await eventually(holds_frames, "frames in the outbox", 20)
        await eventually(is_deleting, "the relay waiting to delete", 20)
        yield
    finally:
        await connection.close()
