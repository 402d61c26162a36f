"""Delegations over HTTP (A4)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.archive.api.doors import Anybody, Paging, Reason, lawful
from services.archive.domain.delegations import Delegation, Scope
from services.archive.usecases import KeepDelegations
from services.archive.usecases.delegations import Paper
from shared.contracts.types import DerivedIdentifier, FileTier, Identifier, Moment, Rank
from shared.http import Page


class ScopeBody(BaseModel):
    """For what: customers' files of these tiers, records of these ranks, or one file; something must be named."""

    tiers: Annotated[tuple[FileTier, ...], Field(max_length=3)] = ()
    ranks: Annotated[tuple[Rank, ...], Field(max_length=4)] = ()
    file: DerivedIdentifier | None = None


class DelegationBody(BaseModel):
    """To whom, for what, until when, in writing."""

    delegate: Identifier
    scope: ScopeBody
    not_before: Moment | None = None
    until: Moment
    text: Reason


class DelegationShown(BaseModel):
    """A delegation as it was written."""

    delegation_id: str
    giver: str
    delegate: str
    scope: ScopeBody
    not_before: datetime
    until: datetime
    text: str
    given_at: datetime
    revoked_at: datetime | None


class RevokeBody(BaseModel):
    reason: Reason


def delegations_router(keep: KeepDelegations) -> APIRouter:
    """Delegations: given by the GM, laid down by either side."""
    router = APIRouter(prefix="/delegations", tags=["delegations"])

    @router.post("", status_code=201)
    async def give(who: Anybody, body: DelegationBody) -> DelegationShown:
        """书面委托他人审批。Delegate one's approvals in writing."""
        scope = Scope(body.scope.tiers, body.scope.ranks, body.scope.file)
        with lawful():
            return shown(await keep.give(who, Paper(body.delegate, scope, body.not_before, body.until, body.text)))

    @router.get("")
    async def page(who: Anybody, paging: Paging) -> Page[DelegationShown]:
        """本人给出或受托的委托。Delegations given or held."""
        found = await keep.page(who, paging.after_moment, paging.limit)
        return paging.of([shown(one) for one in found], lambda item: (item.given_at.isoformat(), item.delegation_id))

    @router.post("/{delegation_id}/revoke")
    async def revoke(who: Anybody, delegation_id: Identifier, body: RevokeBody) -> DelegationShown:
        """撤销委托。End a delegation before its time."""
        with lawful():
            return shown(await keep.revoke(who, delegation_id, body.reason))

    return router


def shown(delegation: Delegation) -> DelegationShown:
    scope = delegation.scope
    return DelegationShown(
        delegation_id=delegation.delegation_id,
        giver=delegation.giver,
        delegate=delegation.delegate,
        scope=ScopeBody(tiers=scope.tiers, ranks=scope.ranks, file=scope.file),
        not_before=delegation.not_before,
        until=delegation.until,
        text=delegation.text,
        given_at=delegation.given_at,
        revoked_at=delegation.revoked_at,
    )
