"""Quix Streams doing the first two stages, customers and scoring facts, with its own RocksDB state.

Runs in an environment of its own, since Quix caps libraries that Tierline uses newer, so it imports nothing of this
project:

    python bench/rivals/quix.py customers     (… scoring)

Quix's defaults, changelog topics and at-least-once commits included; `auto_offset_reset` as for the other rival. No
database, no ranks, no duplicates recognised: Quix's state is per key, and cutoffs are over all keys.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from quixstreams import Application, State

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
RATES = {"CNY": Decimal(1), "USD": Decimal("7.1"), "EUR": Decimal("7.8")}
WINDOW = timedelta(days=365)


def record_trade(event: dict[str, Any], state: State) -> dict[str, Any]:
    """An order's data into the customer's facts as of their next version, with the order as what changed."""
    order = event["data"]
    dated = datetime.fromisoformat(order["placed_at"]).astimezone(BUSINESS_ZONE).date().isoformat()
    facts = state.get("facts") or {"version": 0, "orders": 0, "first_order_on": dated, "last_order_on": dated}
    facts["version"] += 1
    facts["orders"] += 1
    facts["first_order_on"] = min(facts["first_order_on"], dated)
    facts["last_order_on"] = max(facts["last_order_on"], dated)
    state.set("facts", facts)
    amount = Decimal(order["amount"]) * RATES[order["currency"]]
    entry = {"entry_id": f"o:{order['order_id']}", "dated": dated, "amount": str(amount)}
    return {"customer_id": order["customer_id"], **facts, "entry": entry}


def score(trade: dict[str, Any], state: State) -> dict[str, Any]:
    """A customer's R, F and M over the window, from the orders in it, which are the state."""
    today = datetime.now(UTC).astimezone(BUSINESS_ZONE).date()
    opens = (today - WINDOW).isoformat()
    entry = trade["entry"]
    window = [seen for seen in state.get("window") or [] if seen[0] > opens]
    if entry["dated"] > opens:
        window.append([entry["dated"], entry["amount"]])
    state.set("window", window)
    return {
        "customer_id": trade["customer_id"],
        "order_id": entry["entry_id"].removeprefix("o:"),
        "last_order_on": trade["last_order_on"],
        "frequency": len(window),
        "monetary": str(sum((Decimal(amount) for _, amount in window), Decimal(0))),
    }


def main() -> None:
    stage = sys.argv[1]
    app = Application(
        broker_address=os.environ.get("KAFKA", "localhost:9092"),
        consumer_group=f"quix.{stage}",
        auto_offset_reset="earliest",
        state_dir=os.environ["STATE"],
    )
    source, rule, target = {
        "customers": ("quix.orders.v1", record_trade, "quix.customers.v1"),
        "scoring": ("quix.customers.v1", score, "quix.scores.v1"),
    }[stage]
    rows = app.dataframe(app.topic(source, value_deserializer="json"))
    rows.apply(rule, stateful=True).to_topic(app.topic(target, value_serializer="json"))
    app.run()


if __name__ == "__main__":
    main()
