"""Filing seasons: what is due from whom, who is asked for it, and a word where there is nothing to file (A6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from services.archive.domain.people import UnlawfulError
from services.archive.domain.seasons import DueState, asked, due_in, owing, seasons_on, stages, subject_of
from services.archive.ports import People
from services.archive.ports.life import FilingBook
from services.archive.usecases.attending import refuse_departed
from services.archive.usecases.desk import Desk
from services.archive.usecases.retention import day_of
from services.archive.usecases.tasks import TellTasks
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy.model import Policy
from shared.roles import Role
from shared.words import Text

SEES_ALL = frozenset({Role.ARCHIVIST, Role.GM, Role.GM_OFFICE_HEAD, Role.DEPUTY_GM, Role.INSPECTOR, Role.HR})
SUBJECT = "filing"
LOOKS_BACK = timedelta(days=400)
"""What was due longer ago is asked for no more; its list stays."""


class KeepFiling:
    """The lists of each season, and the tasks that come of them."""

    def __init__(
        self, desk: Desk, filing: FilingBook, people: People, tasks: TellTasks, policy: InForce[Policy]
    ) -> None:
        self._desk = desk
        self._filing = filing
        self._people = people
        self._tasks = tasks
        self._policy = policy

    async def due(self, by: Principal, period: str | None, department: str | None) -> Sequence[DueState]:
        """What is due, from whom, and what came of it; a manager sees the department's own."""
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, by)
            mine = await self._department(tx, by, department)
            policy, now = await self._policy(tx), self._desk.clock.now()
            await self._desk.trail.append(tx, by, Deed("file.searched", "filing.listed"))
            return await self._filing.states(tx, period, mine, day_of(policy, now) - LOOKS_BACK)

    async def nothing(self, by: Principal, period: str, department: str, record_class: str, reason: str) -> None:
        """The manager's word that there is nothing of a class to file, once."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, by)
            due = None
            if by.role is Role.DEPARTMENT_MANAGER and await self._department(tx, by, None) == department:
                due = await self._filing.find(tx, period, department, record_class)
            if due is None:
                raise UnlawfulError(
                    "unknown_due",
                    Text(zh="贵部门没有这一项应归档资料", en="your department owes no such records for that period"),
                )
            if not await self._filing.declare_nothing(tx, due, by.person, now, reason):
                raise UnlawfulError("declared_before", Text(zh="已声明过无可归档资料", en="that was declared before"))
            words = f"{period} {department} {record_class}: {reason}"
            await self._desk.trail.append(tx, by, Deed("decision.made", "filing.nothing", NO_ONE_FILE, reason=words))
            await self._settle(tx)

    async def __call__(self) -> None:
        """Open the season that has come, ask for what is missing, and let go of what was handed in."""
        async with self._desk.database.transaction() as tx:
            policy, now = await self._policy(tx), self._desk.clock.now()
            managed = await self._people.with_role(tx, Role.DEPARTMENT_MANAGER)
            departments = {person.department for person in managed if person.department is not None}
            for season in seasons_on(policy.filing, day_of(policy, now)):
                await self._filing.add(tx, due_in(policy.filing, season, departments))
            await self._settle(tx)

    async def _settle(self, tx: Transaction) -> None:
        """Bring the tasks in step with what is missing."""
        policy, now = await self._policy(tx), self._desk.clock.now()
        today = day_of(policy, now)
        names = {name: Text(zh=its.words.zh, en=its.words.en) for name, its in policy.records.classes.items()}
        open_now = await self._filing.asked(tx)
        archivists = [person.person for person in await self._people.with_role(tx, Role.ARCHIVIST)]
        for owed in owing(await self._filing.states(tx, None, None, today - LOOKS_BACK)):
            if not owed.classes:
                if subject_of(owed.period, owed.department) in open_now:
                    await self._tasks.clear(tx, SUBJECT, subject_of(owed.period, owed.department))
                continue
            managers = await self._people.with_role(tx, Role.DEPARTMENT_MANAGER, owed.department)
            due_at = datetime.combine(owed.due_on + timedelta(days=1), time.min, policy.zone).astimezone(UTC)
            for kind in stages(owed, policy.filing, today):
                told = [person.person for person in managers]
                if kind == "filing.overdue":
                    told += archivists
                await self._tasks.ask(tx, [asked(owed, person, kind, names, due_at) for person in told])

    async def _department(self, tx: Transaction, by: Principal, wanted: str | None) -> str | None:
        """Whose lists `by` may see: None is all of them."""
        if by.role in SEES_ALL:
            return wanted
        known = (await self._people.find(tx, {by.person})).get(by.person)
        mine = by.department if known is None else known.department
        if by.role is not Role.DEPARTMENT_MANAGER or mine is None or wanted not in (None, mine):
            raise UnlawfulError(
                "not_yours", Text(zh="只能查看本部门的归档清单", en="you may see your own department's")
            )
        return mine
