"""What archive does: seals what happened, proposes what it costs, lets read, and proves that nothing was touched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.archive.domain import grants as rules
from services.archive.domain.chain import GENESIS, Entry, Head, Link, Verdict, Verifier, seal
from services.archive.domain.entries import ENTRIES, tier_of
from services.archive.domain.fines import Catalogue, Evidence, Fine, FineState, Gap, Report, settle, whose_fines
from services.archive.domain.grants import Grant, GrantRequest, Revocation
from services.archive.domain.outgoing import fine_proposed, grant_given, grant_revoked, heartbeat
from services.archive.domain.people import Person, UnlawfulError, told
from services.archive.ports import (
    Clock,
    Database,
    Entries,
    Filters,
    FineBook,
    FineStanding,
    GrantBook,
    People,
    Publisher,
    SourceCount,
    Trail,
)
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE, Access
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.logs import current_traceparent
from shared.policy.model import Policy
from shared.words import Text

AUDIT_FILE = "audit"
"""The audit itself, as a file that somebody reads."""


@dataclass(slots=True)
class Sealing:
    """A batch on its way into the chain: what is sealed so far, and the end of it."""

    head: Head
    catalogue: Catalogue
    links: list[Link] = field(default_factory=list)
    fines: list[Fine] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


class SealAudit(BatchHandler):
    """Every access, level and new version of a file becomes the next entry; unapproved reading a proposal (N2)."""

    def __init__(self, entries: Entries, fines: FineBook, catalogue: InForce[Catalogue]) -> None:
        self._entries = entries
        self._fines = fines
        self._catalogue = catalogue

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Sealing:
        """Take the end of the chain and hold it: one sealer at a time."""
        catalogue = await self._catalogue(tx)
        return Sealing(await self._entries.lock_head(tx) if events else GENESIS, catalogue)

    def decide(self, work: Sealing, event: Event, now: datetime) -> Sequence[Outgoing]:
        make = ENTRIES.get(event.type)
        if make is None:
            return ()
        link = seal(work.head.hash, make(event, work.head.seq + 1, now))
        work.links.append(link)
        work.head = Head(link.entry.seq, link.hash)
        return self._propose(work, event, now) if isinstance(event.data, Access) else ()

    def _propose(self, work: Sealing, event: Event, now: datetime) -> Sequence[Outgoing]:
        match work.catalogue.for_access(event.data, event.type, work.head.seq, now):
            case Fine() as fine:
                work.fines.append(fine)
                return fine_proposed(fine)
            case Gap() as gap:
                work.gaps.append(gap)
        return ()

    async def save(self, tx: Transaction, work: Sealing) -> None:
        if work.links:
            await self._entries.append(tx, work.links, work.head)
            await self._fines.add_proposed(tx, work.fines, work.gaps)


@dataclass(slots=True)
class Staffing:
    """What is known of the people that a batch speaks of, and who of them changed."""

    known: dict[str, Person]
    changed: set[str] = field(default_factory=set)


class RecordPeople(BatchHandler):
    """Archive's own copy of who is who, from `organisation.v1`."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Staffing:
        return Staffing(dict(await self._people.lock(tx, {event.data.person for event in events})))

    def decide(self, work: Staffing, event: Event, now: datetime) -> Sequence[Outgoing]:
        person = told(work.known.get(event.data.person), event)
        if person is not None:
            work.known[person.person] = person
            work.changed.add(person.person)
        return ()

    async def save(self, tx: Transaction, work: Staffing) -> None:
        if work.changed:
            await self._people.save(tx, [work.known[name] for name in work.changed])


@dataclass(frozen=True, slots=True)
class Desk:
    """What every act by HTTP needs: a transaction, two ways to tell of it, the time, and a name for what is new."""

    database: Database
    publisher: Publisher
    trail: Trail
    clock: Clock
    new_id: Callable[[], str]

    async def publish(self, tx: Transaction, outgoings: Sequence[Outgoing]) -> None:
        """Append to the outbox, within the trace of the request."""
        trace = current_traceparent()
        await self.publisher.append(tx, [o._replace(trace=trace) for o in outgoings], now=self.clock.now())


class ReadAudit:
    """The audit is a file as well: who reads it is in it, by the transaction that read."""

    def __init__(self, desk: Desk, entries: Entries) -> None:
        self._desk = desk
        self._entries = entries

    async def search(self, by: Principal, filters: Filters, limit: int) -> Sequence[Entry]:
        """Up to `limit` entries, newest first."""
        asked = {"file": filters.file, "actor": filters.actor, "action": filters.action}
        why = " ".join(f"{name}={value}" for name, value in asked.items() if value is not None)
        async with self._desk.database.transaction() as tx:
            await self._desk.trail.append(
                tx, by, Deed("file.searched", "audit.searched", AUDIT_FILE, reason=why or None)
            )
            return await self._entries.search(tx, filters, limit)

    async def count_sources(self, by: Principal) -> Sequence[SourceCount]:
        """How much was sealed from whom, for comparison with what they published."""
        async with self._desk.database.transaction() as tx:
            await self._desk.trail.append(tx, by, Deed("file.searched", "audit.reconciled", AUDIT_FILE))
            return await self._entries.count_sources(tx)


