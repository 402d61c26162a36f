"""Levels decided step by step equal the definition computed at once, in SQL over all entries."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

import pytest

from services.scoring.domain.customers import Tier
from shared.contracts.customers import TradeEntry
from shared.engine.model import Event
from shared.policy.model import Policy
from tests.integration.scoring.house import DAY, POLICY, TODAY, House, facts, policy_with

pytestmark = pytest.mark.backend

POLICIES = {
    "standard": POLICY,
    "all": policy_with("all", key_share_of="all"),
    "pareto": policy_with("pareto", key_rule="pareto"),
    "odd": policy_with("odd", weights={"r": "0.5", "f": "1.25", "m": "3"}, key_share="0.07"),
    "countries": policy_with("countries", population_by="country"),
    "regions": policy_with("regions", population_by="region", key_rule="pareto"),
    "markets": policy_with("markets", population_by="market", key_share_of="all"),
    "short": policy_with("short", window_days=90, lapsed_after_days=200),
}


class Trade:
    """Random trade of some customers, told as the customers service does: each event with the whole of the facts."""

    def __init__(self, seed: int, customers: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - test data
        self.files = random.Random(seed)  # noqa: S311 - test data
        self.names = [f"{self.random.choice('aZÜ中')}{number}" for number in range(customers)]
        self.versions = dict.fromkeys(self.names, 0)
        self.entries: dict[str, dict[str, TradeEntry]] = {name: {} for name in self.names}

    def events(self, count: int, today: date) -> Iterator[Event]:
        for _ in range(count):
            name = self.names[int(len(self.names) * self.random.random() ** 2)]
            yield self.event(name, today)

    def event(self, name: str, today: date) -> Event:
        self.versions[name] += 1
        known = self.entries[name]
        entry = self.amended(known, today) if known and self.random.random() < 0.3 else self.fresh(name, today)
        known[entry.entry_id] = entry
        orders = [each.dated for each in known.values() if each.kind == "order" and each.counts]
        return facts(
            name,
            self.versions[name],
            customer_class="contract" if orders else "sample" if len(name) % 2 else "potential",
            last_order_on=max(orders, default=None),
            country=self.random.choice([None, "DE", "CN", "AE", "ZZ"]),
            potential=self.random.choice([None, "high", "none"]),
            attributes=self.files.choice([None, {}, {"market": "gifts"}, {"market": "retail", "buyer": "B"}]),
            entry=entry,
        )

    def amended(self, known: dict[str, TradeEntry], today: date) -> TradeEntry:
        before = self.random.choice(list(known.values()))
        changes: list[dict[str, object]] = [
            {"counts": False},
            {"counts": True},
            {"amount": before.amount / 2},
            {"dated": self.day(today)},
        ]
        return before.model_copy(update=self.random.choice(changes))

    def fresh(self, name: str, today: date) -> TradeEntry:
        number = f"{name}-{self.versions[name]}"
        amount = Decimal(int(self.random.lognormvariate(6, 1.5) * 100)).scaleb(-2)
        if self.random.random() < 0.08:
            return TradeEntry(entry_id=f"r:{number}", kind="return", dated=today, amount=-amount, counts=True)
        amount *= self.random.choice([Decimal(1), Decimal("7.10"), Decimal("0.047"), Decimal(0)])
        return TradeEntry(entry_id=f"o:{number}", kind="order", dated=self.day(today), amount=amount, counts=True)

    def day(self, today: date) -> date:
        return today - int(self.random.expovariate(0.02)) % 500 * DAY


@pytest.mark.parametrize("name", POLICIES)
async def test_any_trade_and_days_end_in_what_sql_computes_at_once(house: House, name: str) -> None:
    """K1-K4, RFM: after batches, days and a restart nobody's class, level, scores or rank differ."""
    policy: Policy = POLICIES[name]
    await house.lease.release()
    process = house.restarted(policy=policy)
    await process.lease.acquire()
    trade = Trade(seed=len(name), customers=120)
    for _ in range(4):
        for _ in range(3):
            await process.told(*trade.events(60, process.clock.today()))
        await process.assert_proven()
        await process.day_passes(trade.random.choice([1, 2, 25]))
        await process.assert_proven()
    await process.lease.release()
    process = process.restarted()
    await process.lease.acquire()
    await process.told(*trade.events(20, process.clock.today()))
    await process.assert_proven()


