"""Records of version 1, kept as they were written: each must be understood for ever, and as the same event."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.customers import TradeEntry
from shared.contracts.envelope import decode
from shared.contracts.tiers import Tier
from shared.engine.model import Event
from tests.contract.event_strategies import EVENT_TYPES

FOLDER = Path(__file__).parent / "fixtures" / "v1"
FIXTURES = sorted(FOLDER.rglob("*.json"))
NOW = datetime(2026, 3, 3, tzinfo=UTC)


def load(path: Path) -> tuple[Event, dict[str, Any]]:
    """The event that a fixture's record decodes to, and what is expected of it."""
    fixture = json.loads(path.read_text("utf-8"))
    record = fixture["record"]
    headers = [(name, value.encode()) for name, value in record["headers"].items()]
    value = json.dumps(record["value"], ensure_ascii=False, separators=(",", ":")).encode()
    return decode(record["topic"], record["key"].encode(), value, headers, NOW), fixture["event"]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_record_of_version_1_is_understood_for_ever(path: Path) -> None:
    """Envelope, key, data and digest: the inbox still holds digests that an older release computed."""
    event, expected = load(path)
    got = {
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": event.time.isoformat(),
        "trace": event.trace,
        "digest": event.digest,
        "data": event.data.model_dump(mode="json", exclude_none=True),
    }
    assert got == expected


def test_every_event_type_has_a_fixture() -> None:
    """The order in each of its three forms, everything else in ours."""
    forms = {("orders.v1", f"order.placed.{form}") for form in ("structured", "binary", "bare")}
    assert {(path.parent.name, path.stem) for path in FIXTURES} == set(EVENT_TYPES) - {
        ("orders.v1", "order.placed")
    } | forms


def test_values_become_exact_python_types() -> None:
    """Decimals keep their digits, dates are dates, aliases become attributes."""
    order = load(FOLDER / "orders.v1" / "order.placed.structured.json")[0].data
    assert str(order.amount) == "12800.00"
    assert str(order.lines[0].quantity) == "10"
    assert order.placed_at == datetime(2026, 3, 2, 2, tzinfo=UTC)

    trade = load(FOLDER / "customers.v1" / "trade.recorded.json")[0].data
    assert trade.entry == TradeEntry(
        entry_id="o:SO-1001",
        kind="order",
        dated=date(2026, 3, 2),
        amount=Decimal("-0.123456789012345678901234567890"),
        counts=True,
    )

    tier = load(FOLDER / "tiers.v1" / "tier.changed.json")[0].data
    assert tier.from_ == Tier(customer_class="contract", level="ordinary")
    assert tier.why.cutoffs.r == (Decimal(3), Decimal(10), Decimal("30.2"), Decimal(90))

    grant = load(FOLDER / "grants.v1" / "grant.given.json")[0].data
    assert grant.copy_allowed is False
