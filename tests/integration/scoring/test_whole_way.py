"""Raw order events through customers and scoring, day by day, against domain.md in plain arithmetic."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.scoring.domain.customers import Tier
from services.scoring.usecases.policies import Wish
from services.scoring.usecases.reading import Standing as Shown
from shared.clock import FrozenClock
from shared.contracts.activities import CustomerProfiled, InquiryJudged, ProfileFields
from shared.contracts.customers import CustomerFacts, ProfileRecorded, TradeRecorded
from shared.contracts.orders import (
    OrderCancelled,
    OrderCompleted,
    OrderPlaced,
    OrderReturned,
    PaymentReceived,
    SampleOrdered,
)
from shared.engine.model import Event
from shared.engine.postgres import Database
from shared.money import from_atoms
from shared.policy.model import Policy
from tests.backends import Databases
from tests.integration.customers.house import APP as CUSTOMERS_APP
from tests.integration.customers.house import TYPES, Customers
from tests.integration.customers.house import prepare as prepare_customers
from tests.integration.scoring.definition import Definition, Standing, Told
from tests.integration.scoring.house import DAY, POLICY, House, written
from tests.integration.scoring.test_policies import DIRECTOR
from tests.integration.tables import as_login

pytestmark = pytest.mark.backend

MODELS: dict[str, type[CustomerFacts]] = {"trade.recorded": TradeRecorded, "profile.recorded": ProfileRecorded}
# Between them every rule of K4, each zone, and populations of 1 to 25.
SEEDS = (0, 11, 19, 22, 23)
MONTH = 33
# Summer time begins or ends in the first two within the days that pass.
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Shanghai", "Pacific/Kiritimati")


def any_policy(random: Random, today: date) -> Policy:
    """A policy of some zone, with rates that change, and K1-K4 by any numbers."""
    rates = {
        "CNY": [{"from": "1990-01-01", "rate": "1"}],
        "USD": [
            {"from": "1990-01-01", "rate": "7.1"},
            {"from": (today - random.randrange(10, 300) * DAY).isoformat(), "rate": "6.87654321"},
            {"from": (today + DAY).isoformat(), "rate": "7.9"},
        ],
        "JPY": [{"from": "1990-01-01", "rate": "0.0471"}, {"from": "2024-02-29", "rate": "0.05"}],
    }
    document = POLICY.as_json() | {"time_zone": random.choice(ZONES), "rates": rates}
    return otherwise(Policy.model_validate(document), random, random.choice(["placed", "completed"]), "any")


def otherwise(policy: Policy, random: Random, counts_from: str, version: str) -> Policy:
    """The policy with other numbers of K4."""
    quantiles = [f"{each / 100:.2f}" for each in sorted(random.sample(range(1, 100), 4))]
    document = policy.as_json()
    rfm = {
        "quantiles": random.choice([quantiles, ["0.2", "0.4", "0.6", "0.8"]]),
        "weights": {each: random.choice(["1", "2", "0.5", "1.25"]) for each in "rfm"},
        "key_share": random.choice(["0.2", "0.07", "0.333", "0.99"]),
        "key_share_of": random.choice(["active", "all"]),
        "key_rule": random.choice(["rank", "pareto"]),
        "pareto_share": random.choice(["0.8", "0.825", "0.05"]),
        "counts_from": counts_from,
        "population_by": random.choice([None, None, "country", "region", "market"]),
        "window_days": random.choice([365, 30, 400]),
        "lapsed_after_days": random.choice([365, 60, 366]),
    }
    return Policy.model_validate(document | {"version": version, "rfm": document["rfm"] | rfm})


class World:
    """An order system, a rep and time, all of them erratic."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)  # noqa: S311 - test data
        self.start = random.choice([date(2024, 2, 27), date(2025, 3, 1), date(2026, 3, 20), date(2025, 10, 20)])
        self.policy = any_policy(random, self.start)
        self.zone = ZoneInfo(self.policy.time_zone)
        self.names = [f"{random.choice('aZ中É')}{n}" for n in range(random.choice([1, 2, 4, 12, 25]))]
        self.orders: list[tuple[str, str]] = []
        self.numbers = iter(range(1_000_000))
        self.few_amounts = random.random() < 0.4

    def moment(self, now: datetime) -> datetime:
        """When something happened: often at the edge of a day, of the window or of the lapse; up to a day ahead."""
        random, rfm = self.random, self.policy.rfm
        today = now.astimezone(self.zone).date()
        ago = random.choice(
            [
                0,
                random.randrange(0, 30),
                random.randrange(0, 500),
                rfm.window_days + random.choice([-1, 0, 1]),
                rfm.lapsed_after_days + random.choice([-1, 0, 1]),
            ]
        )
        at = random.choice([time(0, 0), time(23, 59, 59, 999999), time(2, 30), time(12, 0)])
        moment = datetime.combine(today - ago * DAY, at, self.zone)
        if random.random() < 0.07:
            moment = now + timedelta(hours=random.randrange(0, 24))
        return min(moment, now + DAY - timedelta(seconds=1)).astimezone(UTC)

    def amount(self) -> Decimal:
        if self.few_amounts:
            return Decimal(self.random.choice(["0", "100", "100", "250.5"]))
        return Decimal(self.random.randrange(0, 10**9)).scaleb(-self.random.choice([2, 2, 5, 12]))

    def events(self, now: datetime, count: int) -> Iterator[Told]:
        for _ in range(count):
            yield self.event(now)

    def event(self, now: datetime) -> Told:
        random, moment, number = self.random, self.moment(now), next(self.numbers)
        # Each told at a time of its own: of two at once nothing says which is meant.
        at = min(moment, now) - timedelta(microseconds=number)
        customer = random.choice(self.names)
        new = f"O-{number}"
        known = random.choice(self.orders) if self.orders and random.random() < 0.9 else (customer, new)
        currency = random.choice(["CNY", "USD", "JPY"])
        kind = random.choices(
            ["new", "amend", "complete", "cancel", "return", "unnamed", "sample", "profile", "judge", "pay"],
            [40, 8, 15, 6, 8, 5, 2, 8, 3, 3],
        )[0]
        match kind:
            case "new" | "amend":
                customer, order = (customer, new) if kind == "new" else known
                self.orders.append((customer, order))
                said: Any = {"placed_at": moment, "amount": self.amount(), "currency": currency}
                data: Any = OrderPlaced(order_id=order, customer_id=customer, **said)
            case "complete":
                data = OrderCompleted(order_id=known[1], customer_id=known[0], completed_at=at)
            case "cancel":
                data = OrderCancelled(order_id=known[1], customer_id=known[0], cancelled_at=at)
            case "return" | "unnamed":
                named = known[1] if kind == "return" else None
                said = {"returned_at": moment, "amount": self.amount(), "currency": currency}
                data = OrderReturned(return_id=new, order_id=named, customer_id=known[0], **said)
            case "sample":
                data = SampleOrdered(sample_id=new, customer_id=customer, ordered_at=at)
            case "pay":
                said = {"received_at": at, "amount": self.amount(), "currency": currency}
                data = PaymentReceived(payment_id=new, customer_id=customer, **said)
            case "judge":
                seen = random.choice(["high", "moderate", "none"])
                data = InquiryJudged(inquiry_id=new, customer_id=customer, judged_at=at, potential=seen)
            case _:
                fields = ProfileFields(
                    country=random.choice([None, "DE", "AE", "CN", "ZZ"]),
                    profile=random.choice([None, {"market": "gifts"}, {"market": "retail"}]),
                )
                data = CustomerProfiled(customer_id=customer, profiled_at=at, fields=fields)
        return at, TYPES[type(data)][1], data


