"""The broker or the database goes away under load: everybody waits, goes on, and loses nothing."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from shared.contracts.registry import SERVICES
from tests.faults.chaos import random_pause
from tests.faults.ledger import Ledger
from tests.faults.order_system import OrderSystem

pytestmark = [pytest.mark.backend, pytest.mark.faults, pytest.mark.timeout(300)]


async def test_a_killed_broker_costs_time_only(ledger: Ledger, orders: OrderSystem, chance: Random) -> None:
    """Load → kill -9 of the broker, twice → it comes back with its log → the ledger is clean."""
    broker = ledger.stack.broker
    if not broker.keeps_acknowledged:
        pytest.skip(f"{broker.name} may forget what it acknowledged; --backend apache does not")
    async with asyncio.TaskGroup() as load:
        load.create_task(orders.send(rate=300, seconds=25))
        for _ in range(2):
            await ledger.until_moving(within=30)
            await random_pause(chance, 2)
            await asyncio.to_thread(broker.kill)
            await asyncio.to_thread(broker.start)
    await ledger.settle(orders)


async def test_a_database_cut_off_at_once_costs_time_only(ledger: Ledger, orders: OrderSystem, chance: Random) -> None:
    """Load → immediate shutdown of PostgreSQL, three times, in the middle of commits → the ledger is clean."""
    server = ledger.stack.database_server
    pids = {service: ledger.stack.pid(service) for service in SERVICES}
    async with asyncio.TaskGroup() as load:
        load.create_task(orders.send(rate=300, seconds=12))
        for _ in range(3):
            await ledger.until_moving(within=30)
            await random_pause(chance, 1)
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
    await ledger.settle(orders)
    assert {service: ledger.stack.pid(service) for service in SERVICES} == pids, "a service died of its database"