async def counts_of(house: House, day: date) -> Mapping[Tier, int]:
    """Customers per level at the end of a past day."""
    ((_, counts),) = await house.read.counts_over(day, day, "day")
    return counts


async def test_history_adds_up_to_the_levels(house: House) -> None:
    """Each customer's decisions follow without a gap, the last is its level, and past days' counts follow from them."""
    trade = Trade(seed=5, customers=60)
    for _ in range(6):
        await house.told(*trade.events(40, house.clock.today()))
        await house.day_passes(30)
    broken = await house.database.fetch(
        """
        SELECT customer_id, sequence FROM (
            SELECT customer_id, sequence, from_class, from_level, customer_class, level,
                   lag(customer_class) OVER w AS class_before, lag(level) OVER w AS level_before,
                   lag(sequence, 1, 0::bigint) OVER w AS sequence_before
            FROM tier_history WINDOW w AS (PARTITION BY customer_id ORDER BY sequence)
        ) AS h
        WHERE sequence <> sequence_before + 1
           OR (from_class, from_level) IS DISTINCT FROM (class_before, level_before)
           OR (from_class, from_level) = (customer_class, level)
        """
    )
    assert broken == []
    days = [TODAY + n * DAY for n in (0, 29, 30, 100, 180)]
    for day, counts in zip(days, [dict(await counts_of(house, day)) for day in days], strict=True):
        rows = await house.database.fetch(
            """
            SELECT customer_class, level, count(*) AS customers FROM (
                SELECT DISTINCT ON (customer_id) customer_id, customer_class, level FROM tier_history
                WHERE since <= $1 ORDER BY customer_id, sequence DESC
            ) AS newest GROUP BY customer_class, level
            """,
            day,
        )
        assert counts == {(row["customer_class"], row["level"]): row["customers"] for row in rows}
    assert await counts_of(house, TODAY + 180 * DAY) == await house.read.counts()
    last = await house.database.fetch(
        "SELECT DISTINCT ON (customer_id) customer_id, customer_class, level FROM tier_history"
        " ORDER BY customer_id, sequence DESC"
    )
    assert {row["customer_id"]: (row["customer_class"], row["level"]) for row in last} == await house.levels()


async def test_cutoffs_are_what_percentile_cont_gives(house: House) -> None:
    """RFM: the quantiles of days, orders and money agree with PostgreSQL's, which are those of numpy and pandas."""
    trade = Trade(seed=9, customers=150)
    await house.told(*trade.events(600, TODAY))
    row = await house.database.fetchrow(
        """
        WITH population AS (
            SELECT $1::date - max(dated) FILTER (WHERE is_order) AS days,
                   count(*) FILTER (WHERE is_order AND dated > $1 - 365) AS orders,
                   sum(amount) FILTER (WHERE dated > $1 - 365) AS amount
            FROM entries WHERE counts GROUP BY customer_id
            HAVING max(dated) FILTER (WHERE is_order) > $1 - 365
        )
        SELECT percentile_cont($2::float8[]) WITHIN GROUP (ORDER BY days) AS r,
               percentile_cont($2::float8[]) WITHIN GROUP (ORDER BY orders) AS f,
               percentile_cont($2::float8[]) WITHIN GROUP (ORDER BY amount::float8) AS m
        FROM population
        """,
        TODAY,
        [0.2, 0.4, 0.6, 0.8],
    )
    cutoffs = house.memory.ranker.of(None).cutoffs
    assert cutoffs is not None
    assert [float(cutoff.value) for cutoff in cutoffs.r] == pytest.approx(row["r"])
    assert [float(cutoff.value) for cutoff in cutoffs.f] == pytest.approx(row["f"])
    assert [float(cutoff.value) / 10**20 for cutoff in cutoffs.m] == pytest.approx(row["m"])
