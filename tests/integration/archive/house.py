"""Archive as it stands in its database, with the events that others would send it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI
from joserfc.jwk import OKPKey

from services.archive.api import STREAMED
from services.archive.domain.chain import Verdict
from services.archive.domain.entries import VIEWS
from services.archive.parts import (
    Consulting,
    Fines,
    Ground,
    Intake,
    Limits,
    Notary,
    Proof,
    Records,
    lease_of,
    verifier,
    voucher,
)
from services.archive.store import ObjectVault, SecondPlace, StretchReader
from services.archive.usecases import VerifyAudit, Vouch
from shared.alarms import Alarms
from shared.clock import FrozenClock
from shared.contracts.audit import Access, BreachFound
from shared.contracts.customers import TradeRecorded
from shared.contracts.envelope import encode
from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.contracts.tiers import Explanation, Tier, TierCause, TierChanged
from shared.contracts.types import Cause, EventData, FileTier, Words
from shared.engine.batch import BatchProcessor
from shared.engine.deadletters import DeadLetters
from shared.engine.items import Outcome
from shared.engine.model import Handler, Outgoing, Received
from shared.engine.poison import PoisonLimits, PoisonWatch
from shared.engine.postgres import Database
from shared.http import AccessHooks, create_app
from shared.identity import TokenSigner, TokenVerifier
from shared.links import Links
from shared.metrics import Metrics
from shared.objects import Objects, open_objects
from shared.policy import load_policy
from shared.policy.audit import AuditRules
from shared.proof.notes import SigningKey, VerificationKey, new_signing_key
from shared.roles import Role
from shared.settings import ObjectSettings
from shared.standing import Attendance
from tests.integration.tables import as_login, tables_of

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
OWNER, APP = "archive", "archive_app"
prepare = tables_of("archive")
POLICY = load_policy(None)
LARGEST_ATTACHMENT, LARGEST_EXPORT, MOST_EXPORTED = 300_000, 400_000, 4
MASTER_KEYS = {"test": bytes(range(32))}


class Silent:
    """Needs to hear nothing of a processor."""

    def committed(self, outcome: Outcome, seconds: float) -> None: ...

    def waits(self, error: BaseException | None) -> None: ...


@dataclass
class Archive:
    """The service's parts over one database, without a broker: polls are handed in."""

    dsn: str
    database: Database
    folder: Path
    place: Path
    """The second place of checkpoints."""
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(NOW))
    offsets: count[int] = field(default_factory=count)
    ids: count[int] = field(default_factory=lambda: count(1))
    key: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True))
    signing_key: SigningKey = field(default_factory=new_signing_key)

    def __post_init__(self) -> None:
        self.ground = Ground.over(self.database, self.clock, POLICY, new_id=lambda: f"id-{next(self.ids)}")
        self.desk, self.in_force = self.ground.desk, self.ground.in_force
        self.objects = open_objects(ObjectSettings(url=self.folder.as_uri()))
        self.outside = SecondPlace(open_objects(ObjectSettings(url=self.place.as_uri())))
        self.links = Links(b"k" * 32)
        self._apps: list[tuple[Sequence[APIRouter], FastAPI]] = []
        self.metrics = Metrics()
        self.alarms = Alarms(self.metrics)
        self.lease = lease_of(self.ground)
        self.consulting, self.fines = Consulting.over(self.ground), Fines.over(self.ground)
        self.proof = Proof.over(self.ground, self.notary(), self.helpers())

    def notary(
        self, outside: SecondPlace | None = None, key: SigningKey | None = None, older: Sequence[VerificationKey] = ()
    ) -> Notary:
        """Who signs into that second place; with another key, or one that follows `older` ones, where told."""
        key = key or self.signing_key
        return Notary(key, [key.verification(), *older], outside or self.outside)

    def helpers(self) -> StretchReader:
        """Processes that recompute the chain."""
        return StretchReader(as_login(self.dsn, APP))

    def verifier(self, outside: SecondPlace | None = None, stretches: StretchReader | None = None) -> VerifyAudit:
        """Who verifies, against that second place, with helpers or alone."""
        return verifier(self.ground, self.notary(outside), stretches or self.helpers())

    def vouch(
        self,
        rules: AuditRules | None = None,
        *,
        outside: SecondPlace | None = None,
        key: SigningKey | None = None,
        older: Sequence[VerificationKey] = (),
    ) -> Vouch:
        """The timer behind checkpoints, as another start of the service has it."""
        wanted = rules or AuditRules(checkpoint_seconds=1, checkpoint_entries=1)
        return voucher(self.ground, self.notary(outside, key, older), self.lease, self.alarms, lambda: wanted)

    def intake(self) -> Intake:
        """What another process hears."""
        return Intake.over(self.ground, self.fines.pricing)

    def records(self, vault: ObjectVault | None = None, *, scan_pieces: int = 50) -> Records:
        """Records, over the objects that the test has by now."""
        limits = Limits(LARGEST_ATTACHMENT, LARGEST_EXPORT, MOST_EXPORTED, scan_pieces)
        return Records.over(self.ground, vault or ObjectVault(self.objects, MASTER_KEYS), limits)

    def keep_objects_in(self, objects: Objects) -> None:
        """From now on the pieces of records are there."""
        self.objects = objects
        self._apps.clear()

    def sealer(self, database: Database | None = None) -> BatchProcessor:
        """Another process that seals."""
        return self.processor(self.intake().seal, database)

    async def seal(self, *records: Received) -> Outcome:
        """Seal one poll."""
        return await self.sealer().process(records)

    async def staff(self, *people: PersonRecorded | PersonDeparted, at: datetime = NOW) -> None:
        """Tell archive of people."""
        records = [self.record("organisation.v1", "person.recorded" if isinstance(p, PersonRecorded) else
                               "person.departed", p, at=at) for p in people]  # fmt: skip
        await self.processor(self.intake().people).process(records)

    async def tell(self, topic: str, event_type: str, data: EventData, *, at: datetime = NOW) -> None:
        """Tell archive of the organisation in one poll."""
        await self.processor(self.intake().people).process([self.record(topic, event_type, data, at=at)])

    def record(  # noqa: PLR0913 - the parts of a record
        self, topic: str, event_type: str, data: EventData, *, event_id: str | None = None, partition: int = 0,
        at: datetime = NOW,
    ) -> Received:  # fmt: skip
        """An event as it comes off the wire."""
        number = next(self.offsets)
        outgoing = Outgoing(topic, "", event_type, event_id or f"e-{number}", data)
        value = encode(outgoing, "/tierline/customers", at)
        return Received(topic, partition, number, 1_772_000_000_000, None, value, ())

    def access(self, event_type: str = "file.read", *, partition: int = 0, event_id: str | None = None,
               **changed: Any) -> Received:  # fmt: skip
        """Li reads the file of C-1, as its keeper, unless `changed` says otherwise."""
        data: dict[str, Any] = {
            "file": "C-1", "actor": "li", "role": "rep", "department": "d1", "action": "profile.read",
            "outcome": "allowed", "grant": None, "station": "10.0.0.7", "at": NOW, "reason": None,
            "service": "customers", "needs_grant": False,
        }  # fmt: skip
        return self.record("audit.v1", event_type, Access(**data | changed), partition=partition, event_id=event_id)

    def breach(self, event_id: str | None = None, **changed: Any) -> Received:
        """Wang copied the file of C-1, unless `changed` says otherwise."""
        data: dict[str, Any] = {
            "breach_id": "unapproved_copy:1", "kind": "unapproved_copy", "person": "wang", "file": "C-1",
            "occurred_on": NOW.date(), "found_at": NOW, "service": "customers",
        }  # fmt: skip
        found = BreachFound(**data | changed)
        return self.record("audit.v1", "breach.found", found, event_id=event_id or found.breach_id)

    def unapproved(self, **changed: Any) -> Received:
        """Somebody reads what needs a grant, with none."""
        return self.access(**{"needs_grant": True, **changed})

    def amended(
        self, customer: str = "C-1", version: int = 1, *, partition: int = 0, tier: FileTier = "personal"
    ) -> Received:
        """A customer's file came to a new version."""
        data = TradeRecorded(
            customer_id=customer, version=version, cause=Cause(id="SO-1", type="order.placed", source="/orders"),
            occurred_at=NOW, customer_class="contract", orders=1, first_order_on=NOW.date(), last_order_on=NOW.date(),
            sample_phase="none", sample_on=None, country="DE", potential=None, rep="rep-7", department="d1",
            contacted_at=None, file_tier=tier, entry=None,
        )  # fmt: skip
        return self.record(
            "customers.v1", "trade.recorded", data, event_id=f"{customer}:{version}", partition=partition
        )

    def decided(self, customer: str = "C-1", sequence: int = 1) -> Received:
        """Scoring decided a level."""
        data = TierChanged(
            customer_id=customer, sequence=sequence, from_=None, to=Tier(customer_class="contract", level="key"),
            since=NOW.date(), decided_at=NOW, policy_version="p-1", rep="rep-7",
            why=Explanation(cause=TierCause(kind="event", id="x"), words=Words(zh="王小姐", en="Miss Wang")),
        )  # fmt: skip
        return self.record("tiers.v1", "tier.changed", data, event_id=f"{customer}:{sequence}")

    async def watch(self) -> None:
        """Let the clock do to requests and grants what it does."""
        await self.consulting.watch()

    async def verdict(self) -> Verdict:
        """What recomputing the chain comes to."""
        return await self.proof.verify()

    async def sent(self, topic: str, event_type: str | None = None) -> list[dict[str, Any]]:
        """Events in the outbox of one topic, in their order; of one type, where given."""
        rows = await self.database.fetch("SELECT record_values FROM outbox WHERE topic = $1 ORDER BY frame_id", topic)
        events = [json.loads(value) for row in rows for value in row["record_values"]]
        return [event for event in events if event_type in (None, event["type"])]

    async def rows(self, query: str, *args: Any) -> Sequence[Any]:
        """Rows, as the everyday login sees them."""
        return await self.database.fetch(query, *args)

    def app(self, *more: APIRouter) -> FastAPI:
        """The HTTP of the service; made once, since to make it takes longer than to ask it."""
        for doors, app in self._apps:
            if doors == more:
                return app
        app = self._made(more)
        self._apps.append((more, app))
        return app

    def _made(self, more: Sequence[APIRouter]) -> FastAPI:
        async def ready() -> list[str]:
            return []

        routers = (
            *self.proof.routers(),
            *self.fines.routers(),
            *self.consulting.routers(),
            *self.records().routers(),
            *more,
        )
        tokens = TokenVerifier({"keys": [self.key.as_dict(private=False)]})
        return create_app(
            "archive",
            routers,
            tokens,
            metrics=self.metrics,
            ready=ready,
            open_routers=self.consulting.by_link(self.links),
            streamed=STREAMED,
            alarms=self.alarms.standing,
            hooks=AccessHooks(denied=self.ground.trail.denied, standing=Attendance(self.database, self.ground.people)),
        )

    def client(
        self, person: str, role: Role, department: str = "d1", *, at: str = "10.0.0.9", doors: Sequence[APIRouter] = ()
    ) -> httpx.AsyncClient:
        """A browser in that person's hands, at that address; `doors` are others than the usual ones."""
        token = TokenSigner(self.key).sign(person, role, department, timedelta(hours=1))
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app(*doors), client=(at, 1)),
            base_url="http://archive",
            headers={"Authorization": f"Bearer {token}"},
        )

    def processor(self, handler: Handler[Any], database: Database | None = None) -> BatchProcessor:
        return BatchProcessor(
            consumer="archive",
            database=database or self.database,
            outbox=self.ground.outbox,
            letters=DeadLetters(),
            handler=handler,
            watch=PoisonWatch(lambda: PoisonLimits(run=100, window=1000, share=0.5)),
            now=self.clock.now,
            observer=Silent(),
            views=frozenset(VIEWS.items()),
        )
