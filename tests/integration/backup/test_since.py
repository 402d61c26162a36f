"""After a restore nothing opens once more that was used up since the backup, and nothing lives that was destroyed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import asyncpg
import pytest

from deploy.backup.loading import Target
from deploy.backup.restoring import Logs
from deploy.backup.since import READ_BY, close_counted_grants, read_since, still_there
from deploy.backup.snapshot import listening, read_places
from deploy.backup.source import Login
from deploy.local.topics import create_topics
from services.customers.store.copies import PostgresGrants
from services.customers.usecases.record_copies import RecordGrants
from shared.contracts.audit import DecisionMade
from shared.contracts.envelope import encode
from shared.contracts.grants import GrantGiven
from shared.contracts.registry import key_of
from shared.contracts.types import EventData
from shared.engine.kafka import KafkaAddress, Message, OrderedProducer
from shared.engine.model import Event, Outgoing
from shared.engine.poison import Place
from shared.engine.postgres import Database
from tests.backends import Databases
from tests.integration.tables import as_login, tables_of

pytestmark = pytest.mark.backend

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
FILE = "customer:C-1"


@dataclass
class Restored:
    """The two databases as a backup had them, and the log that went on; `dsns` are a superuser's."""

    dsns: dict[str, str]
    kafka: KafkaAddress

    @property
    def target(self) -> Target:
        """Where `restore` loads them."""
        return cast("Target", self)

    def login(self, service: str) -> Login:
        return Login(as_login(self.dsns[service], service), "")

    async def rows(self, service: str, statement: str, *args: Any) -> list[Any]:
        """Rows; what triggers would not let anybody write is written too."""
        connection = await asyncpg.connect(self.dsns[service])
        try:
            await connection.execute("SET session_replication_role = replica")
            return list(await connection.fetch(statement, *args))
        finally:
            await connection.close()

    async def ends(self) -> dict[Place, int]:
        places = [place for place in await read_places(self.kafka) if place.topic in READ_BY]
        async with listening(self.kafka) as consumer:
            return {(tp.topic, tp.partition): end for tp, end in (await consumer.end_offsets(places)).items()}

    async def tell(self, topic: str, event_type: str, event_id: str, data: EventData) -> None:
        """What the lost stack had told since."""
        producer = OrderedProducer(self.kafka, client_id="test")
        key = key_of(topic, data)
        value = encode(Outgoing(topic, key, event_type, event_id, data), "/tierline/archive", NOW)
        await producer.send([Message(topic, key.encode(), value)])
        await producer.close()


@pytest.fixture
async def restored(databases: Databases, kafka_bootstrap: str) -> Restored:
    """Grants for one reading and for any number, two records, and fences at the end of the log."""
    kafka = KafkaAddress(kafka_bootstrap)
    await create_topics(kafka, 12)
    dsns = {service: await databases.copy_of(service, tables_of(service)) for service in ("customers", "archive")}
    it = Restored(dsns, kafka)
    for place, end in (await it.ends()).items():
        service = READ_BY[place[0]]
        fence = "INSERT INTO consumed_offsets (consumer, topic, partition, next_offset) VALUES ($1, $2, $3, $4)"
        await it.rows(service, fence, service, *place, end)
    for name, uses in (("counted", 1), ("free", None)):
        await it.rows(
            "customers",
            "INSERT INTO grants (grant_id, file, given_at, person, sections, copy_allowed, not_before, until, uses)"
            " VALUES ($1, $2, $3, 'qi', '[\"*\"]', false, $3, $4, $5)",
            name, FILE, NOW - HOUR, NOW + HOUR, uses,
        )  # fmt: skip
        await it.rows(
            "archive",
            "INSERT INTO grants (grant_id, file, person, sections, copy_allowed, not_before, until, approved_by,"
            " given_by, given_at, uses, request_id)"
            " VALUES ($1, $2, 'qi', '{*}', false, $3, $4, 'boss', 'an', $3, $5, $1)",
            name, FILE, NOW - HOUR, NOW + HOUR, uses,
        )  # fmt: skip
    for record, gone in (("R-1", None), ("R-2", NOW)):
        await it.rows(
            "archive",
            "INSERT INTO records (record, title, rank, record_class, filed_by, filed_at, destroyed_at)"
            " VALUES ($1, 't', 'secret', 'minutes', 'an', $2, $3)",
            record, NOW, gone,
        )  # fmt: skip
    return it


