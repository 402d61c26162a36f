"""The analyses' sums, from PostgreSQL, equal those counted by hand from the same orders (P3, P7)."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise

import pytest

from services.scoring.domain.analyses.figures import Dimension, Period, Sales
from services.scoring.domain.analyses.promotion import Goods
from services.scoring.store import PeopleStore, PostgresAnalyses
from services.scoring.usecases.analysing import Analyse
from shared.audit import AuditTrail
from shared.contracts.customers import EntryLine, TradeEntry
from shared.engine.model import Event
from shared.identity import Principal
from shared.roles import Role
from tests.integration.scoring.articles import saying, with_lines
from tests.integration.scoring.house import DAY, POLICY, TODAY, House, facts, ordered, returned

pytestmark = pytest.mark.backend

CENT = Decimal("0.01")
GM = Principal("gm", Role.GM, None)
GOODS = {"cup": "ware", "pot": "ware", "oolong": "tea", "pu'er": "tea", "box": None}
COUNTRIES = ("DE", "AE", "CN", None)


@dataclass
class Market:
    """Random orders of a few customers: told to scoring, and kept for counting by hand."""

    seed: int
    entries: dict[str, list[TradeEntry]] = field(default_factory=lambda: defaultdict(list))
    countries: dict[str, str | None] = field(default_factory=dict)

    def events(self, orders: int) -> list[Event]:
        chance = random.Random(self.seed)  # noqa: S311 - test data
        made, versions, last = [], Counter[str](), dict[str, date]()
        for _ in range(orders):
            customer_id = f"C-{chance.randrange(9)}"
            versions[customer_id] += 1
            dated = TODAY - chance.randrange(900) * DAY
            last[customer_id] = max(dated, last.get(customer_id, dated))
            self.countries[customer_id] = COUNTRIES[int(customer_id[2:]) % 4]
            event = self.order(chance, customer_id, versions[customer_id], dated, last[customer_id])
            self.entries[customer_id].append(event.data.entry)
            made.append(saying(event, country=self.countries[customer_id]))
        return made

    def order(self, chance: random.Random, customer_id: str, version: int, dated: date, last: date) -> Event:
        amount = Decimal(chance.randrange(100_000)) / 100
        if chance.random() < 0.1:
            return returned(customer_id, version, dated, str(amount), last)
        lines = [self.line(chance) for _ in range(chance.choice([0, 1, 1, 2, 4]))]
        gross = amount + Decimal(chance.randrange(1000)) if chance.random() < 0.2 else None
        event = ordered(customer_id, version, dated, str(amount), last=last, counts=chance.random() < 0.9)
        return with_lines(
            event,
            *lines,
            gross=gross,
            channel=chance.choice(["field", "showroom", None]),
            sold_by=chance.choice(["rep-1", "rep-2", None]),
        )

    def line(self, chance: random.Random) -> EntryLine:
        sku = chance.choice(list(GOODS))
        amount = Decimal(chance.choice([0, chance.randrange(50_000)])) / 100
        cost = chance.choice([None, amount / 2])
        return EntryLine(
            sku=sku, category=GOODS[sku], quantity=Decimal(chance.randrange(1, 20)), amount=amount, cost=cost
        )

    def orders(self, customer_id: str, period: Period | None = None) -> list[TradeEntry]:
        """A customer's counting orders."""
        return [
            entry
            for entry in self.entries[customer_id]
            if entry.kind == "order"
            and entry.counts
            and (period is None or period.since <= entry.dated <= period.until)
        ]


@dataclass
class Asked:
    """Scoring with a market in it, and its analyses."""

    house: House
    market: Market
    analyse: Analyse


def analysing(house: House) -> Analyse:
    return Analyse(
        database=house.database,
        store=PostgresAnalyses(),
        people=PeopleStore(),
        trail=AuditTrail("scoring", house.database, house.outbox, house.clock, wake=lambda: None),
        clock=house.clock,
        policy=lambda: POLICY,
    )


@pytest.fixture(params=[1, 2])
async def asked(house: House, request: pytest.FixtureRequest) -> Asked:
    """Three hundred orders of nine customers over two and a half years."""
    market = Market(request.param)
    await house.told(*market.events(300))
    return Asked(house, market, analysing(house))


