"""Whoever is killed while contacts fall due, each is reminded of exactly once."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tests.backends.stack import LocalStack, eventually
from tests.faults.chaos import Chaos
from tests.faults.ledger import Ledger
from tests.faults.order_system import OrderSystem

pytestmark = [pytest.mark.backend, pytest.mark.faults, pytest.mark.timeout(180)]

DAYS_AHEAD = 45  # a contract customer's mail is due about once a month (F1)


async def test_each_due_contact_is_reminded_of_once(
    stack: LocalStack, ledger: Ledger, orders: OrderSystem, chance: Random
) -> None:
    """Customers get their plan → weeks pass → followup is killed while it issues → one reminder each, on the wire."""
    orders.customers = 3000
    await orders.send(rate=1000, seconds=5)
    await ledger.settle(orders)
    stack.stop()

    later = datetime.now(UTC).date() + timedelta(days=DAYS_AHEAD)
    starting = asyncio.create_task(asyncio.to_thread(stack.start, later))
    await eventually(lambda: reminders_exist(ledger), "the first reminders", 60)
    await Chaos(stack, chance, services=("followup",)).strike(signal.SIGKILL, times=3, seconds=4)
    await starting
    await eventually(lambda: nothing_is_due(ledger, later.isoformat()), "every due contact reminded of", 60)

    await ledger.drain(within=60)
    wrong = await ledger.discrepancies()
    assert not wrong, "\n".join(wrong)
    planned = await ledger.rows("followup", "SELECT FROM schedule_lines WHERE reminded_until IS NOT NULL")
    reminded = await ledger.rows("followup", "SELECT FROM reminders")
    assert len(planned) == len(reminded) > 1000


async def reminders_exist(ledger: Ledger) -> bool:
    """Whether issuing has begun."""
    return bool(await ledger.rows("followup", "SELECT FROM reminders LIMIT 1"))


async def nothing_is_due(ledger: Ledger, today: str) -> bool:
    """Whether no contact of today or earlier waits to be issued."""
    return not await ledger.rows("followup", "SELECT FROM schedule_lines WHERE due_on <= $1::text::date LIMIT 1", today)