def given(grant_id: str, uses: int | None) -> GrantGiven:
    return GrantGiven(
        grant_id=grant_id, file=FILE, person="qi", sections=("*",), copy_allowed=False, not_before=NOW - HOUR,
        until=NOW + HOUR, approved_by="boss", uses=uses,
    )  # fmt: skip


def destroyed(record: str) -> DecisionMade:
    return DecisionMade(
        file=f"record:{record}", actor="an", role="archivist", action="record.destroyed", outcome="allowed", at=NOW,
        reason="d-1: 期满", service="archive", needs_grant=False,
    )  # fmt: skip


async def open_to_qi(restored: Restored) -> set[str]:
    """What opens the file once customers has read on."""
    database, grants = Database(restored.dsns["customers"], application="test"), PostgresGrants()
    events = [
        Event(f"{name}:given", "/tierline/archive", "grant.given", NOW, "", given(name, uses), 0)
        for name, uses in (("counted", 1), ("free", None), ("after", 1), ("after-free", None))
    ]
    async with database.transaction() as tx:
        record = RecordGrants(store=grants)
        work = await record.load(tx, events)
        for event in events:
            record.decide(work, event, NOW)
        await record.save(tx, work)
        found = {grant.grant_id for grant in await grants.held(tx, FILE, "qi", NOW)}
    await database.close()
    return found


async def test_grants_that_count_are_closed_and_what_was_destroyed_is_named(restored: Restored) -> None:
    """Known to the backup, or given after it: nobody knows how often they were used; the others open as before."""
    await restored.tell("grants.v1", "grant.given", "after:given", given("after", 1))
    await restored.tell("grants.v1", "grant.given", "after-free:given", given("after-free", None))
    for record in ("R-1", "R-2", "R-3"):
        await restored.tell("audit.v1", "decision.made", f"destroyed:{record}", destroyed(record))
    logs = Logs(await restored.ends(), frozenset())
    since = await read_since(restored.kafka, restored.target, logs, NOW)
    assert await close_counted_grants(restored.target, since, "cli-ops", NOW) == ["after", "counted"]
    assert await still_there(restored.target, since) == ["R-1"]
    assert await open_to_qi(restored) == {"free", "after-free"}
    rows = await restored.rows("archive", "SELECT grant_id, revoked_by FROM grants ORDER BY grant_id")
    assert [tuple(row) for row in rows] == [("counted", "cli-ops"), ("free", None)]
    # Whoever else follows the topic is told as well.
    (frame,) = await restored.rows("archive", "SELECT record_values FROM outbox WHERE topic = 'grants.v1'")
    told = [json.loads(value) for value in frame["record_values"]]
    assert [(each["type"], each["data"]["grant_id"]) for each in told] == [
        ("grant.revoked", "after"), ("grant.revoked", "counted"),
    ]  # fmt: skip


async def test_without_a_log_of_since_then_what_the_backup_knows_is_closed(restored: Restored) -> None:
    """An empty Kafka tells of nothing; readings may have been lost all the same."""
    logs = Logs(dict.fromkeys(await restored.ends(), 0), frozenset())
    since = await read_since(restored.kafka, restored.target, logs, NOW)
    assert (since.counted, since.destroyed) == ({}, set())
    assert await close_counted_grants(restored.target, since, "cli-ops", NOW) == ["counted"]
    rows = await restored.rows("customers", "SELECT grant_id FROM grants WHERE revoked_at IS NULL")
    assert [row["grant_id"] for row in rows] == ["free"]
