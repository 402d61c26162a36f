"""Archive's HTTP: the audit and its proof, fines, grants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from json import loads
from time import perf_counter
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from services.archive.domain.chain import Entry, Head, Verdict
from services.archive.domain.fines import FineState, Report
from services.archive.domain.grants import GrantRequest
from services.archive.domain.people import UnlawfulError
from services.archive.ports import Filters, FineStanding
from services.archive.usecases import KeepFines, KeepGrants, ReadAudit, VerifyAudit
from shared.contracts.types import DerivedIdentifier, Identifier, Moment, Words
from shared.http import Page, PageParams, Principal, Problem, page_params, principal, require
from shared.money import to_text
from shared.policy.rights import FineKind
from shared.roles import Role

READERS = (Role.ARCHIVIST, Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR, Role.INSPECTOR)
REPORTERS = (Role.INSPECTOR, Role.DEPARTMENT_MANAGER, Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM)

Reader = Annotated[Principal, Depends(require(*READERS))]
Prover = Annotated[Principal, Depends(require(*READERS, Role.OPS))]
Reporter = Annotated[Principal, Depends(require(*REPORTERS))]
HumanResources = Annotated[Principal, Depends(require(Role.HR))]
Archivist = Annotated[Principal, Depends(require(Role.ARCHIVIST))]
Anybody = Annotated[Principal, Depends(principal)]
Paging = Annotated[PageParams, Depends(page_params)]
Bound = Annotated[AwareDatetime | date, Field(union_mode="left_to_right")]
"""A moment with its offset, or a business day."""
Reason = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*\S[^\x00]*$")]

# What is not named here conflicts with how things stand: 409.
STATUS = {
    "own_request": 403,
    "own_fine": 403,
    "not_approved": 403,
    "not_yours": 403,
    "unknown_fine": 404,
    "unknown_grant": 404,
    "unknown_person": 422,
    "unknown_evidence": 422,
    "wrong_evidence": 422,
    "evidence_of_another": 422,
    "other_tier": 422,
    "missing_fact": 422,
    "ended_before_it_began": 422,
}


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
    """What recomputing the chain came to: `entries` are sound, `head` (hex) is the hash of the last of them."""

    entries: int
    verified: bool
    first_bad: FirstBad | None
    head: str
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


class FineBody(BaseModel):
    """A fine and where it stands; `amount` null is a breach that is only recorded, `proposed_by` null a rule."""

    fine_id: str
    kind: str
    rule: str
    person: str
    file: str | None
    amount: str | None
    currency: str
    dismissal: bool
    evidence: dict[Literal["entry", "event"], int | str]
    proposed_by: str | None
    proposed_at: datetime
    reason: str | None
    policy_version: str
    words: Words
    state: FineState
    decided_by: str | None
    decision_reason: str | None
    decided_at: datetime | None


class GapBody(BaseModel):
    """A breach for which no fine could be proposed: the `missing` fact has to be found first (N9)."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    entry: int
    missing: str
    found_at: datetime


class EntryNamed(BaseModel):
    entry: Annotated[int, Field(ge=1, lt=2**63)]


class EventNamed(BaseModel):
    event: DerivedIdentifier


class ReportBody(BaseModel):
    """A breach as somebody reports it, with the audit entry, or the event of that file, that shows it (N9)."""

    kind: FineKind
    person: Identifier
    file: DerivedIdentifier | None = None
    evidence: EntryNamed | EventNamed
    reason: Reason


class DecisionBody(BaseModel):
    """What becomes of a fine, and why (N9, N10)."""

    state: Literal[FineState.EXPLAINED, FineState.WAIVED, FineState.CONFIRMED]
    reason: Reason


class GrantRequestBody(BaseModel):
    """Who may read which sections of a file until when, on whose approval (A2)."""

    file: DerivedIdentifier
    person: Identifier
    sections: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=100)]
    copy_allowed: bool = Field(default=False, alias="copy")
    not_before: Moment | None = None
    until: Moment
    approved_by: Identifier


class GrantBody(BaseModel):
    """A grant as it was given."""

    model_config = ConfigDict(from_attributes=True, validate_by_name=True)

    grant_id: str
    file: str
    person: str
    sections: tuple[str, ...]
    copy_allowed: bool = Field(serialization_alias="copy")
    not_before: datetime
    until: datetime
    approved_by: str
    given_by: str
    given_at: datetime


class RevokeBody(BaseModel):
    reason: Reason


