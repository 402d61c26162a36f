"""Records come to another rank, department or class; what was granted for a lower rank ends in the same act (A3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.archive.domain import destruction
from services.archive.domain import reclassifying as rules
from services.archive.domain.deciders import Decider
from services.archive.domain.files import Record, record_file
from services.archive.domain.people import UnlawfulError
from services.archive.domain.reading import Reader, knows
from services.archive.domain.reclassifying import Change, Wish
from services.archive.domain.refusals import no_such_record
from services.archive.domain.steps import Step
from services.archive.domain.tasks import Task
from services.archive.ports.life import DestructionBook, LifeBook
from services.archive.ports.reclassifying import ReclassificationBook
from services.archive.usecases.grants import KeepGrants
from services.archive.usecases.lapsing import lapse
from services.archive.usecases.office import Office
from services.archive.usecases.retention import day_of
from shared.audit import Deed
from shared.called import RANKS, called
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.policy.model import Policy
from shared.roles import Role
from shared.words import Text

SUBJECT = "reclassification"
AT_A_TIME = 200
"""So many changes in one transaction: whoever decides on one of them waits for it."""
CLOSED = "rank_raised"
"""Why what was approved for a lower rank ends."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A change, and the roles that it waits for; nobody's where something has ended it."""

    change: Change
    waits_for: tuple[Role, ...]