class VerifyAudit:
    """Recomputes the whole chain from its table, in constant memory; two at once would only take turns."""

    def __init__(self, database: Database, entries: Entries) -> None:
        self._database = database
        self._entries = entries
        self._turn = asyncio.Lock()

    async def __call__(self, noted: Head | None = None) -> Verdict:
        """The first bad entry or none; `noted` is a head that somebody wrote down outside."""
        async with self._turn, self._database.transaction() as tx:
            verifier = Verifier(await self._entries.begin_snapshot(tx), noted)
            async for page in self._entries.pages(tx):
                verifier.read(page)
                if verifier.fault is not None:
                    break
            return verifier.close()


class KeepFines:
    """Fines as people see, report and settle them (N9, N10)."""

    def __init__(self, desk: Desk, entries: Entries, fines: FineBook, catalogue: InForce[Catalogue]) -> None:
        self._desk = desk
        self._entries = entries
        self._fines = fines
        self._catalogue = catalogue

    async def page(
        self, by: Principal, person: str | None, state: FineState | None, after: tuple[int, str] | None, limit: int
    ) -> Sequence[FineStanding]:
        """Fines, newest evidence first; without the right to see all of them only one's own."""
        async with self._desk.database.transaction() as tx:
            return await self._fines.page(tx, whose_fines(by, person), state, after, limit)

    async def gaps(self, after: tuple[int, str] | None, limit: int) -> Sequence[Gap]:
        """Breaches for which a needed fact is missing."""
        async with self._desk.database.transaction() as tx:
            return await self._fines.gaps(tx, after, limit)

    async def report(self, by: Principal, report: Report, entry: int | None, event: str | None) -> FineStanding:
        """Propose a fine by report; its evidence is an audit entry, or an event about `report.file` that was sealed."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            catalogue = await self._catalogue(tx)
            shown = await self._find_evidence(tx, report.file, entry, event)
            version = await self._entries.find_version(tx, shown.file, shown.seq)
            evidence = Evidence(shown, as_event=event is not None, tier=tier_of(version))
            fine = catalogue.for_report(report, evidence, by, now)
            if not await self._fines.add_reported(tx, fine):
                raise UnlawfulError(
                    "fined_before",
                    Text(
                        zh=f"第 {fine.entry} 条审计记录已按 {fine.rule} 提出过罚款",
                        en=f"{fine.rule} has fined audit entry {fine.entry} before",
                    ),
                )
            await self._desk.publish(tx, fine_proposed(fine))
            await self._desk.trail.append(tx, by, decided_on(fine, "fine.reported", report.reason))
        return FineStanding(fine, FineState.PROPOSED, 0, None, None, None)

    async def settle(self, by: Principal, fine_id: str, wanted: FineState, reason: str) -> FineStanding:
        """Decide about a fine, or correct what was decided."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            standing = await self._fines.find(tx, fine_id)
            if standing is None:
                raise UnlawfulError("unknown_fine", Text(zh=f"没有罚款 {fine_id}", en=f"there is no fine {fine_id}"))
            settle(standing.fine, standing.state, wanted, by)
            settled = FineStanding(standing.fine, wanted, standing.step + 1, by.person, reason, now)
            if not await self._fines.add_decision(tx, settled):
                raise UnlawfulError(
                    "decided_meanwhile",
                    Text(zh="刚才已有人处理，请重新查看", en="somebody decided at the same moment: look again"),
                )
            await self._desk.trail.append(tx, by, decided_on(settled.fine, f"fine.{wanted}", reason))
        return settled

    async def _find_evidence(self, tx: Transaction, file: str | None, entry: int | None, event: str | None) -> Entry:
        shown = None
        if entry is not None:
            shown = await self._entries.find(tx, entry)
        elif event is not None and file is not None:
            shown = await self._entries.find_event(tx, file, event)
        if shown is None:
            raise UnlawfulError(
                "unknown_evidence",
                Text(
                    zh="审计链里没有这条证据", en="the audit chain holds no such entry, or no such event of that file"
                ),
            )
        return shown


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


def decided_on(fine: Fine, action: str, reason: str) -> Deed:
    """A person's step on a fine."""
    return Deed("decision.made", action, fine.file or NO_ONE_FILE, reason=reason)
