"""Grants given and revoked, and the heartbeat that keeps them believed."""

from __future__ import annotations

from services.archive.domain import grants as rules
from services.archive.domain.grants import Grant, GrantRequest, Revocation
from services.archive.domain.outgoing import grant_given, grant_revoked, heartbeat
from services.archive.domain.people import UnlawfulError
from services.archive.ports import (
    GrantBook,
    People,
)
from services.archive.usecases.desk import Desk
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy.model import Policy
from shared.words import Text


class KeepGrants:
    """Grants given, revoked, and the heartbeat without which no reader believes its copy of them (A2)."""

    def __init__(self, desk: Desk, grants: GrantBook, people: People, policy: InForce[Policy]) -> None:
        self._desk = desk
        self._grants = grants
        self._people = people
        self._policy = policy

    async def give(self, by: Principal, request: GrantRequest) -> Grant:
        """Release a file on an approval; `UnlawfulError` when a rule forbids it."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            approver_role = (await self._policy(tx)).files.request.approved_by
            people = await self._people.find(tx, {request.person, request.approved_by})
            grant = rules.give(
                request,
                grant_id=self._desk.new_id(),
                by=by,
                reader=people.get(request.person),
                approver=people.get(request.approved_by),
                approver_role=approver_role,
                now=now,
            )
            await self._grants.add(tx, grant)
            await self._desk.publish(tx, [grant_given(grant)])
            await self._desk.trail.append(tx, by, Deed("decision.made", "grant.given", grant.file))
        return grant

    async def revoke(self, by: Principal, grant_id: str, reason: str) -> Revocation:
        """End a grant before its time, once."""
        now = self._desk.clock.now()
        revocation = Revocation(grant_id, now, by.person, reason)
        async with self._desk.database.transaction() as tx:
            file = await self._grants.revoke(tx, revocation)
            if file is None:
                raise await self._cannot_revoke(tx, grant_id)
            await self._desk.publish(tx, [grant_revoked(revocation, file)])
            await self._desk.trail.append(tx, by, Deed("decision.made", "grant.revoked", file, reason=reason))
        return revocation

    async def beat(self) -> None:
        """Tell readers that archive lives: through the outbox, so that a beat never overtakes a grant."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            await self._desk.publish(tx, [heartbeat(now)])

    async def _cannot_revoke(self, tx: Transaction, grant_id: str) -> UnlawfulError:
        if await self._grants.exists(tx, grant_id):
            return UnlawfulError("revoked_before", Text(zh="该授权已撤销", en="the grant was revoked before"))
        return UnlawfulError("unknown_grant", Text(zh=f"没有授权 {grant_id}", en=f"there is no grant {grant_id}"))
