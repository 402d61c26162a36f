"""A stack comes back from a backup, and goes on exactly once with the Kafka that is there now.

That Kafka holds what it held, and more; or it is new and holds nothing. Which topics are believed:

- What was told from outside, by people or by an act of theirs (orders, activities, people, facts of access, grants) is
  read on from where each service stood. All that happened since the backup happens again, once.
- What services decided (customers, levels, reminders, tasks, policies) is decided again, and otherwise: orders come in
  other batches, days have passed. Those topics are read from their end on, and what was under way in them at the moment
  of the backup is put there anew. What the lost databases had told meanwhile is left aside.
- A topic that is not the one that was read then is read from its beginning; what was under way in it is put there.

A record that arrives twice by this is one that the inbox knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
from aiokafka.errors import KafkaError

from deploy.backup.hints import bring_back_hints
from deploy.backup.loading import Loaded, Target, staged
from deploy.backup.making import KEYS, OBJECTS, TAILS
from deploy.backup.opening import Examined, Opened
from deploy.backup.places import SUFFIX
from deploy.backup.snapshot import QUERIES, listening, read_places, silent
from deploy.backup.source import KeyRing
from deploy.backup.tails import unpacked
from deploy.failure import ExitCode, Failure
from deploy.local.databases import QUERIES as MAKING
from deploy.local.databases import prepare_databases, run_made
from shared.contracts.audit import DecisionMade
from shared.contracts.registry import SERVICES, TOPICS, key_of
from shared.engine.kafka import KafkaAddress, Message, OrderedProducer
from shared.engine.marks import read_marks
from shared.engine.model import Outgoing
from shared.engine.outbox import Frames
from shared.engine.poison import Place
from shared.objects import Objects
from shared.roles import Role
from shared.words import Text

# Written by services alone, and yet no decision that could be taken again: who read what, and who may.
ACTS = frozenset({"audit.v1", "grants.v1"})
DECIDED = frozenset(name for name, topic in TOPICS.items() if set(topic.writers) <= set(SERVICES)) - ACTS
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Logs:
    """The topics as they are now: their ends, and those partitions that are not the ones that were backed up."""

    ends: Mapping[Place, int]
    other: frozenset[Place]

    def refilled(self, place: Place) -> bool:
        """Whether what was under way in this partition must be put there again."""
        return place[0] in DECIDED or place in self.other

    def begin(self, place: Place) -> int | None:
        """From where a partition is read now; None: from where it was."""
        if place[0] in DECIDED:
            return self.ends.get(place, 0)
        return 0 if place in self.other else None


async def refuse_occupied(target: Target, *, yes: bool) -> None:
    """Failure while services work on the databases, or when there are any and nobody said that they may go."""
    admin = await target.admin()
    try:
        connected = [row["datname"] for row in await admin.fetch(MAKING["connected_services"], list(SERVICES))]
        existing = [row["datname"] for row in await admin.fetch(MAKING["existing_databases"], list(SERVICES))]
    finally:
        await admin.close()
    if connected:
        names = ", ".join(connected)
        raise Failure(
            Text(en=f"Services still work on the databases ({names}).", zh=f"仍有服务在使用数据库（{names}）。"),
            Text(
                en="Stop them first; in Compose: docker compose stop customers scoring followup archive backup",
                zh="请先停止服务；Compose 中：docker compose stop customers scoring followup archive backup",
            ),
        )
    if existing and not yes:
        where = target.server.address
        raise Failure(
            Text(
                en=f"There are databases on {where} already ({', '.join(existing)}).",
                zh=f"{where} 上已有数据库（{', '.join(existing)}）。",
            ),
            Text(
                en="--yes replaces them, once the backup has proved to be whole.",
                zh="加 --yes 则在确认备份完整后替换它们。",
            ),
            code=ExitCode.NOT_SO,
        )


async def look_at_logs(kafka: KafkaAddress, loaded: Loaded, target: Target) -> Logs:
    """Hold the topics against what the backup remembers of them."""
    places = await read_places(kafka)
    async with listening(kafka) as consumer:
        ends = {(tp.topic, tp.partition): end for tp, end in (await consumer.end_offsets(places)).items()}
    remembered = {(topic, partition): end for topic, partition, end in loaded.manifest["ends"]}
    other = {place for place, end in remembered.items() if ends.get(place, 0) < end}
    for service in SERVICES:
        rows = await fences_of(target, service)
        marked = {(row["topic"], row["partition"]): row for row in rows if row["last_mark"] is not None}
        marked = {place: row for place, row in marked.items() if place in ends}
        if marked:
            found = await read_marks(kafka, {place: row["next_offset"] for place, row in marked.items()})
            other |= {place for place, mark in found.items() if mark != marked[place]["last_mark"]}
    return Logs(ends, frozenset(other))


async def fences_of(target: Target, service: str) -> Sequence[Any]:
    connection = await target.login(service).connect()
    try:
        return list(await connection.fetch(QUERIES["read_fences"]))
    finally:
        await connection.close()


async def move_fences(kafka: KafkaAddress, target: Target, logs: Logs) -> None:
    """Let each service read on from where that is right in the logs as they are now."""
    fences: dict[str, dict[Place, int]] = {}
    for service in SERVICES:
        connection = await target.login(service).connect()
        try:
            async with connection.transaction():
                for topic in TOPICS.values():
                    for place in logs.ends:
                        begin = logs.begin(place) if place[0] == topic.name and service in topic.readers else None
                        if begin is not None:
                            await connection.execute(QUERIES["move_fence"], service, *place, begin)
        finally:
            await connection.close()
        fences[service] = {
            (row["topic"], row["partition"]): row["next_offset"] for row in await fences_of(target, service)
        }
    await bring_back_hints(kafka, fences)


class Aftermath(NamedTuple):
    """What a restore could not bring back, or did not want to.

    `beyond`: up to where entries had been signed that are no more; how many grants for a number of readings it closed,
    and how many records that had been destroyed are there again.
    """

    beyond: int | None
    closed: int
    living: int

    def __str__(self) -> str:
        lost = "" if self.beyond is None else f"; entries up to {self.beyond} had been signed"
        closed = f"; {self.closed} counted grants closed" if self.closed else ""
        return lost + closed + (f"; {self.living} destroyed records are there again" if self.living else "")


class Act(NamedTuple):
    """Who brought back what: the name that the backup's file had, or was signed under."""

    who: str
    file: str
    examined: Examined

    @property
    def backup(self) -> str:
        """Its name, as archive knows it."""
        signed = self.examined.signed
        return (self.file if signed is None else signed.backup).removesuffix(SUFFIX)


