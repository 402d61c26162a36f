"""Customers behind the engine: what is accepted, published, refused, and what two processes do to one another."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest

from shared.contracts.orders import OrderCancelled, OrderPlaced, OrderReturned
from shared.engine.model import Received
from shared.engine.postgres import Database
from tests.integration.customers.house import NOW, Customers

pytestmark = pytest.mark.backend


def order(
    order_id: str, customer_id: str = "C-1", amount: str = "100", currency: str = "CNY", day: int = 0
) -> OrderPlaced:
    return OrderPlaced(
        order_id=order_id,
        customer_id=customer_id,
        amount=Decimal(amount),
        currency=currency,
        placed_at=NOW - timedelta(days=day),
    )


async def test_every_order_leaves_one_mark_in_its_order(customers: Customers) -> None:
    """One trade.recorded per accepted event, keyed by the customer, versions without a gap."""
    outcome = await customers.tell(
        order("SO-1", day=9),
        OrderReturned(return_id="R-1", order_id="SO-2", customer_id="C-1", amount=Decimal(150), currency="CNY",
                      returned_at=NOW),
        order("SO-2"),
        OrderCancelled(order_id="SO-1", customer_id="C-1", cancelled_at=NOW),
        OrderCancelled(order_id="SO-1", customer_id="C-1", cancelled_at=NOW),
    )  # fmt: skip
    assert outcome.accepted == 5
    events = await customers.sent("customers.v1")
    assert [event["id"] for event in events] == [f"C-1:{version}" for version in range(1, 6)]
    assert {event["type"] for event in events} == {"trade.recorded"}
    entries = [event["data"]["entry"] for event in events]
    assert [entry and (entry["entry_id"], entry["amount"], entry["counts"]) for entry in entries] == [
        ("o:SO-1", "100", True), None, ("o:SO-2", "0", True), ("o:SO-1", "0", False), None,
    ]  # fmt: skip
    assert [event["data"]["orders"] for event in events] == [1, 1, 2, 1, 1]
    assert [event["data"]["first_order_on"] for event in events][-2:] == ["2026-03-02", "2026-03-02"]
    assert events[2]["data"]["cause"] == {"id": "e-2", "type": "order.placed", "source": "/test"}


async def test_an_unknown_currency_stores_nothing_and_costs_only_itself(customers: Customers) -> None:
    """Its neighbours take effect; it waits among the dead letters with the reason, and its id stays free."""
    outcome = await customers.tell(order("SO-1"), order("SO-2", currency="XAU"), order("SO-3", "C-2"))
    assert (outcome.accepted, outcome.refused) == (2, 1)
    rows = await customers.database.fetch("SELECT code, detail FROM dead_letters")
    assert [tuple(row) for row in rows] == [
        ("unknown_currency", "the policy has no rate for XAU on 2026-03-02"),
    ]
    assert await customers.database.fetchval("SELECT count(*) FROM orders") == 2
    again = await customers.tell(order("SO-2"), event_id="e-1")
    assert again.accepted == 1


async def test_a_refused_customer_is_not_created(customers: Customers) -> None:
    """Nothing stored means also no empty customer."""
    await customers.tell(order("SO-1", "C-9", currency="XAU"))
    assert await customers.database.fetchval("SELECT count(*) FROM customers") == 0


async def test_two_contents_of_one_order_at_one_time_end_among_the_dead_letters(customers: Customers) -> None:
    """Neither silently wins by coming first."""
    await customers.tell(order("SO-1"))
    await customers.tell(order("SO-1", amount="99"))
    assert await customers.database.fetchval("SELECT code FROM dead_letters") == "contradiction"
    assert await customers.database.fetchval("SELECT net FROM orders") == 100


async def test_money_is_exact_to_the_last_digit(customers: Customers) -> None:
    """Twelve digits, twelve places, a rate: nothing is rounded on the way to the wire."""
    await customers.tell(order("SO-1", amount="999999999999.999999999999", currency="GBP"))
    (event,) = await customers.sent("customers.v1")
    assert Decimal(event["data"]["entry"]["amount"]) == Decimal("9499999999999.9999999999905")


async def test_two_processes_make_one_customer(customers: Customers, customers_database: Database) -> None:
    """Orders and activities of a new customer arrive at once: whoever loses tries again, and versions have no gap."""
    other = Customers(customers_database)
    polls = [
        [customers.record(order(f"SO-{n}", f"C-{n % 7}"), event_id=f"a-{n}") for n in range(50)],
        [other.record(order(f"SP-{n}", f"C-{n % 7}"), event_id=f"b-{n}") for n in range(50)],
    ]
    # Another partition each, as two topics are: their fences do not meet, their customers do.
    moved = [Received("orders.v1", part, *record[2:]) for part, poll in enumerate(polls) for record in poll]
    await asyncio.gather(
        customers.processors["orders.v1"].process(moved[:50]), other.processors["orders.v1"].process(moved[50:])
    )
    rows = await customers_database.fetch("SELECT customer_id, version, orders FROM customers ORDER BY customer_id")
    assert sum(row["orders"] for row in rows) == sum(row["version"] for row in rows) == 100
    ids = [event["id"] for event in await customers.sent("customers.v1")]
    assert sorted(ids) == sorted(f"{row['customer_id']}:{v}" for row in rows for v in range(1, row["version"] + 1))


async def test_everyday_login_may_do_what_it_needs_and_no_more(customers_database: Database) -> None:
    """Papers stay as they came, nothing is deleted, and the tables are not its own."""
    for statement in (
        "UPDATE returns SET amount = 0",
        "UPDATE payments SET amount = 0",
        "DELETE FROM customers",
        "DELETE FROM orders",
        "TRUNCATE grants",
        "ALTER TABLE customers ADD COLUMN x text",
        "CREATE TABLE mine (x text)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await customers_database.execute(statement)
