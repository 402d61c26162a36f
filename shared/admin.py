"""What ops may ask of every service: its state, its dead letters, its halts. Reading a dead letter is audited."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from shared.audit import AuditTrail, Deed
from shared.clock import Clock
from shared.contracts.types import Identifier
from shared.engine.batch import BatchProcessor
from shared.engine.deadletters import DeadLetter, DeadLetters
from shared.engine.postgres import Database
from shared.engine.queries import load_queries
from shared.engine.reader import Reader
from shared.http import Page, PageParams, Problem, page_params, require
from shared.http.noting import no_file
from shared.identity import Principal
from shared.in_force import PolicyInForce
from shared.roles import Role

QUERIES = load_queries("shared.engine")

Operator = Annotated[Principal, Depends(require(Role.OPS, Role.GM))]
LetterId = Annotated[int, Path(ge=1, lt=2**63)]

# A reader looks after its partitions every two seconds; after this long without, it is not reading.
SILENT_SECONDS = 15.0


class Halt(BaseModel):
    """A stopped partition and why."""

    topic: str
    partition: int
    code: str


class Status(BaseModel):
    """A service as ops see it; `lag` is null while it reads nothing (starting, or standing by for a lease)."""

    service: str
    pid: int
    ready: bool
    waiting_for: list[str]
    standing_by: bool
    lag: int | None
    outbox: int
    dead_letters: int
    halted: list[Halt]
    today: date
    policy: str


class DeadLetterSummary(BaseModel):
    """A refused record without its contents."""

    id: int
    topic: str
    partition: int
    offset: int
    code: str
    detail: str
    attempts: int
    refused_at: datetime


class DeadLetterWhole(DeadLetterSummary):
    """A refused record whole; bytes that are not UTF-8 come as base64 in the `_base64` fields."""

    key: str | None
    value: str | None
    value_base64: str | None
    headers: dict[str, str]
    replayed_at: datetime | None


class ReplayRequest(BaseModel):
    """Which letters to try again: some by id, or all that wait, of one topic or of every one."""

    ids: list[int] | None = None
    topic: Identifier | None = None


class ReplayResult(BaseModel):
    """How many letters took effect, and for each other why not."""

    replayed: int
    refused: dict[int, str]


class ResumeRequest(BaseModel):
    """Which halts to lift; without a topic, all of this service's."""

    topic: Identifier | None = None
    partition: Annotated[int, Field(ge=0, lt=2**31)] | None = None


