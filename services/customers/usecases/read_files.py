"""Reading customers' files: no audit, no data (A1, A2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from services.customers.domain import access
from services.customers.domain.access import FileKeeping, GrantsHeld, Reader, Reason, Verdict
from services.customers.domain.copies import Person
from services.customers.domain.files import CustomerFile, Headline, headline
from services.customers.domain.opening import opened
from services.customers.ports import GrantStore, Scope, Sought
from services.customers.usecases.reception import (
    NoSuchCustomerError,
    NotAllowedError,
    Reception,
    denied,
    file_name,
    keeping_of,
)
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy import Policy


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does with a file, as the audit calls it."""

    event_type: str
    action: str
    takes_out: bool


READ = Act("file.read", "profile.read", takes_out=False)
EXPORT = Act("file.exported", "profile.exported", takes_out=True)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file and those of its parts that its reader may see (P1)."""

    file: CustomerFile
    keeping: FileKeeping
    parts: frozenset[str]


class ReadFile:
    """One customer's file, for who may read it.

    The verdict, the file and the entry in the audit are of one transaction; nothing is answered before it has
    committed. Who may not read learns nothing of whether the file exists: `NotAllowedError` either way. Those who must
    know which files exist (`access.COMPANY_WIDE`), or hold a grant for it, get `NoSuchCustomerError`.
    """

    def __init__(self, reception: Reception, grants: GrantStore, policy: InForce[Policy]) -> None:
        self._reception = reception
        self._grants = grants
        self._policy = policy

    async def __call__(self, who: Principal, customer_id: str) -> OpenedFile:
        return await self._open(who, customer_id, READ)

    async def export(self, who: Principal, customer_id: str) -> OpenedFile:
        """The file to take out, of the parts that may be copied (A5, N4)."""
        return await self._open(who, customer_id, EXPORT)

    async def _open(self, who: Principal, customer_id: str, act: Act) -> OpenedFile:
        reception, name = self._reception, file_name(customer_id)
        async with reception.database.transaction() as tx:
            policy = await self._policy(tx)
            reader = await reception.reader(tx, who)
            head = await reception.files.head(tx, customer_id)
            keeping = keeping_of(head, await reception.terms(tx))
            verdict = await self._verdict(tx, reader, keeping, name, policy, act)
            # Two readings at once may find the same grant: the one that comes second finds it used, and looks again.
            while head is not None and verdict.grant_id and not await self._grants.use(tx, verdict.grant_id):
                verdict = await self._verdict(tx, reader, keeping, name, policy, act)
            found = None
            if verdict.allowed and head is not None and keeping is not None:
                file = await reception.files.whole(tx, head, taken_out=act.takes_out)
                found = OpenedFile(file, keeping, verdict.parts)
            await reception.trail.append(tx, who, deed(act, verdict, name, found=found is not None))
        if found is not None:
            return found
        horizon = access.horizon_of(reader)
        if head is None and (verdict.allowed or (horizon is not None and horizon.everything)):
            raise NoSuchCustomerError
        raise NotAllowedError(verdict.reason)

    async def _verdict(  # noqa: PLR0913, PLR0917 - who does what to which file, by which rules
        self, tx: Transaction, reader: Reader, keeping: FileKeeping | None, file: str, policy: Policy, act: Act
    ) -> Verdict:
        held, now = await self._held(tx, file, reader.person, policy), self._reception.clock.now()
        return opened(reader, keeping, held, policy.files, takes_out=act.takes_out, now=now)

    async def _held(self, tx: Transaction, file: str, person: str, policy: Policy) -> GrantsHeld:
        now = self._reception.clock.now()
        fresh = is_fresh(await self._grants.heard_at(tx), policy, now)
        return GrantsHeld(tuple(await self._grants.held(tx, file, person, now)), fresh)


class SearchFiles:
    """Lists the customers within a person's horizon, by id; what was found counts as seen, and is in the audit."""

    def __init__(self, reception: Reception, policy: InForce[Policy]) -> None:
        self._reception = reception
        self._policy = policy

    async def __call__(self, who: Principal, sought: Sought, *, after: str, limit: int) -> Sequence[Headline]:
        reception = self._reception
        async with reception.database.transaction() as tx:
            reader = await reception.reader(tx, who)
            horizon = access.horizon_of(reader)
            found: Sequence[Headline] = ()
            if horizon is not None:
                tiers, terms = (await self._policy(tx)).files.tiers, await reception.terms(tx)
                scope = Scope(reader, horizon, access.readable(reader, tiers), terms.default_tier)
                heads = await reception.files.search(tx, scope, sought, after=after, limit=limit)
                found = [headline(head, reader, tiers, terms) for head in heads]
            reason = Reason.ROLE if reader.active else Reason.LEFT
            await reception.trail.append(
                tx,
                who,
                denied("customers.searched", reason)
                if horizon is None
                else searched(sought, after, [line.keeping.customer_id for line in found]),
            )
        if horizon is None:
            raise NotAllowedError(reason)
        return found


class ListPeople:
    """Lists people: all of them, or those of one's own department."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def __call__(self, who: Principal, *, after: str, limit: int) -> Sequence[Person]:
        reception = self._reception
        async with reception.database.transaction() as tx:
            reader = await reception.reader(tx, who)
            departments = access.sees_people_of(reader)
            allowed = departments is None or len(departments) > 0
            people = await reception.people.page(tx, departments, after, limit) if allowed else ()
            await reception.trail.append(
                tx, who, Deed("file.searched", "people.listed") if allowed else denied("people.listed", Reason.ROLE)
            )
        if not allowed:
            raise NotAllowedError(Reason.ROLE)
        return people


def is_fresh(heard_at: datetime | None, policy: Policy, now: datetime) -> bool:
    """Whether archive was heard from lately enough: a copy of its grants that is older is worth nothing.

    Nor is one as of a time to come: where a clock is wrong, nobody knows how old it is.
    """
    return heard_at is not None and abs(now - heard_at) <= timedelta(seconds=policy.grants.stale_after_seconds)


def deed(act: Act, verdict: Verdict, file: str, *, found: bool) -> Deed:
    """The audit's word on an attempt to read, or to take out."""
    allowed = verdict.allowed and found
    reason = Reason.NO_SUCH_FILE if verdict.allowed and not found else verdict.reason
    return Deed(
        act.event_type if allowed else "access.denied",
        act.action,
        file,
        "allowed" if allowed else "denied",
        reason.value,
        verdict.needs_grant,
        verdict.grant_id,
    )


def searched(sought: Sought, after: str, ids: Sequence[str], action: str = "customers.searched") -> Deed:
    """The audit's word on a search: what was asked for, and the first and last of what was found."""
    asked = " ".join("-" if part is None else part for part in astuple(sought))
    span = f"{ids[0]} … {ids[-1]}" if ids else f"after {after}"
    return Deed("file.searched", action, reason=f"{asked}: {len(ids)} found, {span}"[:1000])