class Company:
    """Both services over databases of their own, what one publishes handed to the other."""

    def __init__(self, customers: Customers, scoring: House) -> None:
        self.customers, self.scoring = customers, scoring
        self.heard = 0

    async def told(self, *told: Told) -> None:
        records = [self.customers.record(data, at=at) for at, _, data in told]
        for topic in ("orders.v1", "activities.v1"):
            outcome = await self.customers.processors[topic].process([r for r in records if r.topic == topic])
            assert outcome.refused == 0
        published = await self.customers.sent("customers.v1")
        events = [
            Event(
                each["id"],
                each["source"],
                each["type"],
                datetime.fromisoformat(each["time"]),
                "",
                MODELS[each["type"]].model_validate_json(json.dumps(each["data"])),
                0,
            )
            for each in published[self.heard :]
        ]
        self.heard = len(published)
        await self.scoring.told_in_vain(*events)
        await self.scoring.told(*events)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_is_told_levels_are_what_the_definition_says(
    databases: Databases, house: House, seed: int
) -> None:
    """K1-K4, RFM: class, level, scores, rank, cutoffs' words and every past day, under any policy and in any zone."""
    world = World(seed)
    clock = FrozenClock(datetime.combine(world.start, time(9, 30), world.zone), world.zone)
    dsn = await databases.copy_of("customers", prepare_customers)
    database = Database(as_login(dsn, CUSTOMERS_APP), application="test")
    await house.lease.release()
    scoring = house.restarted(policy=world.policy, clock=clock, decisions=world.random.choice([3, 4000]))
    await scoring.lease.acquire()
    company = Company(Customers(database, clock, policy=world.policy), scoring)
    definition = Definition(world.policy.as_json())
    told: list[Told] = []
    past: dict[date, dict[str, Tier]] = {}
    for turn in range(6):
        if turn == 3:
            policy = otherwise(world.policy, world.random, world.policy.rfm.counts_from, "other")
            await scoring.keep_policies.activate(DIRECTOR, written(policy), Wish("to see"))
            await scoring.in_force.look(scoring.database)
            definition = Definition(policy.as_json())
        for _ in range(2):
            news = list(world.events(clock.now(), world.random.choice([1, 8, 40])))
            world.random.shuffle(news)
            told += news
            await company.told(*news)
            await scoring.pass_days()
            await compare(scoring, definition, told, clock.today())
        past[clock.today()] = tiers(definition, told, clock.today())
        for _ in range(days := world.random.choice([0, 1, 2, MONTH])):
            clock.advance(DAY)
            past[clock.today()] = tiers(definition, told, clock.today())
        await scoring.pass_days()
        await compare(scoring, definition, told, clock.today())
        if days == MONTH:
            await scoring.lease.release()
            scoring = company.scoring = scoring.restarted(decisions=3)
            await scoring.lease.acquire()
    await remember(scoring, past)
    await database.close()


