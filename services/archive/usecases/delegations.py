"""Delegations in writing (A4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.archive.domain.delegations import Delegation, Scope, check_delegation
from services.archive.domain.people import UnlawfulError
from services.archive.usecases.office import Office
from services.archive.usecases.requests import OVERSEERS
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.identity import Principal
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Paper:
    """What is written: to whom, for what, from when (None: now) until when, in which words."""

    delegate: str
    scope: Scope
    not_before: datetime | None
    until: datetime
    text: str


class KeepDelegations:
    """Given by the GM himself, laid down by either side; the clock asks the delegate of what waits (`watching`)."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desk = office.desk

    async def give(self, by: Principal, paper: Paper) -> Delegation:
        """Delegate; UnlawfulError when A4 does not allow it."""
        office, now = self._office, self._desk.clock.now()
        delegation = Delegation(
            delegation_id=self._desk.new_id(),
            giver=by.person,
            delegate=paper.delegate,
            scope=paper.scope,
            not_before=paper.not_before or now,
            until=paper.until,
            text=paper.text,
            given_at=now,
        )
        async with office.noting(by, "delegation.given", _file(delegation)), self._desk.database.transaction() as tx:
            rules = (await office.policy(tx)).consulting.delegation
            people = await office.people.find(tx, [by.person, paper.delegate])
            check_delegation(delegation, people.values(), rules)
            await office.delegations.add(tx, delegation)
            said = f"{paper.delegate}: {paper.text}"
            await self._desk.trail.append(
                tx, by, Deed("decision.made", "delegation.given", _file(delegation), reason=said)
            )
        return delegation

    async def revoke(self, by: Principal, delegation_id: str, reason: str) -> Delegation:
        """End it before its time; the decisions taken by it stand."""
        office, now = self._office, self._desk.clock.now()
        async with office.noting(by, "delegation.revoked", NO_ONE_FILE), self._desk.database.transaction() as tx:
            known = await office.delegations.find(tx, delegation_id)
            if known is None or by.person not in {known.giver, known.delegate}:
                raise UnlawfulError(
                    "unknown_delegation",
                    Text(zh=f"没有委托 {delegation_id}", en=f"there is no delegation {delegation_id}"),
                )
            if not await office.delegations.end(tx, delegation_id, by.person, reason, now):
                raise UnlawfulError("revoked_before", Text(zh="该委托已撤销", en="the delegation was revoked before"))
            await self._desk.trail.append(
                tx, by, Deed("decision.made", "delegation.revoked", _file(known), reason=reason)
            )
        return replace(known, revoked_at=now)

    async def page(self, by: Principal, after: tuple[datetime, str] | None, limit: int) -> Sequence[Delegation]:
        """One's own, given or held; everybody's for the overseers."""
        async with self._desk.database.transaction() as tx:
            person = None if by.role in OVERSEERS else by.person
            return await self._office.delegations.page(tx, person, after, limit)


def _file(delegation: Delegation) -> str:
    return delegation.scope.file or NO_ONE_FILE
