"""Customers as it stands in its database, with the events that others would send it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any

import httpx
from fastapi import FastAPI
from joserfc.jwk import OKPKey

from services.customers.api import (
    conduct_router,
    customers_router,
    departure_router,
    exports_router,
    leave_router,
    people_router,
    stations_router,
)
from services.customers.consumers import subscriptions
from services.customers.store.copies import PostgresGrants, PostgresLevels, PostgresPeople
from services.customers.store.departures import PostgresDepartures
from services.customers.store.files import PostgresFiles
from services.customers.store.judging import PostgresMatters
from services.customers.store.retelling import PostgresRetelling
from services.customers.store.trade import PostgresCustomers
from services.customers.usecases.announce import Announce
from services.customers.usecases.departing import LetGo
from services.customers.usecases.export_files import Bounds, ExportFiles
from services.customers.usecases.judge import JudgeTrade
from services.customers.usecases.read_files import ListPeople, ReadFile, SearchFiles
from services.customers.usecases.reception import Reception, terms_of
from services.customers.usecases.record_copies import RecordGrants, RecordLevel, RecordPeople
from services.customers.usecases.record_trade import RecordTrade
from services.customers.usecases.report_conduct import ReportConduct
from services.customers.usecases.retelling import RetellCustomers
from shared.audit import AuditTrail
from shared.clock import FrozenClock
from shared.contracts.envelope import encode
from shared.contracts.grants import GrantGiven, GrantRevoked, GrantsHeartbeat
from shared.contracts.organisation import PersonRecorded
from shared.contracts.registry import TOPICS
from shared.contracts.types import EventData
from shared.engine.batch import BatchProcessor
from shared.engine.deadletters import DeadLetters
from shared.engine.items import Outcome
from shared.engine.model import Outgoing, Received
from shared.engine.outbox import Outbox
from shared.engine.poison import PoisonLimits, PoisonWatch
from shared.engine.postgres import Database
from shared.following import FollowPolicy
from shared.http import create_app
from shared.identity import TokenSigner, TokenVerifier
from shared.in_force import Derived, PolicyInForce
from shared.metrics import Metrics
from shared.policy import Policy, load_policy
from shared.roles import Role
from tests.integration.tables import tables_of

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
APP = "customers_app"
prepare = tables_of("customers")
POLICY = load_policy(None)
BOUNDS = Bounds(files=3, lines=30)
TYPES = {model: (topic.name, name) for topic in TOPICS.values() for name, model in topic.types.items()}


class Silent:
    """Needs to hear nothing of a processor."""

    def committed(self, outcome: Outcome, seconds: float) -> None: ...

    def waits(self, error: BaseException | None) -> None: ...


@dataclass
class Customers:
    """The service's parts over one database, without a broker: polls are handed in."""

    database: Database
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(NOW))
    policy: Policy = POLICY
    offsets: count[int] = field(default_factory=count)
    ids: count[int] = field(default_factory=lambda: count(1))
    key: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True))

    def __post_init__(self) -> None:
        self.outbox = Outbox("/tierline/customers")
        self.in_force = PolicyInForce(self.policy, self.clock)
        self.terms = Derived(self.in_force, lambda policy: terms_of(policy, self.clock))
        self.grants, self.people = PostgresGrants(), PostgresPeople()
        self.reception = Reception(
            database=self.database,
            files=PostgresFiles(),
            people=self.people,
            publisher=self.outbox,
            trail=AuditTrail("customers", self.database, self.outbox, self.clock, wake=lambda: None),
            clock=self.clock,
            terms=self.terms,
            new_id=lambda: f"id-{next(self.ids)}",
        )
        self.retell = RetellCustomers(
            database=self.database,
            publisher=self.outbox,
            clock=self.clock,
            store=PostgresCustomers(),
            retelling=PostgresRetelling(),
            in_force=self.in_force,
            terms=self.terms,
            customers_per_batch=2,
        )
        self.judge = JudgeTrade(
            database=self.database,
            publisher=self.outbox,
            clock=self.clock,
            matters=PostgresMatters(),
            policy=self.in_force,
            terms=self.terms,
            matters_per_batch=2,
        )
        rows = subscriptions(
            RecordTrade(store=PostgresCustomers(), terms=self.terms),
            RecordLevel(store=PostgresLevels()),
            RecordGrants(store=self.grants),
            RecordPeople(store=self.people),
            FollowPolicy(self.in_force, self.retell.begin),
        )
        self.processors = {topic: self._processor(row.handler) for row in rows for topic in row.topics}

    async def tell(self, *told: EventData, at: datetime | None = None, event_id: str | None = None) -> Outcome:
        """Take in one poll of one subscription, each event at its own moment unless given."""
        outcome = Outcome()
        records = [self.record(data, at=at, event_id=event_id) for data in told]
        for topic in dict.fromkeys(record.topic for record in records):
            outcome = await self.processors[topic].process([r for r in records if r.topic == topic])
        return outcome

    def record(self, data: EventData, *, at: datetime | None = None, event_id: str | None = None) -> Received:
        """An event as it comes off the wire."""
        topic, kind = TYPES[type(data)]
        moment = getattr(data, data.moment_field) if data.moment_field else self.clock.now()
        number = next(self.offsets)
        value = encode(Outgoing(topic, "", kind, event_id or f"e-{number}", data), "/test", at or moment, None)
        return Received(topic, 0, number, 1_772_000_000_000, None, value, ())

    async def beat(self) -> None:
        """Archive is heard from now."""
        await self.tell(GrantsHeartbeat(at=self.clock.now()))

    async def grant(
        self, person: str, customer_id: str, *sections: str, grant_id: str = "g-1", uses: int | None = None
    ) -> None:
        """Archive lets somebody read a file for an hour."""
        now = self.clock.now()
        await self.tell(
            GrantGiven(
                grant_id=grant_id,
                file=f"customer:{customer_id}",
                person=person,
                sections=sections or ("*",),
                copy_allowed=False,
                not_before=now,
                until=now + timedelta(hours=1),
                approved_by="gm",
                uses=uses,
            ),
            at=now,
        )

    async def revoke(self, customer_id: str, grant_id: str = "g-1") -> None:
        """And thinks better of it."""
        await self.tell(
            GrantRevoked(
                grant_id=grant_id,
                file=f"customer:{customer_id}",
                revoked_at=self.clock.now(),
                revoked_by="gm",
                reason="done",
            )
        )

    async def staff(self, person: str, role: Role, department: str | None, rep_code: str | None = None) -> None:
        """The organisation tells of a person."""
        await self.tell(
            PersonRecorded(person=person, role=role, department=department, rep_code=rep_code, active=True),
            at=self.clock.now(),
        )

    async def sent(self, topic: str) -> list[dict[str, Any]]:
        """Events in the outbox of one topic, in their order."""
        rows = await self.database.fetch("SELECT record_values FROM outbox WHERE topic = $1 ORDER BY frame_id", topic)
        return [json.loads(value) for row in rows for value in row["record_values"]]

    async def audited(self) -> list[dict[str, Any]]:
        """What the audit will hold: type and data of each access."""
        return [{"type": event["type"], **event["data"]} for event in await self.sent("audit.v1")]

    async def take_back(self) -> Outcome:
        """Take in what the service itself published for itself, as it would come from the broker."""
        outcome = Outcome()
        for topic in ("activities.v1", "organisation.v1"):
            records = [
                Received(topic, 1, next(self.offsets), 1_772_000_000_000, None, json.dumps(event).encode(), ())
                for event in await self.sent(topic)
            ]
            if records:
                outcome = await self.processors[topic].process(records)
        return outcome

    @cached_property
    def app(self) -> FastAPI:
        """The HTTP of the service; made once, since to make it takes longer than to ask it."""

        async def ready() -> list[str]:
            return []

        announce = Announce(self.reception)
        routers = (
            exports_router(ExportFiles(self.reception, self.grants, self.in_force, BOUNDS)),
            customers_router(
                ReadFile(self.reception, self.grants, self.in_force),
                SearchFiles(self.reception, self.in_force),
                announce,
            ),
            people_router(ListPeople(self.reception), announce),
            conduct_router(ReportConduct(self.reception, self.in_force)),
            leave_router(announce),
            departure_router(LetGo(self.reception, PostgresCustomers(), PostgresDepartures())),
            stations_router(announce),
        )
        verifier = TokenVerifier({"keys": [self.key.as_dict(private=False)]})
        return create_app("customers", routers, verifier, metrics=Metrics(), ready=ready)

    def client(self, person: str, role: Role, department: str | None = "field") -> httpx.AsyncClient:
        """A browser in that person's hands."""
        token = TokenSigner(self.key).sign(person, role, department, timedelta(hours=1))
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=("10.0.0.9", 1)),
            base_url="http://customers",
            headers={"Authorization": f"Bearer {token}"},
        )

    def _processor(self, handler: Any) -> BatchProcessor:
        return BatchProcessor(
            consumer="customers",
            database=self.database,
            outbox=self.outbox,
            letters=DeadLetters(),
            handler=handler,
            watch=PoisonWatch(lambda: PoisonLimits(run=100, window=1000, share=0.5)),
            now=self.clock.now,
            observer=Silent(),
        )
