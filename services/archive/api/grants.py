"""Grants over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.archive.api.doors import (
    Archivist,
    Reason,
    lawful,
)
from services.archive.domain.grants import GrantRequest
from services.archive.usecases import KeepGrants
from shared.contracts.types import DerivedIdentifier, Identifier, Moment


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