@dataclass(frozen=True, slots=True)
class Admin:
    """The parts of a running service that ops look at."""

    name: str
    clock: Clock
    in_force: PolicyInForce
    database: Database
    trail: AuditTrail
    letters: DeadLetters
    readers: Sequence[Reader]
    processors: Sequence[BatchProcessor]

    async def ready(self) -> list[str]:
        """What this service waits for: nothing when it is ready."""
        waiting = []
        try:
            async with asyncio.timeout(2.0):
                await self.database.fetchval(QUERIES["count_dead_letters"])
        except Exception:  # noqa: BLE001 - whatever it is, the database does not answer
            waiting.append("database")
        now = asyncio.get_running_loop().time()
        if not all(reader.standing_by or now - reader.last_contact < SILENT_SECONDS for reader in self.readers):
            waiting.append("broker")
        return waiting

    async def status(self) -> Status:
        """The service's state, as far as its database can tell it."""
        waiting = await self.ready()
        lag, outbox, dead_letters = None, 0, 0
        if "database" not in waiting:
            counted = await self.database.fetchrow(QUERIES["count_outbox"])
            outbox = counted["records"]
            dead_letters = await self.letters.count(self.database)
            if "broker" not in waiting:
                lags = [await reader.lag() for reader in self.readers]
                lag = None if None in lags else sum(n for n in lags if n is not None)
        return Status(
            service=self.name,
            pid=os.getpid(),
            ready=not waiting,
            waiting_for=waiting,
            standing_by=any(reader.standing_by for reader in self.readers),
            lag=lag,
            outbox=outbox,
            dead_letters=dead_letters,
            halted=[Halt(topic=t, partition=p, code=c) for r in self.readers for (t, p), c in sorted(r.halted.items())],
            today=self.clock.today(),
            policy=self.in_force.policy.version,
        )

    async def letters_page(self, who: Principal, page: PageParams) -> Page[DeadLetterSummary]:
        """A page of waiting letters; that they were looked at is audited before they are shown."""
        await self.trail.record(who, Deed("file.searched", "dead_letters.listed", f"dead-letters:{self.name}"))
        found = await self.letters.waiting(self.database, after=page.after_number, limit=page.limit)
        return page.of([summary(letter) for letter in found], lambda item: item.id)

    async def letter(self, who: Principal, letter_id: int) -> DeadLetterWhole | None:
        """One letter whole, with the audit entry in the transaction that reads it."""
        async with self.database.transaction() as tx:
            letter = await self.letters.show(tx, letter_id)
            if letter is None:
                return None
            deed = Deed("file.read", "dead_letter.read", f"dead-letters:{self.name}", reason=f"letter {letter_id}")
            await self.trail.append(tx, who, deed)
        self.trail.wake()
        return whole(letter)

    async def replay(self, who: Principal, request: ReplayRequest) -> ReplayResult:
        """Try letters again, oldest first."""
        await self.trail.record(who, Deed("decision.made", "dead_letters.replayed", f"dead-letters:{self.name}"))
        replayed, refused, after = 0, dict[int, str](), 0
        wanted = None if request.ids is None else set(request.ids)
        while chosen := await self.letters.select(self.database, topic=request.topic, after=after, limit=500):
            after = chosen[-1][0]
            for letter_id, topic in chosen:
                if wanted is not None and letter_id not in wanted:
                    continue
                refusal = await self._processor_of(topic).replay(letter_id)
                if refusal is None:
                    replayed += 1
                else:
                    refused[letter_id] = str(refusal)
        self.trail.wake()
        return ReplayResult(replayed=replayed, refused=refused)

    async def resume(self, who: Principal, request: ResumeRequest) -> list[Halt]:
        """Lift halts; the readers go on within seconds, from where each partition stood."""
        await self.trail.record(who, Deed("decision.made", "partitions.resumed", f"partitions:{self.name}"))
        rows = await self.database.fetch(QUERIES["resume_partitions"], self.name, request.topic, request.partition)
        return [Halt(topic=row["topic"], partition=row["partition"], code="resumed") for row in rows]

    def _processor_of(self, topic: str) -> BatchProcessor:
        for reader, processor in zip(self.readers, self.processors, strict=True):
            if topic in reader.subscription.topics:
                return processor
        raise Problem(409, "topic_not_read", f"{self.name} no longer reads {topic}", f"{self.name} 不再读取 {topic}")


def summary(letter: DeadLetter) -> DeadLetterSummary:
    """The letter without its contents."""
    return DeadLetterSummary(**about(letter))


def about(letter: DeadLetter) -> dict[str, Any]:
    """What may be told of a letter without reading it."""
    return {
        "id": letter.letter_id,
        "topic": letter.record.topic,
        "partition": letter.record.partition,
        "offset": letter.record.offset,
        "code": letter.code,
        "detail": letter.detail,
        "attempts": letter.attempts,
        "refused_at": letter.refused_at,
    }


def whole(letter: DeadLetter) -> DeadLetterWhole:
    """The letter with its contents, as text where it is text."""
    value = letter.record.value
    text = None if value is None else readable(value)
    return DeadLetterWhole(
        **about(letter),
        key=None if letter.record.key is None else letter.record.key.decode("utf-8", "backslashreplace"),
        value=text,
        value_base64=base64.b64encode(value).decode() if value is not None and text is None else None,
        headers={n: "" if v is None else v.decode("utf-8", "backslashreplace") for n, v in letter.record.headers},
        replayed_at=letter.replayed_at,
    )


def readable(value: bytes) -> str | None:
    """UTF-8 text, or None."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def admin_router(admin: Admin) -> APIRouter:
    """The routes that every service has for ops."""
    router = APIRouter(tags=["operations"])

    @router.get("/status", openapi_extra=no_file("of the machines, not of files"))
    async def status(_: Operator) -> Status:
        return await admin.status()

    @router.get("/dead-letters")
    async def list_dead_letters(
        who: Operator, page: Annotated[PageParams, Depends(page_params)]
    ) -> Page[DeadLetterSummary]:
        return await admin.letters_page(who, page)

    @router.get("/dead-letters/{letter_id}")
    async def show_dead_letter(who: Operator, letter_id: LetterId) -> DeadLetterWhole:
        letter = await admin.letter(who, letter_id)
        if letter is None:
            raise Problem(
                404, "no_such_letter", f"there is no dead letter {letter_id}", f"没有编号为 {letter_id} 的死信"
            )
        return letter

    @router.post("/dead-letters/replay")
    async def replay_dead_letters(who: Operator, request: ReplayRequest) -> ReplayResult:
        return await admin.replay(who, request)

    @router.post("/partitions/resume")
    async def resume_partitions(who: Operator, request: ResumeRequest) -> list[Halt]:
        return await admin.resume(who, request)

    return router
