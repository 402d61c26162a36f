"""Grants over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.archive.api.doors import Anybody, Archivist, Paging, Reason, lawful
from services.archive.domain.grants import Grant, GrantStanding, Revocation
from services.archive.ports import GrantFilters
from services.archive.usecases import DecideRequests, KeepGrants
from shared.contracts.types import DerivedIdentifier, Identifier
from shared.http import Page


@dataclass(frozen=True, slots=True)
class GrantQuery:
    """Which grants: of a reader, of a file, that are not over, whose original is out."""

    person: Annotated[Identifier | None, Query()] = None
    file: Annotated[DerivedIdentifier | None, Query()] = None
    live: Annotated[bool, Query()] = False
    lent: Annotated[bool, Query()] = False


class ReleaseBody(BaseModel):
    """The last step of a request: who, what and until when stand in the request, and nowhere else (A2)."""

    request: Identifier
    reason: Reason


class GrantBody(BaseModel):
    """A grant and what became of it; `uses` null is as often as wanted, `used` counts readings of records."""

    grant_id: str
    request_id: str | None
    file: str
    person: str
    sections: tuple[str, ...]
    copy_allowed: bool = Field(serialization_alias="copy")
    original: bool
    reading_room: bool
    uses: int | None
    used: int
    not_before: datetime
    until: datetime
    approved_by: str
    given_by: str
    given_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    revoke_reason: str | None
    returned_at: datetime | None
    received_by: str | None


class RevokeBody(BaseModel):
    reason: Reason


class ReturnBody(BaseModel):
    """In what condition the original came back."""

    remark: Reason


class RevocationBody(BaseModel):
    """The end of a grant before its time."""

    grant_id: str
    revoked_at: datetime
    revoked_by: str
    reason: str


def grants_router(decide: DecideRequests, keep: KeepGrants, now: Callable[[], datetime]) -> APIRouter:
    """Grants: released by the archivist, ended by who had a say in them, one's own for everybody (A2)."""
    router = APIRouter(prefix="/grants", tags=["grants"])

    @router.post("", status_code=201)
    async def release(who: Archivist, body: ReleaseBody) -> GrantBody:
        """放行已批准的申请。Release a request that was approved at every step before."""
        with lawful():
            return grant_body(GrantStanding(await decide.release(who, body.request, body.reason)))

    @router.get("")
    async def page(who: Anybody, paging: Paging, asked: Annotated[GrantQuery, Depends()]) -> Page[GrantBody]:
        """授权清单：本人的；档案管理员等可看全部。Grants: one's own; everybody's for the overseers."""
        open_at = now() if asked.live else None
        filters = GrantFilters(asked.person, asked.file, open_at, asked.lent, paging.after_moment)
        found = await keep.page(who, filters, paging.limit)
        return paging.of([grant_body(one) for one in found], lambda item: (item.given_at.isoformat(), item.grant_id))

    @router.post("/{grant_id}/revoke")
    async def revoke(who: Anybody, grant_id: Identifier, body: RevokeBody) -> RevocationBody:
        """撤销授权，立即失效。End a grant before its time."""
        with lawful():
            return revocation_body(await keep.revoke(who, grant_id, body.reason))

    @router.post("/{grant_id}/returned")
    async def returned(who: Archivist, grant_id: Identifier, body: ReturnBody) -> GrantBody:
        """签收归还的原件。The original came back."""
        with lawful():
            return grant_body(await keep.take_back(who, grant_id, body.remark))

    return router


def revocation_body(revocation: Revocation) -> RevocationBody:
    return RevocationBody(
        grant_id=revocation.grant_id,
        revoked_at=revocation.revoked_at,
        revoked_by=revocation.revoked_by,
        reason=revocation.reason,
    )


def grant_body(standing: GrantStanding) -> GrantBody:
    grant: Grant = standing.grant
    return GrantBody(
        grant_id=grant.grant_id,
        request_id=grant.request_id,
        file=grant.file,
        person=grant.person,
        sections=grant.sections,
        copy_allowed=grant.copy_allowed,
        original=grant.original,
        reading_room=grant.reading_room,
        uses=grant.uses,
        used=standing.used,
        not_before=grant.not_before,
        until=grant.until,
        approved_by=grant.approved_by,
        given_by=grant.given_by,
        given_at=grant.given_at,
        revoked_at=standing.revoked_at,
        revoked_by=standing.revoked_by,
        revoke_reason=standing.revoke_reason,
        returned_at=standing.returned_at,
        received_by=standing.received_by,
    )