def sold(market: Market, period: Period, by: Dimension) -> dict[str | None, list[Fraction]]:
    """By hand: key → amount, costed amount, cost and quantity."""
    sums: dict[str | None, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 4)
    for customer_id, entries in market.entries.items():
        country = market.countries[customer_id]
        for entry in entries:
            if not entry.counts or not period.since <= entry.dated <= period.until:
                continue
            kept = Fraction(entry.amount) / Fraction(entry.gross) if entry.gross else Fraction(1)
            told = sum((Fraction(line.amount) for line in entry.lines or ()), Fraction(0))
            parts: list[tuple[EntryLine | None, Fraction]] = [(None, Fraction(entry.amount))]
            if entry.lines:
                parts = [
                    (
                        line,
                        Fraction(entry.amount)
                        * (Fraction(line.amount) / told if told else Fraction(1, len(entry.lines))),
                    )
                    for line in entry.lines
                ]
            for line, amount in parts:
                key = {
                    "region": POLICY.regions.of(country),
                    "country": country,
                    "sku": None if line is None else line.sku,
                    "category": None if line is None else line.category,
                    "channel": entry.channel,
                    "rep": entry.sold_by,
                    "month": f"{entry.dated:%Y-%m}",
                }[by]
                cost = None if line is None or line.cost is None else Fraction(line.cost) * kept
                found = sums[key]
                found[0] += amount
                found[1] += amount if cost is not None else 0
                found[2] += cost or 0
                found[3] += Fraction(line.quantity) * kept if line else 0
    return sums


def cents(amount: Fraction) -> Decimal:
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(CENT)


@pytest.mark.parametrize("by", ["region", "country", "sku", "category", "channel", "rep", "month"])
async def test_sales_add_up_by_every_dimension(asked: Asked, by: Dimension) -> None:
    """Each key's amount, cost and quantity; all keys together are the sales, and the period before stands beside."""
    period = Period(TODAY - 400 * DAY, TODAY - 10 * DAY)
    found = await asked.analyse.sales(by, period, 1000)
    now, before = sold(asked.market, period, by), sold(asked.market, period.before(), by)
    assert {line.key for line in found.lines} == now.keys() | before.keys()
    for line in found.lines:
        amount, costed, cost, quantity = now.get(line.key, [Fraction(0)] * 4)
        assert close(line, [cents(amount), cents(costed), cents(cost), cents(quantity)])
        assert abs(line.before - cents(before.get(line.key, [Fraction(0)])[0])) <= CENT
    total = sum((amount for amount, *_ in now.values()), Fraction(0))
    assert abs(found.total.amount - cents(total)) <= CENT
    assert found.total.orders == sum(len(asked.market.orders(c, period)) for c in asked.market.entries)
    assert found.total.customers == sum(bool(asked.market.orders(c, period)) for c in asked.market.entries)


def close(line: Sales, expected: list[Decimal]) -> bool:
    got = (line.amount, line.costed, line.cost, line.quantity)
    return all(abs(one - other) <= CENT for one, other in zip(got, expected, strict=True))


async def test_only_the_largest_are_listed_and_the_rest_is_told(asked: Asked) -> None:
    """What is cut off stays in the total."""
    period = asked.analyse.period(None, None)
    whole, cut = [await asked.analyse.sales("sku", period, limit) for limit in (1000, 2)]
    assert list(cut.lines) == list(whole.lines[:2])
    assert cut.total == whole.total
    assert whole.rest == 0
    assert cut.rest == whole.total.amount - sum(line.amount for line in cut.lines)


