"""Customers of an earlier release, after the upgrade."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.contracts.activities import ContactMade, CustomerProfiled, ProfileFields
from shared.engine.postgres import Database
from tests.backends import Databases
from tests.in_force import activation, changed
from tests.integration.customers.house import APP, NOW, POLICY, Customers, as_login, prepare
from tests.integration.customers.test_effects import order
from tests.upgrading import released

pytestmark = pytest.mark.backend

DAY = timedelta(days=1)

BEFORE = """
INSERT INTO customers (customer_id, version, orders, first_order_on, last_order_on, named_rep)
VALUES ('C-1', 4, 3, '2026-01-01', '2026-03-01', 'rep-1'), ('C-2', 1, 1, '2026-01-01', '2026-01-01', NULL);
INSERT INTO orders (customer_id, order_id, stated_at, placed_at, dated, amount, currency, net, cancelled_at)
VALUES ('C-1', 'O-1', '2026-01-01T02:00:00Z', '2026-01-01T02:00:00Z', '2026-01-01', 1, 'CNY', 1, NULL),
       ('C-1', 'O-2', '2026-01-31T02:00:00Z', '2026-01-31T02:00:00Z', '2026-01-31', 1, 'CNY', 1, NULL),
       ('C-1', 'O-3', '2026-03-01T02:00:00Z', '2026-03-01T02:00:00Z', '2026-03-01', 1, 'CNY', 1, NULL),
       ('C-1', 'O-4', '2026-02-01T02:00:00Z', '2026-02-01T02:00:00Z', '2026-02-01', 1, 'CNY', 0, '2026-02-02Z'),
       ('C-2', 'O-1', '2026-01-01T02:00:00Z', '2026-01-01T02:00:00Z', '2026-01-01', 1, 'CNY', 1, NULL);
INSERT INTO statements (customer_id, field, stated_at, value)
VALUES ('C-1', 'rep', '2026-01-05T02:00:00Z', 'rep-1'), ('C-1', 'name', '2026-02-05T02:00:00Z', 'A');
INSERT INTO contacts (customer_id, contact_id, made_at, rep, channel, outcome)
VALUES ('C-1', 'K-1', '2026-02-10T02:00:00Z', 'rep-1', 'mail', ''),
       ('C-1', 'K-2', '2026-02-20T02:00:00Z', 'rep-2', 'mail', '');
"""

RHYTHM = ("purchases", "usual_interval", "usual_spread")


def rhythm(event: dict[str, dict[str, object]]) -> tuple[object, ...]:
    return tuple(event["data"][name] for name in RHYTHM)


async def test_customers_of_an_earlier_release_are_recounted_and_told_once(databases: Databases) -> None:
    """F1, P2, O2: from their orders, statements and contacts; until then nothing half-known is told."""
    async with released(databases, "customers", "0020", prepare) as (dsn, old):
        await old.execute(BEFORE)
    customers = Customers(Database(as_login(dsn, APP), application="test"))
    try:
        await customers.tell(order("O-9", "C-2"))
        [event] = await customers.sent("customers.v1")
        assert (rhythm(event), event["data"]["upkeep"]) == ((None, None, None), None)
        await customers.retell()
        _, first, second = await customers.sent("customers.v1")
        assert [first["type"], second["type"]] == ["profile.recorded", "profile.recorded"]
        assert rhythm(first) == (3, 29, 1)
        assert first["data"]["upkeep"] == {
            "improved_on": "2026-02-05",
            "gaps": ["country", "industry", "address", "phone", "buyer"],
            "given_on": "2026-01-05",
            "reported_on": "2026-02-10",
        }
        assert rhythm(second) == (2, 60, 0)
        assert second["data"]["upkeep"]["gaps"] is None
        assert await customers.retell.batch() == 0
    finally:
        await customers.database.close()


async def test_what_a_file_requires_is_told_anew_with_the_policy(customers: Customers) -> None:
    """P2: everybody once, with the names that the new policy asks for."""
    await customers.tell(order("O-1", "C-1"), order("O-1", "C-2"))
    filled = ProfileFields(name="A", rep="rep-1", profile={"phone": "1", "vat": ""})
    await customers.tell(CustomerProfiled(customer_id="C-1", profiled_at=NOW - DAY, fields=filled))
    await customers.tell(ContactMade(contact_id="K", customer_id="C-1", rep="rep-1", made_at=NOW, channel="mail"))
    before = len(await customers.sent("customers.v1"))
    await customers.tell(activation(changed(POLICY, "other", files__required=["name", "vat"]), 2))
    await customers.retell()
    first, second = (await customers.sent("customers.v1"))[before:]
    assert first["data"]["upkeep"] == {
        "improved_on": "2026-03-01", "gaps": ["vat"], "given_on": "2026-03-01", "reported_on": "2026-03-02",
    }  # fmt: skip
    assert second["data"]["upkeep"]["gaps"] is None
