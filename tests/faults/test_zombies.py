"""Processes that were thought dead come back, members come and go: what they bring late has no effect."""

from __future__ import annotations

import asyncio
import signal
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from shared.contracts.registry import SERVICES
from tests.faults.ledger import Ledger
from tests.faults.order_system import OrderSystem
from tests.faults.twins import twin

pytestmark = [pytest.mark.backend, pytest.mark.faults, pytest.mark.timeout(300)]


async def test_a_process_that_slept_through_its_session_has_no_effect(
    ledger: Ledger, orders: OrderSystem, tmp_path: Path
) -> None:
    """Twins beside every service → the first ones stopped under load → the twins finish → they wake → clean."""
    stack = ledger.stack
    with ExitStack() as twins:
        for service in SERVICES:
            twins.callback(twin(stack, service, tmp_path).stop)
        async with asyncio.TaskGroup() as load:
            load.create_task(orders.send(rate=300, seconds=6))
            await ledger.until_moving(within=20)
            for service in SERVICES:
                stack.signal(service, signal.SIGSTOP)
        try:
            # Nothing but the twins can do this: Kafka gives a silent member's share away after its session of 10 s.
            await ledger.drain(within=60)
        finally:
            for service in SERVICES:
                stack.signal(service, signal.SIGCONT)
        await orders.send(rate=300, seconds=4)
    await ledger.settle(orders)


async def test_members_that_come_and_go_cost_nothing(
    ledger: Ledger, orders: OrderSystem, chance: Random, tmp_path: Path
) -> None:
    """Load → twins of customers join and leave, half of them by kill -9 → the ledger is clean."""
    async with asyncio.TaskGroup() as load:
        loading = load.create_task(orders.send(rate=300, seconds=12))
        while not loading.done():
            member = await asyncio.to_thread(twin, ledger.stack, "customers", tmp_path)
            await asyncio.to_thread(member.kill if chance.random() < 0.5 else member.stop)
    await ledger.settle(orders)
