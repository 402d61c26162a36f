"""Whoever is killed while contacts fall due, each is reminded of exactly once."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from tests.backends.stack import LocalStack, eventually
from tests.faults.chaos import Chaos
from tests.faults.ledger import Ledger
from tests.faults.order_system import OrderSystem

pytestmark = [pytest.mark.backend, pytest.mark.faults, pytest.mark.timeout(300)]

# Greetings aside: of a holiday that is over by then nobody is reminded.
DUE = """
    SELECT DISTINCT customer_id FROM schedule_lines WHERE due_on <= $1 AND line <> 'F6.greeting' ORDER BY customer_id
"""
ISSUED = "SELECT DISTINCT customer_id FROM reminders WHERE issued_on = $1 AND kind <> 'greeting' ORDER BY customer_id"
DAYS_AHEAD = 45  # a contract customer's mail is due about once a month (F1)


async def test_each_due_contact_is_reminded_of_once(
    stack: LocalStack, ledger: Ledger, orders: OrderSystem, chance: Random
) -> None:
    """Customers get their plan → weeks pass → followup is killed while it issues → one reminder each, on the wire."""
    later = datetime.now(UTC).date() + timedelta(days=DAYS_AHEAD)
    orders.customers = 3000
    await orders.send(rate=1000, seconds=5)
    await ledger.settle(orders)
    stack.stop()
    due = await ledger.rows("followup", DUE, later)

    starting = asyncio.create_task(asyncio.to_thread(stack.start, later))
    await eventually(lambda: reminders_of(ledger, later), "the day's first reminders", 60)
    await Chaos(stack, chance, services=("followup",)).strike(signal.SIGKILL, times=3, seconds=4)
    await starting
    await eventually(lambda: nothing_is_due(ledger, later), "every due contact reminded of", 60)

    await ledger.drain(within=60)
    wrong = await ledger.discrepancies()
    assert not wrong, "\n".join(wrong)
    # By customer: a reminder ahead of the usual purchase stands for the monthly one of the same day.
    assert await ledger.rows("followup", ISSUED, later) == due
    assert len(due) > 1000


async def reminders_of(ledger: Ledger, day: date) -> bool:
    """Whether issuing that day's list has begun."""
    query = "SELECT FROM reminders WHERE issued_on = $1 LIMIT 1"
    return bool(await ledger.rows("followup", query, day))


async def nothing_is_due(ledger: Ledger, today: date) -> bool:
    """Whether no contact of today or earlier waits to be issued."""
    return not await ledger.rows("followup", "SELECT FROM schedule_lines WHERE due_on <= $1 LIMIT 1", today)
