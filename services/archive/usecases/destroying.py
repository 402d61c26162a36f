"""Destruction, step by step: each a row that stays, the last of them letting go of the keys (A7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from services.archive.domain import destruction as rules
from services.archive.domain.destruction import Destruction, State, Step, StepKind
from services.archive.domain.files import Record, record_file
from services.archive.domain.grants import Revocation
from services.archive.domain.outgoing import grant_revoked
from services.archive.domain.people import Person, UnlawfulError
from services.archive.domain.retention import is_over
from services.archive.domain.tasks import Task
from services.archive.ports import People
from services.archive.ports.life import Content, DestructionBook, LifeBook, Line, Registered
from services.archive.usecases.attending import refuse_departed
from services.archive.usecases.desk import Desk
from services.archive.usecases.retention import day_of, kept_by, refuse_unknown
from services.archive.usecases.tasks import TellTasks
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.objects import Objects, ObjectsAwayError
from shared.policy.life import Destruction as Rules
from shared.policy.model import Policy
from shared.roles import Role
from shared.words import Text

log = structlog.get_logger()

SUBJECT = "destruction"
SEES_ALL = frozenset({Role.ARCHIVIST, Role.GM_OFFICE_HEAD, Role.GM, Role.DEPUTY_GM, Role.INSPECTOR})
"""Those who ask, decide, name witnesses or supervise; anybody else sees what they are a witness of."""
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A destruction, where it stands, and the role that it waits for (None: for nobody's decision)."""

    destruction: Destruction
    state: State
    waits_for: Role | None


@dataclass(frozen=True, slots=True)
class Books:
    """What destructions are written in."""

    life: LifeBook
    destructions: DestructionBook
    people: People
    tasks: TellTasks