async def note_restore(target: Target, act: Act, loaded: Loaded, aftermath: Aftermath) -> None:
    """Sealed into the chain as soon as archive is there again, with who vouched for it and what came of it."""
    now = datetime.now(UTC)
    deed = DecisionMade(
        file=f"backup:{act.backup}",
        actor=act.who,
        role=Role.OPS,
        action="backup.restored",
        outcome="allowed",
        at=now,
        reason=f"as of {loaded.manifest['at']}, {loaded.head.entries} entries, {act.examined}{aftermath}",
        service="archive",
        needs_grant=False,
    )
    frames = Frames("/tierline/archive", now)
    frames.add([Outgoing("audit.v1", key_of("audit.v1", deed), "decision.made", f"restore:{uuid4()}", deed)])
    connection: asyncpg.Connection[Any] = await target.login("archive").connect()
    try:
        async with connection.transaction():
            await frames.append(connection)
    finally:
        await connection.close()


async def swap(target: Target) -> None:
    """Put the restored databases in the place of the services' own."""
    admin = await target.admin()
    try:
        for service in SERVICES:
            await run_made(admin, "drop_database_statements", service)
            await run_made(admin, "rename_database_statements", staged(service), service)
    finally:
        await admin.close()
    await prepare_databases(target.server, target.passwords)


async def restore_rest(opened: Opened, keys: KeyRing, objects: Objects, kafka: KafkaAddress, logs: Logs) -> int:
    """Keys and attachments into their places, what was under way into the topics; returns how many records that is."""
    sent = 0
    for part, pieces in groupby(opened.pieces(), key=lambda piece: piece.part):
        data = (piece.data for piece in pieces)
        if part.startswith(KEYS):
            keys.put(part.removeprefix(KEYS), b"".join(data))
        elif part.startswith(OBJECTS):
            await objects.put(part.removeprefix(OBJECTS), b"".join(data))
        elif part == TAILS:
            sent = await publish(kafka, (message for place, message in unpacked(data) if logs.refilled(place)))
    keys.renew_checkpoint_key()
    return sent


async def publish(kafka: KafkaAddress, messages: Iterator[Message]) -> int:
    """Send messages in their order, and return how many there were; Failure when the broker does not take them."""
    producer, sent = OrderedProducer(kafka, client_id="tierline-restore"), 0
    try:
        while some := list(islice(messages, AT_ONCE)):
            await producer.send(some)
            sent += len(some)
    except (KafkaError, OSError, TimeoutError) as error:
        raise silent(kafka, error) from None
    finally:
        await producer.close()
    return sent