class RevocationBody(BaseModel):
    """The end of a grant before its time."""

    model_config = ConfigDict(from_attributes=True)

    grant_id: str
    revoked_at: datetime
    revoked_by: str
    reason: str


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

    @router.get("/verification")
    async def verification(_: Prover, noted: Annotated[Noted, Query()]) -> Verification:
        begun = perf_counter()
        verdict = await verify(noted.head())
        return shown_verdict(verdict, perf_counter() - begun)

    return router


def fines_router(keep: KeepFines) -> APIRouter:
    """Fines: everybody's for those who supervise, one's own for everybody."""
    router = APIRouter(prefix="/fines", tags=["fines"])

    @router.get("")
    async def fines(
        who: Anybody,
        page: Paging,
        person: Annotated[Identifier | None, Query()] = None,
        state: FineState | None = None,
    ) -> Page[FineBody]:
        with lawful():
            found = await keep.page(who, person, state, place_of(page), page.limit)
        return page.of([shown_fine(standing) for standing in found], lambda fine: (fine.evidence["entry"], fine.rule))

    @router.get("/gaps")
    async def gaps(_: HumanResources, page: Paging) -> Page[GapBody]:
        found = await keep.gaps(place_of(page), page.limit)
        return page.of([GapBody.model_validate(gap) for gap in found], lambda gap: (gap.entry, gap.kind))

    @router.post("", status_code=201)
    async def report(who: Reporter, body: ReportBody) -> FineBody:
        entry = body.evidence.entry if isinstance(body.evidence, EntryNamed) else None
        event = body.evidence.event if isinstance(body.evidence, EventNamed) else None
        with lawful():
            return shown_fine(
                await keep.report(who, Report(body.kind, body.person, body.file, body.reason), entry, event)
            )

    @router.post("/{fine_id}/decisions", status_code=201)
    async def decide(who: HumanResources, fine_id: str, body: DecisionBody) -> FineBody:
        with lawful():
            return shown_fine(await keep.settle(who, fine_id, body.state, body.reason))

    return router


def grants_router(keep: KeepGrants) -> APIRouter:
    """Grants, given and revoked by the archivist (A2)."""
    router = APIRouter(prefix="/grants", tags=["grants"])

    @router.post("", status_code=201)
    async def give(who: Archivist, body: GrantRequestBody) -> GrantBody:
        request = GrantRequest(
            file=body.file,
            person=body.person,
            sections=body.sections,
            copy_allowed=body.copy_allowed,
            not_before=body.not_before,
            until=body.until,
            approved_by=body.approved_by,
        )
        with lawful():
            return GrantBody.model_validate(await keep.give(who, request))

    @router.post("/{grant_id}/revoke")
    async def revoke(who: Archivist, grant_id: str, body: RevokeBody) -> RevocationBody:
        with lawful():
            return RevocationBody.model_validate(await keep.revoke(who, grant_id, body.reason))

    return router


@contextmanager
def lawful() -> Iterator[None]:
    """Answer what a rule forbids as a problem, in its own words."""
    try:
        yield
    except UnlawfulError as error:
        raise Problem(STATUS.get(error.code, 409), error.code, error.words.en, error.words.zh) from None


def moment_of(bound: datetime | date | None, zone: ZoneInfo, days: int = 0) -> datetime | None:
    """A moment as it is; of a business day its beginning, `days` later."""
    if bound is None or isinstance(bound, datetime):
        return bound
    return datetime.combine(bound + timedelta(days=days), time.min, zone)


def place_of(page: PageParams) -> tuple[int, str] | None:
    """The last page's last (entry, rule or kind)."""
    match page.expect(int, str):
        case (int() as entry, str() as name):
            return entry, name
    return None


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
        seconds=round(seconds, 3),
    )


def shown_fine(standing: FineStanding) -> FineBody:
    fine = standing.fine
    return FineBody(
        fine_id=fine.fine_id,
        kind=fine.kind,
        rule=fine.rule,
        person=fine.person,
        file=fine.file,
        amount=None if fine.amount is None else to_text(Decimal(fine.amount)),
        currency=fine.currency,
        dismissal=fine.dismissal,
        evidence={"entry": fine.entry} if fine.event is None else {"entry": fine.entry, "event": fine.event},
        proposed_by=fine.proposed_by,
        proposed_at=fine.proposed_at,
        reason=fine.reason,
        policy_version=fine.policy_version,
        words=Words(zh=fine.words_zh, en=fine.words_en),
        state=standing.state,
        decided_by=standing.decided_by,
        decision_reason=standing.decision_reason,
        decided_at=standing.decided_at,
    )
