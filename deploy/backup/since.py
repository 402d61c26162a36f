"""What was done after the backup and must not come undone by it: readings that used a grant up, and destructions.

Both stand in the log that is still there. Readings of customers' files are counted in customers, of records in archive,
and the counts of after the backup are lost; so every grant that opens a number of times only is closed, by whoever it
was used: who still needs one asks again. Records that were destroyed since are there again: they are named, so that
they are destroyed again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from aiokafka import ConsumerRecord

from deploy.backup.loading import Target
from deploy.backup.restoring import Logs, fences_of
from deploy.backup.snapshot import QUERIES
from deploy.backup.tails import read_tails
from shared.contracts.audit import DecisionMade
from shared.contracts.envelope import decode
from shared.contracts.grants import GrantGiven, GrantRevoked
from shared.contracts.registry import key_of
from shared.engine.kafka import KafkaAddress
from shared.engine.model import Outgoing, Refused
from shared.engine.outbox import Frames

READ_BY = {"grants.v1": "customers", "audit.v1": "archive"}
"""The topics that tell of it, each with the service whose fence says from where on it is news."""

DESTROYED = "record.destroyed"
RECORD = "record:"
WHY = "closed by a restore: its uses since the backup are not known / 恢复时关闭：备份后的使用次数已无从核实"


@dataclass(slots=True)
class Since:
    """Grants for a number of readings that were given, each with its file, and records that were destroyed."""

    counted: dict[str, str] = field(default_factory=dict)
    destroyed: set[str] = field(default_factory=set)

    def take(self, records: Iterable[ConsumerRecord], now: datetime) -> None:
        """Hear what some records tell; those that nobody could read tell nothing."""
        for record in records:
            if record.topic == "audit.v1" and DESTROYED.encode() not in (record.value or b""):
                continue
            try:
                told = decode(record.topic, record.key, record.value, record.headers, now).data
            except Refused:
                continue
            if isinstance(told, GrantGiven) and told.uses is not None:
                self.counted[told.grant_id] = told.file
            elif isinstance(told, DecisionMade) and told.action == DESTROYED and told.file.startswith(RECORD):
                self.destroyed.add(told.file.removeprefix(RECORD))


async def read_since(kafka: KafkaAddress, target: Target, logs: Logs, now: datetime) -> Since:
    """What the topics tell of since the backup; all that they hold, where they are not the ones of then."""
    since, begins = Since(), {}
    ends = {place: end for place, end in logs.ends.items() if place[0] in READ_BY}
    for topic, service in READ_BY.items():
        fences = {(row["topic"], row["partition"]): row["next_offset"] for row in await fences_of(target, service)}
        for place in ends:
            if place[0] == topic:
                begins[place] = 0 if place in logs.other else fences.get(place, 0)
    async for records in read_tails(kafka, begins, ends):
        since.take(records, now)
    return since


async def close_counted_grants(target: Target, since: Since, who: str, now: datetime) -> list[str]:
    """Close every grant for a number of readings, known to the backup or given since; returns their ids."""
    archive = await target.login("archive").connect()
    try:
        async with archive.transaction():
            rows = await archive.fetch(QUERIES["close_counted_grants"], now, who, WHY)
            closed = since.counted | {row["grant_id"]: row["file"] for row in rows}
            frames = Frames("/tierline/archive", now)
            frames.add(_revoked(grant_id, file, who, now) for grant_id, file in sorted(closed.items()))
            await frames.append(archive)
    finally:
        await archive.close()
    customers = await target.login("customers").connect()
    try:
        # At once, and not when the events come round: until then each would open once more.
        await customers.execute(QUERIES["shut_counted_grants"], now)
        await customers.execute(QUERIES["shut_grants_by_id"], list(closed), list(closed.values()), now)
    finally:
        await customers.close()
    return sorted(closed)


async def still_there(target: Target, since: Since) -> list[str]:
    """The records that had been destroyed since the backup and are there again."""
    archive = await target.login("archive").connect()
    try:
        return [row["record"] for row in await archive.fetch(QUERIES["list_living_records"], sorted(since.destroyed))]
    finally:
        await archive.close()


def _revoked(grant_id: str, file: str, who: str, now: datetime) -> Outgoing:
    # Under an id of its own: it may have been revoked before, by an event that is still there.
    data = GrantRevoked(grant_id=grant_id, file=file, revoked_at=now, revoked_by=who, reason=WHY)
    return Outgoing("grants.v1", key_of("grants.v1", data), "grant.revoked", f"restore:{uuid4()}", data)
