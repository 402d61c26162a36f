"""domain.md's K1-K4 and RFM once more, over raw order events and in plain arithmetic: no SQL, none of our rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from services.scoring.domain.customers import Tier
from shared.contracts.types import EventData

Told = tuple[datetime, str, EventData]
"""Event time, type, data."""


class Standing(NamedTuple):
    """A ranked customer; `amount` is exact."""

    r: int
    f: int
    m: int
    rank: int
    recency_days: int
    orders: int
    amount: Fraction
    population: int
    key_size: int


@dataclass
class Known:
    """All that was told of one customer."""

    placed: dict[str, tuple[datetime, Any]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)
    returns: dict[str, Any] = field(default_factory=dict)
    sampled: bool = False
    stated: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    def state(self, name: str, moment: datetime, value: str | None) -> None:
        if value is not None and (name not in self.stated or self.stated[name][0] < moment):
            self.stated[name] = moment, value

    def says(self, name: str) -> str | None:
        return self.stated[name][1] if name in self.stated else None


def gathered(told: Iterable[Told]) -> dict[str, Known]:
    """What was told, by customer, whatever the order of telling."""
    customers: dict[str, Known] = {}
    for moment, kind, event in told:
        data: Any = event
        known = customers.setdefault(data.customer_id, Known())
        match kind:
            case "order.placed":
                before = known.placed.get(data.order_id)
                if before is None or before[0] < moment:
                    known.placed[data.order_id] = moment, data
            case "order.cancelled":
                known.cancelled.add(data.order_id)
            case "order.completed":
                known.completed.add(data.order_id)
            case "order.returned":
                known.returns[data.return_id] = data
            case "sample.ordered":
                known.sampled = True
            case "customer.profiled":
                known.state("country", data.profiled_at, data.fields.country)
                known.state("market", data.profiled_at, (data.fields.profile or {}).get("market"))
            case "inquiry.judged":
                known.state("potential", data.judged_at, data.potential)
    return customers


class Definition:
    """Levels and ranks on a day under a policy given as plain JSON."""

    def __init__(self, policy: dict[str, Any]) -> None:
        self.policy, self.rfm = policy, policy["rfm"]
        self.zone = ZoneInfo(policy["time_zone"])

    def levels(self, told: Iterable[Told], today: date) -> dict[str, tuple[Tier, Standing | None]]:
        """Everybody's class and level, and standing where the customer is ranked."""
        lapsed_until = today - timedelta(days=int(self.rfm["lapsed_after_days"]))
        customers = gathered(told)
        facts = {name: self._facts(known, today) for name, known in customers.items()}
        markets: dict[str | None, dict[str, tuple[date, int, Fraction]]] = {}
        for name, fact in facts.items():
            if fact is not None and (fact[0] > lapsed_until or self.rfm["key_share_of"] == "all"):
                markets.setdefault(self._market(customers[name]), {})[name] = fact
        ranked: dict[str, tuple[Standing, bool]] = {}
        for population in markets.values():
            ranked |= self._rank(population, today)
        result: dict[str, tuple[Tier, Standing | None]] = {}
        for name, known in customers.items():
            fact, (standing, is_key) = facts[name], ranked.get(name, (None, False))
            if fact is not None:
                lapsed = fact[0] <= lapsed_until
                tier = Tier("contract", "lapsed" if lapsed else "key" if is_key else "ordinary")
            elif known.sampled:
                tier = Tier("sample", self._region(known.says("country")))
            else:
                judged: Any = known.says("potential") or self.policy["potential"]["default"]
                tier = Tier("potential", judged)
            result[name] = tier, standing
        return result

    def _facts(self, known: Known, today: date) -> tuple[date, int, Fraction] | None:
        """Last counting order, F and M; None for who is no contract customer (K1)."""
        opens = today - timedelta(days=int(self.rfm["window_days"]))
        last: date | None = None
        orders, amount = 0, Fraction(0)
        for order_id, (_, order) in known.placed.items():
            if order_id in known.cancelled:
                continue
            if self.rfm["counts_from"] == "completed" and order_id not in known.completed:
                continue
            dated = self._day(order.placed_at)
            net = Fraction(order.amount) * self._rate(order.currency, dated)
            for each in known.returns.values():
                if each.order_id == order_id:
                    net -= Fraction(each.amount) * self._rate(each.currency, dated)
            last = dated if last is None else max(last, dated)
            if dated > opens:
                orders, amount = orders + 1, amount + max(net, Fraction(0))
        for each in known.returns.values():
            dated = self._day(each.returned_at)
            if each.order_id is None and dated > opens:
                amount -= Fraction(each.amount) * self._rate(each.currency, dated)
        return None if last is None else (last, orders, amount)

    def _rank(self, population: dict[str, tuple[date, int, Fraction]], today: date) -> dict[str, tuple[Standing, bool]]:
        values = {c: (Fraction((today - last).days), Fraction(f), m) for c, (last, f, m) in population.items()}
        cutoffs = [
            [quantile(sorted(v[i] for v in values.values()), Fraction(q)) for q in self.rfm["quantiles"]]
            for i in range(3)
        ]
        scores = {
            c: (
                5 - sum(q < days for q in cutoffs[0]),
                1 + sum(q < f for q in cutoffs[1]),
                1 + sum(q < m for q in cutoffs[2]),
            )
            for c, (days, f, m) in values.items()
        }
        weights = [Fraction(self.rfm["weights"][each]) for each in "rfm"]

        def place(c: str) -> tuple[Fraction, Fraction, bytes]:
            weighted = sum((w * s for w, s in zip(weights, scores[c], strict=True)), Fraction(0))
            return -weighted, -values[c][2], c.encode()

        ranking = sorted(values, key=place)
        key = self._key(ranking, {c: m for c, (_, _, m) in values.items()})
        return {
            c: (
                Standing(*scores[c], rank, int(values[c][0]), int(values[c][1]), values[c][2], len(ranking), len(key)),
                c in key,
            )
            for rank, c in enumerate(ranking, start=1)
        }

    def _key(self, ranking: Sequence[str], amounts: dict[str, Fraction]) -> set[str]:
        if self.rfm["key_rule"] == "rank":
            return set(ranking[: ceil(Fraction(self.rfm["key_share"]) * len(ranking))])
        wanted = Fraction(self.rfm["pareto_share"]) * sum(amounts.values())
        key: set[str] = set()
        brought = Fraction(0)
        for c in sorted(amounts, key=lambda c: (-amounts[c], c.encode())):
            if brought >= wanted:
                break
            key.add(c)
            brought += amounts[c]
        return key

    def _market(self, known: Known) -> str | None:
        named: str | None = self.rfm["population_by"]
        if named is None or named == "region":
            return self._region(known.says("country")) if named else None
        return known.says(named)

    def _region(self, country: str | None) -> Any:
        regions = self.policy["regions"]
        if country is None:
            return regions["unknown"]
        named = (name for name in ("europe_america", "middle_east", "asia_africa") if country in regions[name])
        return next(named, regions["default"])

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _rate(self, currency: str, dated: date) -> Fraction:
        valid = [each for each in self.policy["rates"][currency] if date.fromisoformat(each["from"]) <= dated]
        return Fraction(max(valid, key=lambda each: date.fromisoformat(each["from"]))["rate"])


def quantile(ascending: Sequence[Fraction], share: Fraction) -> Fraction:
    """Linear interpolation between the two nearest values."""
    position = share * (len(ascending) - 1)
    low = int(position)
    return ascending[low] + (ascending[min(low + 1, len(ascending) - 1)] - ascending[low]) * (position - low)
