"""Scoring as it stands in its database, with the events that the customers service would send it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import yaml

from services.scoring.ports import Desk
from services.scoring.store import FallStore, LevelStore, PolicyStore, ProspectReadings, TierReadings, TradeReadings
from services.scoring.usecases.checking import CheckLevels
from services.scoring.usecases.deciding import DecideLevels
from services.scoring.usecases.explaining_lapse import ExplainLapse
from services.scoring.usecases.looking_ahead import LookAhead, ReadFalls
from services.scoring.usecases.memory import Memory
from services.scoring.usecases.passing_days import PassDays
from services.scoring.usecases.policies import KeepPolicies
from services.scoring.usecases.previewing import PreviewPolicy
from services.scoring.usecases.reading import ReadLevels
from shared.audit import AuditTrail
from shared.clock import FrozenClock
from shared.contracts.customers import CustomerFacts, ProfileRecorded, TradeEntry, TradeRecorded
from shared.contracts.tiers import TierChanged
from shared.contracts.types import Cause, CustomerClass, Potential
from shared.engine.lease import Lease
from shared.engine.migrations import migrate
from shared.engine.model import Event, Outgoing
from shared.engine.outbox import Outbox
from shared.engine.postgres import Database
from shared.in_force import PolicyInForce
from shared.policy import WrittenPolicy, load_policy, parse_policy
from shared.policy.model import Policy

OWNER, APP = "scoring", "scoring_app"
POLICY = load_policy()
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


class House:
    """One process of scoring at one moment, which tests move; `told` runs a batch as the engine would."""

    def __init__(
        self,
        database: Database,
        *,
        policy: Policy = POLICY,
        clock: FrozenClock | None = None,
        decisions: int = 4000,
        foreseeing: int = 200,
    ) -> None:
        self.database = database
        self.policy = policy
        self.clock = clock or FrozenClock(NOON)
        self.lease = Lease(database, "scoring")
        self.outbox = Outbox("/tierline/scoring")
        self.store, self.readings = LevelStore(), TierReadings()
        self.in_force = PolicyInForce(policy, self.clock)
        self.memory = Memory(self.store, self.in_force)
        self.decide_levels = DecideLevels(
            memory=self.memory,
            store=self.store,
            clock=self.clock,
            decisions=decisions,
        )
        desk = Desk(database, self.outbox, self.clock)
        self.keep_policies = KeepPolicies(
            desk=desk,
            book=PolicyStore(policy),
            trail=AuditTrail("scoring", database, self.outbox, self.clock, wake=lambda: None),
            in_force=self.in_force,
            given=written(policy).text,
        )
        self.preview = PreviewPolicy(
            database=database, prospects=ProspectReadings(), in_force=self.in_force, clock=self.clock
        )
        self.pass_days = PassDays(
            memory=self.memory,
            decide_levels=self.decide_levels,
            lease=self.lease,
            desk=desk,
        )
        self.look_ahead = LookAhead(
            memory=self.memory, store=self.store, falls=FallStore(), lease=self.lease, desk=desk, limit=foreseeing
        )
        self.explain_lapse = ExplainLapse(
            memory=self.memory,
            desk=desk,
            readings=self.readings,
            trades=TradeReadings(),
            trail=AuditTrail("scoring", database, self.outbox, self.clock, wake=lambda: None),
        )
        self.falls = ReadFalls(desk=desk, falls=FallStore())
        reading: dict[str, Any] = {
            "memory": self.memory,
            "database": database,
            "readings": self.readings,
            "lease": self.lease,
        }
        self.read = ReadLevels(**reading)
        self.check = CheckLevels(**reading)

    def restarted(self, **changed: Any) -> House:
        """Another process over the same database, with nothing in memory and no lease."""
        return House(self.database, **{"policy": self.policy, "clock": self.clock, **changed})

    async def told(self, *events: Event) -> list[TierChanged]:
        """Run one batch through the use case and return what it decided."""
        handler = self.decide_levels
        try:
            async with self.database.transaction() as tx:
                await self.lease.check(tx)
                work, outgoings = await self.fold(tx, events)
                await handler.save(tx, work)
                await self.outbox.append(tx, outgoings, now=self.clock.now())
        except BaseException:
            handler.rolled_back()
            raise
        handler.committed(work)
        return [outgoing.data for outgoing in outgoings if isinstance(outgoing.data, TierChanged)]

    async def told_in_vain(self, *events: Event) -> None:
        """Run one batch to its last statement, and roll back."""
        with suppress(ZeroDivisionError):
            async with self.database.transaction() as tx:
                work, _ = await self.fold(tx, events)
                await self.decide_levels.save(tx, work)
                raise ZeroDivisionError
        self.decide_levels.rolled_back()

    async def fold(self, tx: Any, events: Sequence[Event]) -> tuple[Any, list[Outgoing]]:
        handler, now = self.decide_levels, self.clock.now()
        work = await handler.load(tx, events)
        outgoings = [out for event in events for out in handler.decide(work, event, now)]
        return work, [*outgoings, *handler.conclude(work, now)]

    async def day_passes(self, days: int = 1) -> None:
        """Let time go on, and the job notice it."""
        self.clock.advance(days * DAY)
        await self.pass_days()

    async def rulings(self) -> None:
        """Let the process see what is in force and finish what follows from it, as its timers do."""
        await self.in_force.look(self.database)
        await self.pass_days()

    async def published(self, topic: str) -> list[dict[str, Any]]:
        """All events of a topic in the outbox, in the order of their commits."""
        rows = await self.database.fetch("SELECT record_values FROM outbox WHERE topic = $1 ORDER BY frame_id", topic)
        return [json.loads(value) for row in rows for value in row["record_values"]]

    async def levels(self) -> dict[str, tuple[str, str]]:
        """Class and level of everybody, as decided."""
        rows = await self.database.fetch("SELECT customer_id, customer_class, level FROM customers")
        return {row["customer_id"]: (row["customer_class"], row["level"]) for row in rows}

    async def history(self) -> list[tuple[str, int, str, str]]:
        """All decisions: customer, sequence, level, since."""
        rows = await self.database.fetch(
            "SELECT customer_id, sequence, level, since FROM tier_history ORDER BY decided_at, customer_id, sequence"
        )
        return [(row["customer_id"], row["sequence"], row["level"], row["since"].isoformat()) for row in rows]

    async def assert_proven(self) -> None:
        """What is in memory and in the tables is what the full computation says."""
        verdict = await self.check()
        assert verdict.different == 0, verdict.examples


def written(policy: Policy) -> WrittenPolicy:
    """The policy as a file that says it."""
    return parse_policy(yaml.safe_dump(policy.as_json(), allow_unicode=True), "test")


def policy_with(version: str, **rfm: object) -> Policy:
    """The policy with other numbers of RFM."""
    document = POLICY.as_json()
    return Policy.model_validate(document | {"version": version, "rfm": document["rfm"] | rfm})


class Said(TypedDict, total=False):
    """What is said of a customer besides its trade."""

    customer_class: CustomerClass
    last_order_on: date | None
    country: str | None
    potential: Potential | None
    rep: str | None
    attributes: dict[str, str] | None
    entry: TradeEntry


def facts(customer_id: str, version: int = 1, **said: Unpack[Said]) -> Event:
    """An event of `customers.v1`: of trade when an entry is given, else of the profile."""
    entry = said.get("entry")
    cause = Cause(id=f"cause:{customer_id}:{version}", type="order.placed" if entry else "contact.made", source="/o")
    known = CustomerFacts(
        customer_id=customer_id,
        version=version,
        cause=cause,
        occurred_at=NOON,
        customer_class=said.get("customer_class", "potential"),
        orders=0,
        first_order_on=None,
        last_order_on=said.get("last_order_on"),
        sample_phase="none",
        sample_on=None,
        country=said.get("country"),
        potential=said.get("potential"),
        rep=said.get("rep"),
        department=None,
        contacted_at=None,
        file_tier="personal",
        attributes=said.get("attributes"),
    )
    data: CustomerFacts = (
        TradeRecorded(**dict(known), entry=entry) if entry else ProfileRecorded.model_validate(dict(known))
    )
    event_type = "trade.recorded" if entry else "profile.recorded"
    return Event(f"{customer_id}:{version}", "/tierline/customers", event_type, NOON, "", data, 0)


def ordered(  # noqa: PLR0913 - an order has so many sides
    customer_id: str,
    version: int,
    dated: date,
    amount: str = "100",
    *,
    order_id: str | None = None,
    last: date | None = None,
    counts: bool = True,
    rep: str | None = None,
) -> Event:
    """An order as the customers service tells it; `last` is the customer's last order where it is another one."""
    entry = TradeEntry(
        entry_id=f"o:{order_id or version}", kind="order", dated=dated, amount=Decimal(amount), counts=counts
    )
    return facts(customer_id, version, customer_class="contract", last_order_on=last or dated, entry=entry, rep=rep)


def returned(customer_id: str, version: int, dated: date, amount: str, last: date) -> Event:
    """A return that names no order."""
    entry = TradeEntry(entry_id=f"r:{version}", kind="return", dated=dated, amount=Decimal(f"-{amount}"), counts=True)
    return facts(customer_id, version, customer_class="contract", last_order_on=last, entry=entry)


async def prepare(dsn: str) -> None:
    """Make the tables as compose does: an owner who migrates, an everyday login with less."""
    connection = await asyncpg.connect(dsn)
    try:
        for role in (OWNER, APP):
            await connection.execute(
                f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
            )
        await connection.execute(f"GRANT CREATE ON SCHEMA public TO {OWNER}")
    finally:
        await connection.close()
    await migrate(as_login(dsn, OWNER), packages=("shared.engine", "services.scoring"), app_role=APP)


def as_login(dsn: str, login: str) -> str:
    """The same database, for another login; the test servers trust whoever comes."""
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))
