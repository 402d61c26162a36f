"""Leaving (P6): what ends with it, who takes over, and what was looked at in the last weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.archive.domain.chain import Entry
from services.archive.domain.grants import Revocation
from services.archive.domain.outgoing import grant_revoked
from services.archive.domain.people import Person, UnlawfulError
from services.archive.domain.tasks import Task, task_cleared
from services.archive.ports import Entries, Filters, People
from services.archive.ports.leaving import DeedCount, HandedOver, Leaver, Leaving, LeavingBook
from services.archive.usecases.attending import refuse_departed
from services.archive.usecases.desk import Desk
from services.archive.usecases.tasks import TellTasks
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy.model import Policy
from shared.roles import Role
from shared.words import Text

SUBJECT = "leaving"
REVOKED = "离职 · left the company"
SYSTEM = "tierline"
SEES_ALL = frozenset({Role.HR, Role.GM, Role.INSPECTOR})
REVIEWING = frozenset({Role.DEPARTMENT_MANAGER, Role.GM})


@dataclass(frozen=True, slots=True)
class LastWeeks:
    """What somebody who left did from `since` until `until`, by action."""

    leaving: Leaving
    since: datetime
    until: datetime
    deeds: Sequence[DeedCount]


class SettleLeavings:
    """Ends, for each person who left, all that was theirs here, in one transaction, and asks those who go on."""

    def __init__(
        self, desk: Desk, leavings: LeavingBook, people: People, tasks: TellTasks, policy: InForce[Policy]
    ) -> None:
        self._desk = desk
        self._leavings = leavings
        self._people = people
        self._tasks = tasks
        self._policy = policy

    async def __call__(self) -> None:
        """Everybody who left, and every hand-over, since the last time."""
        while await self._settle_one():
            pass
        while await self._tell_one():
            pass

    async def _settle_one(self) -> bool:
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            leaver = await self._leavings.next(tx)
            if leaver is None:
                return False
            policy = await self._policy(tx)
            ended = await self._leavings.revoke_grants(tx, leaver.person, now, SYSTEM, REVOKED)
            await self._desk.publish(
                tx,
                [grant_revoked(Revocation(grant_id, now, SYSTEM, REVOKED), file) for grant_id, file in ended],
            )
            cleared = await self._leavings.clear_tasks(tx, leaver.person, now)
            await self._desk.publish(tx, [task_cleared(task_id, leaver.person, now) for task_id in cleared])
            await self._ask_managers(tx, leaver, policy, now)
            await self._leavings.settle(tx, leaver, now)
            words = f"{len(ended)} grants revoked, {len(cleared)} tasks cleared"
            deed = Deed("decision.made", "leaving.settled", f"person:{leaver.person}", reason=words)
            await self._desk.trail.append(tx, None, deed)
        return True

    async def _ask_managers(self, tx: Transaction, leaver: Leaver, policy: Policy, now: datetime) -> None:
        person = (await self._people.find(tx, {leaver.person})).get(leaver.person)
        rules, name = policy.leaving, leaver.person
        tasks = []
        handed = await self._leavings.handed_over(tx, leaver)
        for manager in await self._managers(tx, person):
            due = now + timedelta(days=rules.review_within_days)
            words = Text(
                zh=f"{name} 已离职，请复核其最近 {rules.review_weeks} 周的查阅与导出",
                en=f"{name} left: review what they read and exported in the last {rules.review_weeks} weeks",
            )
            tasks.append(Task(manager, "leaving.review", SUBJECT, subject_of(leaver), words, due_at=due))
            if person is not None and person.role == Role.REP and not handed:
                due = now + timedelta(days=rules.hand_over_within_days)
                words = Text(zh=f"{name} 已离职，请移交其客户", en=f"{name} left: hand their customers over")
                tasks.append(Task(manager, "leaving.hand_over", SUBJECT, subject_of(leaver), words, due_at=due))
        await self._tasks.ask(tx, tasks)

    async def _managers(self, tx: Transaction, leaver: Person | None) -> list[str]:
        """The department's managers, else the leaver's own, else the GM; never the leaver."""
        if leaver is not None and leaver.department is not None:
            found = await self._people.with_role(tx, Role.DEPARTMENT_MANAGER, leaver.department)
            if managers := [person.person for person in found if person.person != leaver.person]:
                return managers
        own = None if leaver is None else leaver.manager
        known = {} if own is None else await self._people.find(tx, {own})
        if own is not None and own in known and known[own].active:
            return [own]
        return [person.person for person in await self._people.with_role(tx, Role.GM)]

    async def _tell_one(self) -> bool:
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            handed = await self._leavings.next_handover(tx)
            if handed is None:
                return False
            rules = (await self._policy(tx)).leaving
            for leaving in await self._leavings.page(tx, None, handed.person, None, 1):
                leaver = Leaver(leaving.person, leaving.departed_at)
                await self._tasks.clear(tx, SUBJECT, subject_of(leaver), kind="leaving.hand_over")
            due = now + timedelta(days=rules.introduce_within_days)
            await self._tasks.ask(tx, [introduction(handed, person, due) for person in sorted(handed.receivers)])
            await self._leavings.settle_handover(tx, handed, now)
        return True


class ReviewLeavings:
    """What is asked and said of those who left; nobody of themselves."""

    def __init__(  # noqa: PLR0913 - the parts of a use case that opens its own transactions
        self,
        *,
        desk: Desk,
        leavings: LeavingBook,
        entries: Entries,
        people: People,
        tasks: TellTasks,
        policy: InForce[Policy],
    ) -> None:
        self._desk = desk
        self._leavings = leavings
        self._entries = entries
        self._people = people
        self._tasks = tasks
        self._policy = policy

    async def page(self, by: Principal, before: tuple[datetime, str] | None, limit: int) -> Sequence[Leaving]:
        """Who left, the newest first; to a manager those of the department."""
        async with self._desk.database.transaction() as tx:
            department = await self._department(tx, by)
            await self._desk.trail.append(tx, by, Deed("file.searched", "leavings.listed"))
            return await self._leavings.page(tx, department, None, before, limit)

    async def last_weeks(self, by: Principal, person: str) -> LastWeeks:
        """What was done in the weeks before somebody left, and since."""
        async with self._desk.database.transaction() as tx:
            leaving, since, until = await self._span(tx, by, person)
            deeds = await self._leavings.deeds(tx, person, since, until)
            await self._desk.trail.append(tx, by, Deed("file.searched", "leaving.reviewed", f"person:{person}"))
        return LastWeeks(leaving, since, until, deeds)

    async def entries(
        self, by: Principal, person: str, action: str | None, before: int | None, limit: int
    ) -> Sequence[Entry]:
        """The same, entry by entry, the newest first: which file, when, from where, by which grant."""
        async with self._desk.database.transaction() as tx:
            _, since, until = await self._span(tx, by, person)
            await self._desk.trail.append(
                tx, by, Deed("file.searched", "leaving.entries", f"person:{person}", reason=action)
            )
            filters = Filters(actor=person, action=action, since=since, until=until, before=before)
            return await self._entries.search(tx, filters, limit)

    async def review(self, by: Principal, person: str, finding: str, remark: str) -> Leaving:
        """The manager's word on it."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            leaving, _, _ = await self._span(tx, by, person)
            if by.role not in REVIEWING:
                raise UnlawfulError(
                    "not_your_decision",
                    Text(zh="由部门经理或总经理复核", en="the department's manager or the GM reviews it"),
                )
            leaver = Leaver(leaving.person, leaving.departed_at)
            await self._leavings.review(tx, leaver, by.person, now, finding, remark)
            await self._tasks.clear(tx, SUBJECT, subject_of(leaver), kind="leaving.review")
            deed = Deed("decision.made", f"leaving.{finding}", f"person:{person}", reason=remark)
            await self._desk.trail.append(tx, by, deed)
        return leaving._replace(reviewed_by=by.person, reviewed_at=now, finding=finding, remark=remark)

    async def introduced(self, by: Principal, person: str, remark: str) -> None:
        """A receiver says that the customers know of them; `UnlawfulError` for who was not asked, or has said so."""
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, by)
            if by.person not in await self._tasks.open_for(tx, "introduction", person):
                raise unknown_leaving(person)
            await self._tasks.clear(tx, "introduction", person, person=by.person)
            deed = Deed("decision.made", "leaving.introduced", f"person:{person}", reason=remark)
            await self._desk.trail.append(tx, by, deed)

    async def _span(self, tx: Transaction, by: Principal, person: str) -> tuple[Leaving, datetime, datetime]:
        department = await self._department(tx, by)
        found = await self._leavings.page(tx, department, person, None, 1)
        if not found or by.person == person:
            raise unknown_leaving(person)
        weeks = (await self._policy(tx)).leaving.review_weeks
        # What is still tried with an old token is looked at as well.
        return found[0], found[0].departed_at - timedelta(weeks=weeks), self._desk.clock.now() + timedelta(seconds=1)

    async def _department(self, tx: Transaction, by: Principal) -> str | None:
        """Whose leavings `by` may know of: None is everybody's."""
        await refuse_departed(tx, self._people, by)
        if by.role in SEES_ALL:
            return None
        known = (await self._people.find(tx, {by.person})).get(by.person)
        mine = by.department if known is None else known.department
        if by.role is not Role.DEPARTMENT_MANAGER or mine is None:
            raise UnlawfulError(
                "not_yours",
                Text(
                    zh="离职复核由部门经理、人力资源、总经理及督导查看",
                    en="managers, HR, the GM and inspectors see leavings",
                ),
            )
        return mine


def unknown_leaving(person: str) -> UnlawfulError:
    """Nobody of that name left, or it is nothing to who asks."""
    return UnlawfulError(
        "unknown_leaving", Text(zh=f"没有 {person} 的离职记录", en=f"nothing is known of {person} leaving")
    )


def introduction(handed: HandedOver, person: str, due: datetime) -> Task:
    """The new holder tells the customers who is there for them now."""
    number = handed.receivers[person]
    words = Text(
        zh=f"{handed.person} 的 {number} 个客户已移交给您，请代表公司告知客户并自我介绍",
        en=f"{number} customers of {handed.person} are yours now: tell them for the company, and introduce yourself",
    )
    return Task(
        person, f"introduction.{handed.handed_over_at:%Y%m%dT%H%M%S}", "introduction", handed.person, words, due_at=due
    )


def subject_of(leaver: Leaver) -> str:
    return f"{leaver.person}:{leaver.departed_at.isoformat()}"
