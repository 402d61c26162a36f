"""Grants looked at, revoked and returned, and the heartbeat that keeps them believed; requests give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.archive.domain import asking
from services.archive.domain.grants import GrantStanding, Revocation
from services.archive.domain.outgoing import grant_revoked, heartbeat
from services.archive.domain.people import UnlawfulError
from services.archive.ports import GrantFilters
from services.archive.usecases.office import Office
from services.archive.usecases.requests import OVERSEERS
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.roles import Role
from shared.words import Text

BY_THE_CLOCK: Final = "tierline"
"""Who revoked a grant that nobody revoked."""


class KeepGrants:
    """Grants after they were given, and the heartbeat without which no reader believes its copy of them (A2, A3)."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desk = office.desk
        self._grants = office.grants

    async def revoke(self, by: Principal, grant_id: str, reason: str) -> Revocation:
        """End a grant before its time, once: the archivist, or whoever took a step of its request."""
        now = self._desk.clock.now()
        revocation = Revocation(grant_id, now, by.person, reason)
        async with self._office.noting(by, "grant.revoked", NO_ONE_FILE), self._desk.database.transaction() as tx:
            standing = await self._may_see(tx, by, grant_id)
            if by.role != Role.ARCHIVIST and by.person not in await self._deciders_of(tx, standing):
                raise UnlawfulError(
                    "not_yours",
                    Text(
                        zh="只有档案管理员或该申请的审批人可以撤销", en="the archivist or who decided on it revokes it"
                    ),
                )
            file = await self._grants.revoke(tx, revocation)
            if file is None:
                raise UnlawfulError("revoked_before", Text(zh="该授权已撤销", en="the grant was revoked before"))
            await self._end(tx, by, revocation, file)
        return revocation

    async def end_displaced(self) -> None:
        """End what was granted for a tier, a department or a role that is another by now: others would decide today."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            for grant_id, why in await self._grants.displaced(tx, now):
                revocation = Revocation(grant_id, now, BY_THE_CLOCK, why)
                file = await self._grants.revoke(tx, revocation)
                if file is not None:
                    await self._end(tx, None, revocation, file)

    async def end_of(self, tx: Transaction, by: Principal, file: str, why: str) -> None:
        """End all that is open of a file, by an act that says why."""
        now = self._desk.clock.now()
        for grant_id in await self._grants.open_of(tx, file, now):
            revocation = Revocation(grant_id, now, by.person, why)
            if await self._grants.revoke(tx, revocation) is not None:
                await self._end(tx, by, revocation, file)

    async def _end(self, tx: Transaction, by: Principal | None, revocation: Revocation, file: str) -> None:
        """Tell readers and the audit of a revocation; nobody is asked about it any more."""
        grant_id = revocation.grant_id
        await self._desk.publish(tx, [grant_revoked(revocation, file)])
        deed = Deed("decision.made", "grant.revoked", file, reason=revocation.reason, grant=grant_id)
        await self._desk.trail.append(tx, by, deed)
        await self._office.tasks.clear(tx, asking.GRANT, grant_id)

    async def take_back(self, by: Principal, grant_id: str, remark: str) -> GrantStanding:
        """The archivist has the original back; nobody receives what they borrowed themselves."""
        now = self._desk.clock.now()
        async with self._office.noting(by, "grant.returned", NO_ONE_FILE), self._desk.database.transaction() as tx:
            standing = await self._may_see(tx, by, grant_id)
            grant = standing.grant
            if not grant.original:
                raise UnlawfulError("nothing_lent", Text(zh="该授权没有外借原件", en="no original was lent with it"))
            if by.person == grant.person:
                raise UnlawfulError(
                    "own_request", Text(zh="不能由借阅人自己签收归还", en="nobody receives what they borrowed")
                )
            if not await self._grants.take_back(tx, grant, by.person, remark, now):
                raise UnlawfulError("returned_before", Text(zh="原件已归还", en="the original came back before"))
            deed = Deed("decision.made", "grant.returned", grant.file, reason=remark, grant=grant_id)
            await self._desk.trail.append(tx, by, deed)
            await self._office.tasks.clear(tx, "loan", f"{grant_id}/loan")
            returned = await self._grants.find(tx, grant_id)
        return returned or standing

    async def page(self, by: Principal, filters: GrantFilters, limit: int) -> Sequence[GrantStanding]:
        """Grants, the newest first: one's own, or everybody's for the overseers."""
        person = filters.person if by.role in OVERSEERS else by.person
        asked = GrantFilters(person, filters.file, filters.open_at, filters.lent, filters.after)
        async with self._desk.database.transaction() as tx:
            if by.role in OVERSEERS:
                await self._desk.trail.append(
                    tx, by, Deed("file.searched", "grants.listed", filters.file or NO_ONE_FILE)
                )
            return await self._grants.page(tx, asked, limit)

    async def beat(self) -> None:
        """Tell readers that archive lives: through the outbox, so that a beat never overtakes a grant.

        None while something said of grants waits for the broker: of two partitions it may take the beat's alone, and
        who hears the beat believes a grant whose revocation is still here.
        """
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            rules = (await self._office.policy(tx)).grants
            if await self._grants.are_told(tx, rules.stale_after_seconds / 3):
                await self._desk.publish(tx, [heartbeat(now)])

    async def _may_see(self, tx: Transaction, by: Principal, grant_id: str) -> GrantStanding:
        standing = await self._grants.find(tx, grant_id)
        if standing is not None:
            if by.role in OVERSEERS or by.person == standing.grant.person:
                return standing
            if by.person in await self._deciders_of(tx, standing):
                return standing
        raise UnlawfulError("unknown_grant", Text(zh=f"没有授权 {grant_id}", en=f"there is no grant {grant_id}"))

    async def _deciders_of(self, tx: Transaction, standing: GrantStanding) -> set[str]:
        request_id = standing.grant.request_id
        if request_id is None:
            return {standing.grant.approved_by, standing.grant.given_by}
        request = (await self._office.requests.find(tx, [request_id])).get(request_id)
        return set() if request is None else {decision.decided_by for decision in request.decisions}
