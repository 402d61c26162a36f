"""Shops to be scored, and the ten of the source's example as they are shipped."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files

from services.scoring.domain.scores.allocating import Line, Order, allocate
from services.scoring.domain.scores.measures import Measured, Measures
from services.scoring.domain.scores.traits import Trade, Traits
from shared.policy import load_policy

POLICY = load_policy()
TODAY = date(2026, 3, 2)


def shop(customer_id: str, sales: str, days: int = 365, **attributes: str) -> Traits:
    """A shop that sold so much in so many days of trade, even halves in the two growth periods."""
    amount = Decimal(sales)
    quarter = amount / 4 if days >= 365 else Decimal(0)
    trade = Trade(TODAY - timedelta(days=days - 1), amount, amount * amount / 12, quarter, quarter)
    return Traits(customer_id, trade, attributes)


def ten_shops() -> list[Traits]:
    text = files("deploy.examples").joinpath("ten_shops.csv").read_text(encoding="utf-8")
    return [as_shop(row) for row in csv.DictReader(text.splitlines())]


def as_shop(row: dict[str, str]) -> Traits:
    days, sales, orders = int(row["days"]), Decimal(row["sales"]), int(row["orders"])
    recent, earlier = Decimal(row["recent"] or 0), Decimal(row["earlier"] or 0)
    trade = Trade(TODAY - timedelta(days=days - 1), sales, sales * sales / orders, recent, earlier)
    return Traits(row["customer_id"], trade, {name: row[name] for name in ("region", "rival_counters")})


def measured(customers: Sequence[Traits]) -> list[Measured]:
    return Measures(POLICY.scores, TODAY).of(customers)[0]


def lines(customers: Sequence[Traits], quantity: int = 10_000, resource: str = "trial_pack") -> dict[str, Line]:
    chosen = POLICY.resources[resource]
    found = allocate(Order(quantity), chosen, POLICY.scores.named[chosen.score], measured(customers))
    return {line.scored.measured.customer_id: line for line in found}