class Reclassify:
    """Raised at once, by the archivist or the manager of its department; anything that opens a record takes two.

    The second is whoever would approve reading it at the rank that it has, or a delegate of theirs (A4). Who may not
    know of the record is answered as if it were not there; a delegate knows of it while a change of it waits for them.
    """

    def __init__(
        self, office: Office, life: LifeBook, destructions: DestructionBook, book: ReclassificationBook
    ) -> None:
        self._office = office
        self._desk = office.desk
        self._life = life
        self._destructions = destructions
        self._book = book
        self._grants = KeepGrants(office)

    async def request(self, by: Principal, name: str, wish: Wish, reason: str) -> Shown:
        """Ask for a change: one that only raises is in force at once, any other waits for a second person."""
        file = record_file(name)
        async with (
            self._office.noting(by, "record.reclassification_requested", file),
            self._desk.database.transaction() as tx,
        ):
            policy, now = await self._office.policy(tx), self._desk.clock.now()
            reader, record = await self._known(tx, by, name, policy)
            change = rules.propose(
                record, wish, change_id=self._desk.new_id(), by=by, department=reader.department,
                classes=policy.records.classes, filed_on=day_of(policy, record.filed_at), now=now, reason=reason,
            )  # fmt: skip
            await self._refuse_doomed(tx, record, policy)
            if not change.raises and any(other.ending is None for other in await self._book.of(tx, name)):
                raise UnlawfulError(
                    "asked_before",
                    Text(zh="该档案已有待批的变更申请", en="a change of this record waits to be decided already"),
                )
            await self._book.add(tx, change)
            if change.raises:
                change = rules.raised(change, by)
                await self._carry_out(tx, by, change)
            else:
                await self._note(tx, by, change, "record.reclassification_requested", reason)
                await self._ask(tx, change, policy)
        return shown(change, policy)

    async def decide(self, by: Principal, name: str, change_id: str, reason: str, *, agree: bool) -> Shown:
        """Agree or refuse, as a second person."""
        file = record_file(name)
        async with (
            self._office.noting(by, "record.reclassified", file),
            self._desk.database.transaction() as tx,
        ):
            policy, now = await self._office.policy(tx), self._desk.clock.now()
            _, record = await self._known(tx, by, name, policy, deciding=True)
            change = await self._find(tx, name, change_id)
            delegates = [able for able in await self._able(tx, change, policy) if able.on_behalf_of is not None]
            change = rules.decide(change, record, by, policy.files, delegates, agree=agree, now=now, reason=reason)
            if agree:
                await self._refuse_doomed(tx, record, policy)
                await self._carry_out(tx, by, change)
            else:
                await self._end(tx, change)
                await self._note(tx, by, change, "record.reclassification_refused", reason)
        return shown(change, policy)

    async def withdraw(self, by: Principal, name: str, change_id: str, reason: str) -> Shown:
        """The asker thinks better of it."""
        file = record_file(name)
        async with (
            self._office.noting(by, "record.reclassification_withdrawn", file),
            self._desk.database.transaction() as tx,
        ):
            policy = await self._office.policy(tx)
            await self._known(tx, by, name, policy)
            change = rules.withdraw(await self._find(tx, name, change_id), by, self._desk.clock.now(), reason)
            await self._end(tx, change)
            await self._note(tx, by, change, "record.reclassification_withdrawn", reason)
        return shown(change, policy)

    async def history(self, by: Principal, name: str) -> Sequence[Shown]:
        """All that was asked for of a record, for whoever may know of it."""
        file = record_file(name)
        async with (
            self._office.noting(by, "record.reclassifications_listed", file),
            self._desk.database.transaction() as tx,
        ):
            policy = await self._office.policy(tx)
            await self._known(tx, by, name, policy, deciding=True)
            found = await self._book.of(tx, name)
            await self._desk.trail.append(tx, by, Deed("file.searched", "record.reclassifications_listed", file))
        return [shown(change, policy) for change in found]

    async def watch(self) -> None:
        """Ask whoever may decide now on what waits (delegations, roles), and nobody else any more."""
        after = ""
        while (last := await self._watch_some(after)) is not None:
            after = last

    async def _watch_some(self, after: str) -> str | None:
        async with self._desk.database.transaction() as tx:
            waiting = await self._book.waiting(tx, after, AT_A_TIME)
            if not waiting:
                return None
            policy = await self._office.policy(tx)
            await self._life.lock(tx, {change.record for change in waiting})
            # Once more, now that nobody else decides: whom a change waits for no more is not asked.
            for change in await self._book.waiting(tx, after, AT_A_TIME):
                await self._ask(tx, change, policy)
        return waiting[-1].change_id

    async def _known(
        self, tx: Transaction, by: Principal, name: str, policy: Policy, *, deciding: bool = False
    ) -> tuple[Reader, Record]:
        """Who asks, and the record, nobody else's to decide about; as if there were none for who may not know of it.

        `deciding`: whom a change of it waits for may know of that one.
        """
        person = (await self._office.people.find(tx, {by.person})).get(by.person)
        reader = (
            Reader(by.person, by.role, by.department, None)
            if person is None
            else Reader(by.person, by.role, person.department, None, active=person.active)
        )
        for record in await self._life.lock(tx, [name]):
            if knows(reader, record, policy.records.known_to):
                return reader, record
            if deciding and await self._waits_for(tx, by, record, policy):
                return reader, record
        raise no_such_record()

    async def _waits_for(self, tx: Transaction, by: Principal, record: Record, policy: Policy) -> bool:
        waiting = [change for change in await self._book.of(tx, record.record) if change.ending is None]
        for change in waiting:
            # One of another rank by now is not what was delegated.
            if change.old == rules.place_of(record):
                return any(decider.person == by.person for decider in await self._able(tx, change, policy))
        return False

    async def _able(self, tx: Transaction, change: Change, policy: Policy) -> Sequence[Decider]:
        """Who may decide: those who hold the roles, and their delegates for this (A4)."""
        step = Step(1, "approve", rules.deciders(change, policy.files))
        bench = await self._office.bench(tx, [step], [change.requested_by], policy)
        able = bench.deciders(step, change.requested_by, rules.subject_of(change))
        return [decider for decider in able if not decider.stands_in]

    async def _find(self, tx: Transaction, name: str, change_id: str) -> Change:
        for change in await self._book.of(tx, name):
            if change.change_id == change_id:
                return change
        raise UnlawfulError(
            "unknown_change", Text(zh=f"没有变更申请 {change_id}", en=f"there is no change {change_id} of this record")
        )

    async def _refuse_doomed(self, tx: Transaction, record: Record, policy: Policy) -> None:
        """Who decides on a destruction follows from the rank: it is not changed under their hands."""
        now = self._desk.clock.now()
        for other in await self._destructions.about(tx, [record.record]):
            if other.state(policy.destruction, now) in destruction.OPEN:
                raise UnlawfulError(
                    "being_destroyed",
                    Text(
                        zh=f"该档案在销毁申请 {other.destruction_id} 中，请先办结或撤回",
                        en=f"the request {other.destruction_id} to destroy it is open: have that ended first",
                    ),
                )

    async def _carry_out(self, tx: Transaction, by: Principal, change: Change) -> None:
        """Put it in force; what was asked and granted for a lower rank ends with it."""
        await self._end(tx, change)
        reason = change.ending.reason if change.ending is not None else change.reason
        await self._note(tx, by, change, "record.reclassified", reason)
        if not change.closes:
            return
        office, file = self._office, record_file(change.record)
        for request_id in await office.requests.waiting_for(tx, file):
            await office.requests.lock(tx, request_id)
            standing = (await office.requests.find(tx, [request_id]))[request_id]
            if standing.ended is None:
                await lapse(office, tx, standing, CLOSED)
        # After the requests: one that was released a moment ago has become a grant.
        await self._grants.end_of(tx, by, file, CLOSED)

    async def _end(self, tx: Transaction, change: Change) -> None:
        if not await self._book.end(tx, change):
            raise UnlawfulError("decided_before", Text(zh="该申请已办结", en="it was decided before"))
        await self._office.tasks.clear(tx, SUBJECT, change.change_id)

    async def _ask(self, tx: Transaction, change: Change, policy: Policy) -> None:
        """Tell those who may agree, and nobody else any more."""
        moves = in_words(change)
        words = Text(
            zh=f"请审批档案 {change.record} 的变更：{moves.zh}（{change.reason}）",
            en=f"decide on reclassifying the record {change.record}: {moves.en} ({change.reason})",
        )
        people = [decider.person for decider in await self._able(tx, change, policy)]
        file = record_file(change.record)
        for person in await self._office.tasks.open_for(tx, SUBJECT, change.change_id):
            if person not in people:
                await self._office.tasks.clear(tx, SUBJECT, change.change_id, person=person)
        await self._office.tasks.ask(
            tx, [Task(person, f"{SUBJECT}.decide", SUBJECT, change.change_id, words, file) for person in people]
        )

    async def _note(self, tx: Transaction, by: Principal, change: Change, action: str, reason: str) -> None:
        behalf = None if change.ending is None else change.ending.on_behalf_of
        for_whom = "" if behalf is None else f"[{behalf}] "
        why = f"{change.change_id} {told(change)}: {for_whom}{reason}"[:1000]
        await self._desk.trail.append(tx, by, Deed("decision.made", action, record_file(change.record), reason=why))


def told(change: Change) -> str:
    """From where to where, in the codes of the policy."""
    return " ".join(f"{old or '-'}→{new or '-'}" for old, new in zip(change.old, change.new, strict=True) if old != new)


def in_words(change: Change) -> Text:
    """The same for people."""
    old, new = change.old, change.new
    ranks = [(called(old.rank, RANKS), called(new.rank, RANKS))] if old.rank != new.rank else []
    rest = [(was or "-", becomes or "-") for was, becomes in zip(old[1:], new[1:], strict=True) if was != becomes]
    return Text(
        zh="，".join(f"{was}→{becomes}" for was, becomes in [*((a.zh, b.zh) for a, b in ranks), *rest]),
        en=", ".join(f"{was} → {becomes}" for was, becomes in [*((a.en, b.en) for a, b in ranks), *rest]),
    )


def shown(change: Change, policy: Policy) -> Shown:
    return Shown(change, () if change.ending is not None else rules.deciders(change, policy.files))
