"""Records that can never take effect cost themselves, not their neighbours, and can be taken after a fix."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.roles import Role
from tests.backends.publishing import Record, publish
from tests.backends.stack import LocalStack, Person, eventually
from tests.faults.ledger import Ledger
from tests.faults.topics import read_all

pytestmark = [pytest.mark.backend, pytest.mark.faults, pytest.mark.timeout(300)]

GOOD = 1000
RATE_OF_XTS = "rates:\n  XTS:\n    - {from: 1990-01-01, rate: 2}\n"
DEFAULT_POLICY = Path(__file__).parents[2] / "shared" / "policy" / "default.yaml"


def placed(order_id: str, customer_id: str, **other: object) -> dict[str, Any]:
    """An order's event, a good one unless `other` says something bad."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    data = {"order_id": order_id, "customer_id": customer_id, "amount": "10.00", "currency": "CNY"}
    return {
        "specversion": "1.0",
        "id": order_id,
        "source": "/order-system",
        "type": "order.placed",
        "time": yesterday,
        "data": {**data, "placed_at": yesterday, **other},
    }


@dataclass(frozen=True)
class Bad:
    """A record that must end in the dead letters with `code`."""

    what: str
    code: str
    value: bytes | None
    key: bytes = b"C-1"


def as_bytes(event: object) -> bytes:
    return json.dumps(event).encode()


TOMORROW = (datetime.now(UTC) + timedelta(days=3)).isoformat()

BAD: Sequence[Bad] = (
    Bad("malformed JSON", "not_json", b'{"specversion": "1.0", "id": '),
    Bad("not UTF-8", "not_json", b"\xff\xfe{}"),
    Bad("a list", "bad_envelope", b"[1, 2]"),
    Bad("wrong types", "bad_data", as_bytes(placed("B-types", "C-1", amount={"value": 3}))),
    Bad("a negative amount", "bad_data", as_bytes(placed("B-negative", "C-1", amount="-1"))),
    Bad("an amount of 10^12", "bad_data", as_bytes(placed("B-huge", "C-1", amount="1000000000000"))),
    Bad("an amount that is no number", "bad_data", as_bytes(placed("B-nan", "C-1", amount="NaN"))),
    Bad("a date before 1990", "bad_data", as_bytes(placed("B-old", "C-1", placed_at="1989-12-31T00:00:00Z"))),
    Bad("a date in the future", "future", as_bytes(placed("B-future", "C-1", placed_at=TOMORROW))),
    Bad("an unknown currency", "unknown_currency", as_bytes(placed("B-currency", "C-1", currency="XTS"))),
    Bad("an unknown type", "unknown_type", as_bytes({**placed("B-type", "C-1"), "type": "order.imagined"})),
    Bad("a tombstone", "tombstone", None),
    Bad("a record of 900 kB", "too_large", as_bytes(placed("B-large", "C-1", channel="x" * 900_000))),
    Bad("a customer id of 10 kB", "bad_data", as_bytes(placed("B-longid", "C" * 10_240)), b"C" * 10_240),
    Bad("a customer id with NUL", "bad_data", as_bytes(placed("B-nul", "C-\x00-1")), b"C-\x00-1"),
    Bad("an empty customer id", "bad_data", as_bytes(placed("B-empty", "")), b""),
    Bad("an order id twice, with another amount", "conflicting_id", as_bytes(placed("G-1", "C-1", amount="11.00"))),
    Bad("a bare event without an id", "bad_data", as_bytes({"type": "order.placed", "data": {"customer_id": "C-1"}})),
)


@pytest.fixture(scope="module")
async def fed(stack: LocalStack) -> Ledger:
    """A thousand good orders with a bad record after every fiftieth, all taken."""
    ledger = Ledger(stack)
    await publish(stack.broker.bootstrap, "orders.v1", thousand_with_bad_ones())
    await ledger.drain(within=60)
    return ledger


async def test_neighbours_of_bad_records_take_effect(fed: Ledger) -> None:
    """A thousand good orders among eighteen bad records, some with hostile headers: every one of them counts."""
    orders = await fed.rows("customers", "SELECT order_id FROM orders")
    assert {row["order_id"] for row in orders} == {f"G-{number}" for number in range(GOOD)}
    entries = await fed.rows("scoring", "SELECT entry_id FROM entries")
    assert {row["entry_id"] for row in entries} == {f"o:G-{number}" for number in range(GOOD)}


async def test_each_bad_record_is_a_dead_letter_with_a_reason(fed: Ledger) -> None:
    """One letter each, with the code and a sentence, the original bytes in the table and in the topic."""
    rows = await fed.rows("customers", "SELECT record_value, code, detail FROM dead_letters")
    assert {row["record_value"]: row["code"] for row in rows} == {bad.value: bad.code for bad in BAD}
    assert all(len(row["detail"]) > 10 for row in rows)
    published = await read_all(fed.stack.broker.bootstrap, "orders.v1.customers.dlq")
    assert {record.value for record in published} == {bad.value for bad in BAD}


async def test_a_letter_takes_effect_after_what_was_wrong_is_mended(fed: Ledger) -> None:
    """Unknown currency → a policy with its rate is activated → replay → the order counts, once."""
    stack = fed.stack
    activation = {"written": with_rate_of_xts(), "reason": "orders in XTS have begun"}
    await stack.post("scoring", "/policy/activate", activation, who=Person("director-1", Role.MARKETING_DIRECTOR))

    async def follows() -> bool:
        (row,) = await fed.rows("customers", "SELECT number FROM policy_in_force")
        return bool(row["number"] == 2)

    await eventually(follows, "customers following the policy", 30)
    result = await stack.post("customers", "/dead-letters/replay", {"topic": "orders.v1"})
    assert result["replayed"] == 1
    assert len(result["refused"]) == len(BAD) - 1
    await fed.drain(within=30)
    entries = await fed.rows("scoring", "SELECT amount FROM entries WHERE entry_id = 'o:B-currency'")
    assert [row["amount"] for row in entries] == [Decimal(20)]
    assert (await stack.post("customers", "/dead-letters/replay", {"topic": "orders.v1"}))["replayed"] == 0


def with_rate_of_xts() -> str:
    """The shipped policy with one rate more."""
    text = DEFAULT_POLICY.read_text(encoding="utf-8").replace("rates:\n", RATE_OF_XTS, 1)
    return text.replace('version: "', 'version: "mended-', 1)


def thousand_with_bad_ones() -> Iterator[Record]:
    """The good orders, some with headers that no parser likes, and among them the bad records."""
    for number in range(GOOD):
        customer_id = f"C-{number % 40}"
        headers = [("nothing", None), ("bytes", b"\xff\xfe")] if number % 100 == 7 else []
        yield customer_id.encode(), as_bytes(placed(f"G-{number}", customer_id)), headers
        if number % 50 == 49 and number // 50 < len(BAD):
            yield BAD[number // 50].key, BAD[number // 50].value