class Destroy:
    """Request, review, approval by rank, witness, execution; a hold stops each of them."""

    def __init__(self, desk: Desk, books: Books, policy: InForce[Policy]) -> None:
        self._desk = desk
        self._life = books.life
        self._book = books.destructions
        self._people = books.people
        self._tasks = books.tasks
        self._policy = policy

    async def request(self, by: Principal, records: Sequence[str], reason: str) -> Seen:
        """The archivist asks for records whose time is over, that nobody holds, and that no other request names."""
        now, names = self._desk.clock.now(), sorted(set(records))
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, by)
            policy = await self._policy(tx)
            if by.role != policy.destruction.requested_by:
                raise UnlawfulError("not_your_decision", Text(zh="由档案管理员提出", en="the archivist asks for it"))
            found = await self._lock(tx, names)
            rules.refuse_frozen(found, still_kept(policy, found, now))
            for other in await self._book.about(tx, names):
                if other.state(policy.destruction, now) in rules.OPEN:
                    raise UnlawfulError(
                        "asked_before",
                        Text(
                            zh=f"销毁申请 {other.destruction_id} 已包含其中的档案",
                            en=f"the request {other.destruction_id} names some of these records",
                        ),
                    )
            destruction = Destruction(
                self._desk.new_id(), tuple(names), rules.is_classified(found), by.person, now, reason
            )
            await self._book.add(tx, destruction)
            await self._note(tx, by, destruction, "destruction.requested", reason)
            await self._ask(tx, destruction, policy.destruction, now)
            return seen(destruction, policy.destruction, now)

    async def decide(self, by: Principal, destruction_id: str, reason: str, *, agree: bool) -> Seen:
        """Review, approve or refuse, as the rank demands."""

        def step(it: Destruction, policy: Policy, now: datetime) -> Step:
            return rules.decide(it, by, policy.destruction, reason, now, agree=agree)

        return await self._step(by, destruction_id, step, frozen_stops=agree)

    async def withdraw(self, by: Principal, destruction_id: str, reason: str) -> Seen:
        """The asker thinks better of it."""

        def step(it: Destruction, policy: Policy, now: datetime) -> Step:
            return rules.withdraw(it, by, policy.destruction, reason, now)

        return await self._step(by, destruction_id, step, frozen_stops=False)

    async def name_witness(self, by: Principal, destruction_id: str, witness: str, reason: str) -> Seen:
        """Say who watches."""

        def step(it: Destruction, policy: Policy, now: datetime) -> Step:
            return rules.name_witness(it, by, witness, known.get(witness), policy.destruction, reason, now)

        async with self._desk.database.transaction() as tx:
            known: Mapping[str, Person] = await self._people.find(tx, {witness})
        return await self._step(by, destruction_id, step, frozen_stops=True)

    async def attest(self, by: Principal, destruction_id: str, reason: str) -> Seen:
        """The witness's word."""

        def step(it: Destruction, policy: Policy, now: datetime) -> Step:
            return rules.attest(it, by, policy.destruction, reason, now)

        return await self._step(by, destruction_id, step, frozen_stops=True)

    async def execute(self, by: Principal, destruction_id: str, reason: str) -> Seen:
        """Let go of every key, and enter each record in the register, in one transaction; the objects follow."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, by)
            policy = await self._policy(tx)
            destruction = await self._find(tx, by, destruction_id)
            step = rules.execute(destruction, by, policy.destruction, reason, now)
            # Locked before it is looked at: a hold that is being set is waited for.
            found = await self._lock(tx, destruction.records)
            rules.refuse_frozen(found, still_kept(policy, found, now))
            attested_at = destruction.attested_at()
            if attested_at is None or await self._book.added_since(tx, destruction.records, attested_at):
                raise UnlawfulError(
                    "not_attested",
                    Text(
                        zh="监销人核对之后又有新材料归入，须重新核对",
                        en="something was filed since the witness looked: it takes the witness's word anew",
                    ),
                )
            done = await self._take(tx, destruction, step)
            contents = await self._book.contents(tx, done.records)
            await self._book.register(tx, [line_of(done, record, contents, policy, now) for record in found])
            files = [record_file(name) for name in done.records]
            words = "档案已销毁 · the record was destroyed"
            ended = await self._book.revoke_grants(tx, files, now, by.person, words)
            revocations = [(Revocation(grant_id, now, by.person, words), file) for grant_id, file in ended]
            await self._desk.publish(tx, [grant_revoked(revocation, file) for revocation, file in revocations])
            await self._note(tx, by, done, "record.destroyed", reason)
            await self._tasks.clear(tx, SUBJECT, step_of(destruction))
        return seen(done, policy.destruction, now)

    async def page(self, by: Principal, after: str, limit: int) -> Sequence[Seen]:
        """Requests by id: all of them, or those that one watches over."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, by)
            policy = await self._policy(tx)
            witness = None if by.role in SEES_ALL else by.person
            found = await self._book.page(tx, witness, after, limit)
            await self._desk.trail.append(tx, by, Deed("file.searched", "destructions.listed"))
        return [seen(it, policy.destruction, now) for it in found]

    async def see(self, by: Principal, destruction_id: str) -> Seen:
        """One request; whoever is neither concerned nor supervises gets the answer of one that is not there."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, by)
            policy = await self._policy(tx)
            found = await self._find(tx, by, destruction_id)
            await self._desk.trail.append(tx, by, Deed("file.searched", "destruction.seen"))
        return seen(found, policy.destruction, now)

    async def register(self, by: Principal, after: int, limit: int) -> Sequence[Registered]:
        """The register, in its order."""
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, by)
            await self._desk.trail.append(tx, by, Deed("file.searched", "destruction_register.read"))
            return await self._book.registered(tx, after, limit)

    async def _step(
        self,
        by: Principal,
        destruction_id: str,
        step: Callable[[Destruction, Policy, datetime], Step],
        *,
        frozen_stops: bool,
    ) -> Seen:
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, by)
            policy = await self._policy(tx)
            destruction = await self._find(tx, by, destruction_id)
            taken = step(destruction, policy, now)
            if frozen_stops:
                found = await self._lock(tx, destruction.records)
                rules.refuse_frozen(found, still_kept(policy, found, now))
            done = await self._take(tx, destruction, taken)
            await self._note(tx, by, done, f"destruction.{taken.kind}", taken.reason)
            await self._tasks.clear(tx, SUBJECT, step_of(destruction))
            await self._ask(tx, done, policy.destruction, now)
        return seen(done, policy.destruction, now)

    async def _find(self, tx: Transaction, by: Principal, destruction_id: str) -> Destruction:
        found = await self._book.find(tx, destruction_id)
        if found is None or (by.role not in SEES_ALL and by.person != found.witness):
            raise UnlawfulError(
                "unknown_destruction",
                Text(zh=f"没有销毁申请 {destruction_id}", en=f"there is no destruction {destruction_id}"),
            )
        return found

    async def _lock(self, tx: Transaction, names: Sequence[str]) -> Sequence[Record]:
        found = await self._life.lock(tx, names)
        refuse_unknown(names, found)
        return found

    async def _take(self, tx: Transaction, destruction: Destruction, step: Step) -> Destruction:
        if not await self._book.add_step(tx, destruction, step):
            raise UnlawfulError(
                "decided_meanwhile",
                Text(zh="刚才已有人处理，请重新查看", en="somebody decided at the same moment: look again"),
            )
        return replace(destruction, steps=(*destruction.steps, step))

    async def _note(self, tx: Transaction, by: Principal, it: Destruction, action: str, reason: str) -> None:
        for name in it.records:
            deed = Deed("decision.made", action, record_file(name), reason=f"{it.destruction_id}: {reason}")
            await self._desk.trail.append(tx, by, deed)

    async def _ask(self, tx: Transaction, it: Destruction, policy: Rules, now: datetime) -> None:
        """Tell whoever it waits for."""
        state = it.state(policy, now)
        role = rules.next_decider(it, policy, now)
        about = Text(zh=f"{len(it.records)} 份档案的销毁（{it.reason}）", en=f"{len(it.records)} records: {it.reason}")
        people: list[str] = []
        if role is not None:
            kind = "destruction.decide"
            words = Text(zh=f"请审批{about.zh}", en=f"decide on destroying {about.en}")
            people = [person.person for person in await self._people.with_role(tx, role)]
        elif state is State.APPROVED:
            kind = "destruction.name_witness"
            words = Text(zh=f"请指定监销人：{about.zh}", en=f"name a witness for destroying {about.en}")
            approved = it.last(StepKind.APPROVED)
            people = [] if approved is None else [approved.by]
        elif state is State.WITNESSED and it.attested_at() is None and it.witness is not None:
            kind, people = "destruction.attest", [it.witness]
            words = Text(zh=f"请监销并核对：{about.zh}", en=f"you are the witness for destroying {about.en}")
        elif state is State.WITNESSED:
            kind, people = "destruction.execute", [it.requested_by]
            words = Text(
                zh=f"已批准并核对，可执行：{about.zh}", en=f"approved and attested, to be carried out: {about.en}"
            )
        else:
            return
        if role is not None:
            people = [person for person in people if person != it.requested_by]
        # The subject is the step: what comes again, as another witness does, asks anew.
        await self._tasks.ask(tx, [Task(person, kind, SUBJECT, step_of(it), words) for person in people])


class DeleteObjects:
    """Deletes from the store what no key opens any more; goes on where it was until nothing is left."""

    def __init__(
        self, desk: Desk, destructions: DestructionBook, objects: Objects, sweep: Callable[[], Awaitable[None]]
    ) -> None:
        self._desk = desk
        self._book = destructions
        self._objects = objects
        self._sweep = sweep

    async def __call__(self) -> None:
        """One round; objects that the store does not let go of now are tried in the next."""
        async with self._desk.database.transaction() as tx:
            doomed = await self._book.doomed(tx, AT_ONCE)
        if doomed:
            await self._sweep()
        for object_key in doomed:
            try:
                await self._objects.delete(object_key)
            except ObjectsAwayError as error:
                log.warning("objects_not_deleted", waiting=len(doomed), error=repr(error))
                return
            async with self._desk.database.transaction() as tx:
                await self._book.gone(tx, object_key, self._desk.clock.now())
        if doomed:
            log.info("objects_deleted", objects=len(doomed))


def step_of(destruction: Destruction) -> str:
    """What its open tasks are about: the destruction as far as it has come."""
    return f"{destruction.destruction_id}:{len(destruction.steps)}"


def seen(destruction: Destruction, policy: Rules, now: datetime) -> Seen:
    return Seen(destruction, destruction.state(policy, now), rules.next_decider(destruction, policy, now))


def still_kept(policy: Policy, records: Sequence[Record], now: datetime) -> set[str]:
    """Those whose time is not over."""
    today = day_of(policy, now)
    return {record.record for record in records if not is_over(kept_by(policy, record), today)}


def line_of(
    destruction: Destruction, record: Record, contents: Sequence[Content], policy: Policy, now: datetime
) -> Line:
    """What the register says of one record."""
    approved, attested = destruction.last(StepKind.APPROVED), destruction.last(StepKind.ATTESTED)
    executed, until = destruction.last(StepKind.EXECUTED), kept_by(policy, record)
    if approved is None or attested is None or executed is None or until is None:
        raise AssertionError("the rules let nothing through that was not approved, attested and over")
    return Line(
        record,
        destruction.destruction_id,
        until,
        tuple(content for content in contents if content.record == record.record),
        destruction.reason,
        destruction.requested_by,
        approved.by,
        attested.by,
        attested.at,
        executed.by,
        now,
        day_of(policy, now),
    )