def tiers(definition: Definition, told: list[Told], day: date) -> dict[str, Tier]:
    return {name: tier for name, (tier, _) in definition.levels(told, day).items()}


async def compare(scoring: House, definition: Definition, told: list[Told], today: date) -> None:
    """Everybody as HTTP shows them, with their words, against the definition."""
    expected = definition.levels(told, today)
    shown = {each.customer_id: each for each in await scoring.read.page(None, None, "", 1000)}
    assert {name: each.tier for name, each in shown.items()} == {name: tier for name, (tier, _) in expected.items()}
    for name, (_, standing) in expected.items():
        assert standing_of(shown[name]) == standing
        assert numbers(shown[name].why.zh) == numbers(shown[name].why.en)
        if standing is not None and definition.rfm["key_rule"] == "rank" and shown[name].tier.level != "lapsed":
            assert f"rank {standing.rank:,} of {standing.population:,}" in shown[name].why.en
            assert f"first {standing.key_size:,} {'is' if standing.key_size == 1 else 'are'} key" in shown[name].why.en
    await scoring.assert_proven()


def standing_of(shown: Shown) -> Standing | None:
    scores, held = shown.scores, shown.circumstances
    if scores is None:
        return None
    amount = Fraction(from_atoms(scores.amount))
    return Standing(*scores[:6], amount, held.population, held.key_size)


def numbers(words: str) -> list[str]:
    """The numbers of a sentence, whatever their order; today is said in words."""
    return sorted(re.findall(r"\d[\d,.]*\d|\d", words))


async def remember(scoring: House, past: dict[date, dict[str, Tier]]) -> None:
    """As-of answers, and the counts of past days, are what was so on those days."""
    for day, levels in past.items():
        found = {name: await scoring.read.decision(name, day) for name in levels}
        assert {name: each and each.tier for name, each in found.items()} == levels
        ((_, counts),) = await scoring.read.counts_over(day, day, "day")
        assert sum(counts.values()) == len(levels)
        assert all(counts[tier] == [*levels.values()].count(tier) for tier in set(levels.values()))