async def test_loyalty_counts_days_of_ordering(asked: Asked) -> None:
    """Two orders on one day are no repetition; a cohort's customers are counted once a month."""
    period = Period(TODAY - 300 * DAY, TODAY)
    found = await asked.analyse.loyalty(period, 60)
    market, gaps, cohorts = asked.market, [], Counter[tuple[date, int]]()
    customers = repeated = 0
    for customer_id in market.entries:
        days = sorted({entry.dated for entry in market.orders(customer_id)})
        inside = [day for day in days if period.since <= day]
        customers += bool(inside)
        repeated += any(day > days[0] for day in inside)
        gaps += [(later - earlier).days for earlier, later in pairwise(days) if later >= period.since]
        for month in {day.replace(day=1) for day in days}:
            first = days[0].replace(day=1)
            cohorts[first, (month.year - first.year) * 12 + month.month - first.month] += 1
    gaps.sort()
    middle = (gaps[(len(gaps) - 1) // 2] + gaps[len(gaps) // 2]) / 2
    assert (found.customers, found.repeated, found.median_gap) == (customers, repeated, middle)
    told = {(each.month, later): n for each in found.cohorts for later, n in enumerate(each.active) if n}
    assert told == dict(cohorts)


@pytest.mark.parametrize("by_customer", [False, True])
async def test_pairs_meet_in_orders_or_customers(asked: Asked, by_customer: bool) -> None:
    """Support, confidence and lift follow from these five counts."""
    period = Period(TODAY - 900 * DAY, TODAY)
    baskets: dict[tuple[str, str], set[str]] = defaultdict(set)
    for customer_id in asked.market.entries:
        for entry in asked.market.orders(customer_id, period):
            categories = {line.category for line in entry.lines or () if line.category is not None}
            if categories:
                baskets[customer_id, "" if by_customer else entry.entry_id] |= categories
    held = Counter(category for basket in baskets.values() for category in basket)
    both = Counter(pair for basket in baskets.values() for pair in combinations(sorted(basket), 2))
    (pair,) = await asked.analyse.pairs(period, 10, by_customer=by_customer)
    assert tuple(pair) == ("tea", "ware", held["tea"], held["ware"], both["tea", "ware"], len(baskets))


async def test_flows_are_of_the_history(house: House) -> None:
    """Who was not known yet comes from nowhere; who stayed is counted where it stayed."""
    analyse = analysing(house)
    await house.told(*(ordered(f"C-{n}", 1, TODAY - (30 - n) * DAY, f"{100 * (n + 1)}") for n in range(10)))
    await house.day_passes()
    await house.told(ordered("C-0", 2, TODAY + DAY, "90000"), facts("P-1"))
    flows = await analyse.outlook(GM, Period(TODAY + DAY, TODAY + DAY), 90, 0)
    found = {(flow.before and flow.before.level, flow.after.level): flow.customers for flow in flows.flows}
    assert found == {
        (None, "moderate"): 1,
        ("key", "key"): 1,
        ("key", "ordinary"): 1,
        ("ordinary", "key"): 1,
        ("ordinary", "ordinary"): 7,
    }


async def test_the_most_promising_come_first_and_of_the_own_department(asked: Asked) -> None:
    """Everybody's orders are expected; names are told to whom they belong, and the audit hears of it (A1)."""
    house, analyse = asked.house, asked.analyse
    last = {c: max(e.dated for e in asked.market.orders(c)) for c in asked.market.entries}
    await house.told(
        *(
            saying(
                facts(c, 1000, customer_class="contract", last_order_on=last[c]),
                department="north" if c in {"C-1", "C-2"} else "south",
            )
            for c in last
        )
    )
    period = analyse.period(None, None)
    whole = await analyse.outlook(GM, period, 90, 100)
    assert whole.model is not None
    assert sorted(each.customer_id for each in whole.best) == sorted(last)
    assert [each.orders for each in whole.best] == sorted((each.orders for each in whole.best), reverse=True)
    assert sum(each.orders for each in whole.best) == pytest.approx(sum(each.orders for each in whole.expected))
    mine = await analyse.outlook(Principal("m", Role.DEPARTMENT_MANAGER, "north"), period, 90, 100)
    assert {each.customer_id for each in mine.best} == {"C-1", "C-2"}
    assert mine.expected == whole.expected
    assert await exports(house) == ["analyses.outlook", "analyses.outlook"]
    await analyse.outlook(GM, period, 90, 0)
    assert len(await exports(house)) == 2


async def exports(house: House) -> list[str]:
    rows = await house.database.fetch(
        "SELECT v->'data'->>'action' AS action FROM outbox, unnest(record_values) AS r,"
        " LATERAL (SELECT convert_from(r, 'UTF8')::jsonb AS v) AS j WHERE topic = 'audit.v1' ORDER BY frame_id"
    )
    return [row["action"] for row in rows]


async def test_a_promotion_is_held_against_the_same_customers(house: House) -> None:
    """Ten days before of 100 a period; during it 400 of tea, and 50 of a new customer that is in no comparison."""
    analyse, tea = (
        analysing(house),
        EntryLine(sku="oolong", category="tea", quantity=Decimal(1), amount=Decimal(1), cost=None),
    )
    start, versions = TODAY - 20 * DAY, Counter[str]()

    def order(customer_id: str, dated: date, amount: str) -> Event:
        versions[customer_id] += 1
        return with_lines(ordered(customer_id, versions[customer_id], dated, amount, last=dated), tea)

    known = [order("C-1", start - 50 * DAY, "70")]
    ordinary = [order("C-1", start - n * 10 * DAY, f"{100 + n}") for n in range(4, 0, -1)]
    during = [order("C-1", start + DAY, "400"), order("C-2", start + DAY, "50")]
    await house.told(*known, *ordinary, *during, order("C-1", start + 12 * DAY, "7"))
    found = await analyse.promotion(Period(start, start + 9 * DAY), Goods(category="tea"))
    assert (found.customers, found.newcomers) == (1, 1)
    assert [window.amount for window in found.before] == [0.0, 104.0, 103.0, 102.0, 101.0][-len(found.before) :]
    assert (found.during.amount, found.during.orders, found.during.buyers) == (400.0, 1, 1)
    assert found.after is not None
    assert found.after.amount == 7.0
    assert found.verdicts(found.during)[0].is_unusual
    other = await analyse.promotion(Period(start, start + 9 * DAY), Goods(sku="cup"))
    assert other.during.amount == 0.0
    running = await analyse.promotion(Period(TODAY - DAY, TODAY), Goods())
    assert running.after is None
