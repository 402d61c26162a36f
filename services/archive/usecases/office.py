"""What every act on requests and grants needs: the file, the people who may decide, and a word to those who wait."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from services.archive.domain import asking, steps
from services.archive.domain.deciders import Bench, Staff
from services.archive.domain.files import CUSTOMER, CustomerFile
from services.archive.domain.people import Person, UnlawfulError, known_and_active
from services.archive.domain.requests import Standing
from services.archive.domain.steps import Step, Subject
from services.archive.ports import GrantBook, People
from services.archive.ports.files import FileRegistry
from services.archive.ports.requests import DelegationBook, RequestBook
from services.archive.usecases.desk import Desk
from services.archive.usecases.tasks import TellTasks
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy import Policy
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Found:
    """A file as somebody asks for it: `rep` keeps it, `knows` whether the asker may know of it, `there` if it is."""

    subject: Subject
    rep: str | None
    knows: bool
    there: bool


@dataclass(frozen=True, slots=True)
class Office:
    """The parts that all acts on requests and grants share."""

    desk: Desk
    requests: RequestBook
    delegations: DelegationBook
    grants: GrantBook
    people: People
    files: FileRegistry
    tasks: TellTasks
    policy: InForce[Policy]

    async def person(self, tx: Transaction, name: str) -> Person:
        """Somebody who works here, by the organisation's word; UnlawfulError otherwise."""
        return known_and_active((await self.people.find(tx, [name])).get(name), name)

    async def look_up(
        self, tx: Transaction, file: str, sections: tuple[str, ...], asker: Person, policy: Policy
    ) -> Found:
        """What is asked for; `UnlawfulError` (`unknown_file`) also for what the asker may not know of.

        A customer of whom archive never heard is taken for one that nobody keeps, as the door of the files does: the
        request goes its way, and whoever releases sees that there is none.
        """
        found = await self.files.find(tx, file)
        if found is None and file.startswith(CUSTOMER):
            missing = CustomerFile(file, policy.files.default_tier, None, None)
            subject = steps.of_customer(missing, sections, policy)
            return Found(subject, None, steps.knows_of(subject, asker, None, policy), there=False)
        if isinstance(found, CustomerFile):
            subject = steps.of_customer(found, sections, policy)
            return Found(subject, found.rep, steps.knows_of(subject, asker, found.rep, policy), there=True)
        record = None if found is None or found.destroyed_at is not None else found
        known = None if record is None else steps.of_record(record, sections, asker, policy)
        if known is None:
            raise unknown_file(file)
        return Found(known, None, knows=True, there=True)

    async def bench(self, tx: Transaction, chain: Collection[Step], askers: Collection[str], policy: Policy) -> Bench:
        """Everybody who may have to be asked, and what they delegated."""
        roles = steps.roles_concerned(chain, policy) | frozenset(policy.consulting.delegation.to)
        people = dict(await self.people.find(tx, askers))
        managers = {person.manager for person in people.values() if person.manager is not None}
        people |= await self.people.find(tx, managers)
        for role in sorted(roles):
            people |= {person.person: person for person in await self.people.with_role(tx, role)}
        now = self.desk.clock.now()
        return Bench(Staff(people), await self.delegations.live(tx, now), policy.consulting, now)

    async def ask_next(self, tx: Transaction, standing: Standing, bench: Bench) -> None:
        """Ask those who may take the next step, and nobody else any more."""
        request, step = standing.request, standing.step
        if step is None:
            return
        able = bench.deciders(step, request.asker, request.subject, standing.barred(step))
        subject, names = asking.step_subject(request.request_id, step.number), {decider.person for decider in able}
        for person in await self.tasks.open_for(tx, asking.STEP, subject):
            if person not in names:
                await self.tasks.clear(tx, asking.STEP, subject, person=person)
        await self.tasks.ask(tx, asking.tasks_of_step(standing, step, able))

    async def archivists(self, tx: Transaction, policy: Policy) -> Sequence[str]:
        """Those who release, by id."""
        return [person.person for person in await self.people.with_role(tx, policy.files.request.released_by)]

    def shown(self, at: datetime) -> Text:
        """A moment as the business's clock shows it."""
        local = at.astimezone(self.desk.clock.zone)
        return Text(zh=f"{local:%Y-%m-%d %H:%M}", en=f"{local:%Y-%m-%d %H:%M}")

    @asynccontextmanager
    async def noting(self, by: Principal, action: str, file: str) -> AsyncIterator[None]:
        """Note in the audit that a rule kept somebody from an act, and let them know."""
        try:
            yield
        except UnlawfulError as error:
            async with self.desk.database.transaction() as tx:
                await self.desk.trail.append(tx, by, Deed("access.denied", action, file, "denied", error.code))
            raise


def unknown_file(file: str) -> UnlawfulError:
    """There is no such file, or the asker may not know of it."""
    return UnlawfulError("unknown_file", Text(zh=f"没有档案 {file}", en=f"there is no file {file}"))
