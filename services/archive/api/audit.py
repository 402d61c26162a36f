"""The audit over HTTP, and its proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from json import loads
from time import perf_counter
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from services.archive.api.doors import (
    Paging,
    Prover,
    Reader,
)
from services.archive.domain.chain import Entry, Head, Verdict
from services.archive.ports import Filters
from services.archive.usecases import ReadAudit, VerifyAudit
from shared.contracts.types import DerivedIdentifier, Identifier, Words
from shared.http import Page
from shared.http.noting import no_file

Bound = Annotated[AwareDatetime | date, Field(union_mode="left_to_right")]
"""A moment with its offset, or a business day."""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries are asked for; `from` and `to` are moments, or business days, both included."""

    file: Annotated[DerivedIdentifier | None, Query()] = None
    actor: Annotated[Identifier | None, Query()] = None
    action: Annotated[Identifier | None, Query()] = None
    since: Annotated[Bound | None, Query(alias="from")] = None
    until: Annotated[Bound | None, Query(alias="to")] = None

    def filters(self, zone: ZoneInfo, before: int | None) -> Filters:
        """The same, in moments."""
        since, until = moment_of(self.since, zone), moment_of(self.until, zone, days=1)
        return Filters(self.file, self.actor, self.action, since, until, before)


class AuditEntry(BaseModel):
    """One entry of the audit, without what the file says."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    at: datetime
    recorded_at: datetime
    actor: str | None
    role: str | None
    action: str
    file: str
    outcome: str
    grant_id: str | None
    station: str | None
    service: str
    reason: str | None
    detail: dict[str, JsonValue]
    event_id: str
    event_source: str


class FirstBad(BaseModel):
    """The first entry that is not as it was sealed."""

    seq: int
    kind: str
    why: Words


class Verification(BaseModel):
    """What recomputing the chain came to: `entries` are sound, `head` (hex) is the hash of the last of them.

    `vouched` of them agree with the newest signed head of their tree; `outside`: it was read in the second place.
    """

    entries: int
    verified: bool
    first_bad: FirstBad | None
    head: str
    vouched: int
    outside: bool
    seconds: float


class Source(BaseModel):
    """How many entries of one action came from one service, and the last of them."""

    model_config = ConfigDict(from_attributes=True)

    event_source: str
    service: str
    action: str
    entries: int
    last_seq: int
    last_at: datetime


class Noted(BaseModel):
    """A head of the chain that somebody wrote down: after `noted_entries` entries it was `noted_head` (hex)."""

    noted_entries: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    noted_head: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Noted:
        if (self.noted_entries is None) != (self.noted_head is None):
            raise ValueError("noted_entries and noted_head go together")
        return self

    def head(self) -> Head | None:
        """The head, if one was given."""
        if self.noted_entries is None or self.noted_head is None:
            return None
        return Head(self.noted_entries, bytes.fromhex(self.noted_head))


def audit_router(read: ReadAudit, verify: VerifyAudit, zone: Callable[[], ZoneInfo]) -> APIRouter:
    """Reading the audit, which is audited itself, and proving it."""
    router = APIRouter(prefix="/audit", tags=["audit"])

    @router.get("")
    async def search(who: Reader, page: Paging, asked: Annotated[AuditQuery, Depends()]) -> Page[AuditEntry]:
        found = await read.search(who, asked.filters(zone(), page.after_number or None), page.limit)
        return page.of([shown_entry(entry) for entry in found], lambda entry: entry.seq)

    @router.get("/reconciliation")
    async def reconcile(who: Reader) -> list[Source]:
        return [Source.model_validate(source) for source in await read.count_sources(who)]

    @router.get("/verification", openapi_extra=no_file("counts and hashes, no entry"))
    async def verification(_: Prover, noted: Annotated[Noted, Query()]) -> Verification:
        begun = perf_counter()
        verdict = await verify(noted.head())
        return shown_verdict(verdict, perf_counter() - begun)

    return router


def moment_of(bound: datetime | date | None, zone: ZoneInfo, days: int = 0) -> datetime | None:
    """A moment as it is; of a business day its beginning, `days` later."""
    if bound is None or isinstance(bound, datetime):
        return bound
    return datetime.combine(bound + timedelta(days=days), time.min, zone)


def shown_entry(entry: Entry) -> AuditEntry:
    return AuditEntry.model_validate({**entry._asdict(), "detail": loads(entry.detail)})


def shown_verdict(verdict: Verdict, seconds: float) -> Verification:
    fault = verdict.fault
    words = fault.words() if fault is not None else None
    return Verification(
        entries=verdict.entries,
        verified=fault is None,
        first_bad=FirstBad(seq=fault.seq, kind=fault.kind, why=Words(zh=words.zh, en=words.en))
        if fault is not None and words is not None
        else None,
        head=verdict.head.hash.hex(),
        vouched=verdict.vouched,
        outside=verdict.outside,
        seconds=round(seconds, 3),
    )
