"""Backups as operations tell of them (A8): made, proved, removed, and asked for when they are not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.archive.domain.backups import (
    SUBJECT,
    Backup,
    Drill,
    Schedule,
    Standing,
    failed_task,
    latest,
    overdue_task,
    removable,
    schedule,
    subject,
)
from services.archive.domain.people import UnlawfulError
from services.archive.ports import BackupBook, BackupMeasures, People
from services.archive.usecases.desk import Desk
from services.archive.usecases.tasks import TellTasks
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy.model import Policy
from shared.roles import Role
from shared.words import Text

# Twice as many as a policy may keep.
KNOWN = 2000


@dataclass(frozen=True, slots=True)
class BackupParts:
    """What the use cases of backups share."""

    desk: Desk
    book: BackupBook
    people: People
    tell: TellTasks
    policy: InForce[Policy]
    zone: Callable[[], ZoneInfo]


class KeepBackups:
    """Every step of a backup is an entry of the audit, in the transaction that notes it."""

    def __init__(self, parts: BackupParts, measures: BackupMeasures) -> None:
        self._parts = parts
        self._desk = parts.desk
        self._measures = measures

    async def page(self) -> Sequence[Standing]:
        """Newest first."""
        async with self._desk.database.transaction() as tx:
            return await self._parts.book.newest(tx, KNOWN)

    async def schedule(self) -> Schedule:
        """Whether one is due."""
        async with self._desk.database.transaction() as tx:
            return (await self._standing(tx))[1]

    async def made(self, by: Principal, make: Callable[[datetime], Backup]) -> None:
        """A backup is whole in its place; `make` is told when that is noted."""
        backup = make(self._desk.clock.now())
        async with self._desk.database.transaction() as tx:
            if not await self._parts.book.add(tx, backup):
                raise UnlawfulError(
                    "told_before",
                    Text(zh=f"备份 {backup.backup} 已登记", en=f"the backup {backup.backup} was told of before"),
                )
            signed = "not signed" if backup.signer is None else f"signed by {backup.signer}"
            why = f"{backup.entries} entries, head {backup.head}, sha256 {backup.sha256}, {signed}, {backup.place}"
            await self._note(tx, by, "backup.made", backup.backup, why)

    async def drilled(self, by: Principal, backup: str, *, sound: bool, found: str) -> Drill:
        """A backup came back, or did not: then somebody is asked to look, and asked no more once one did."""
        drill = Drill(backup, self._desk.clock.now(), sound, found)
        async with self._desk.database.transaction() as tx:
            await self._parts.book.add_drill(tx, drill)
            await self._note(tx, by, "backup.drilled" if sound else "backup.drill_failed", backup, found)
            since = latest((await self._parts.policy(tx)).backups, drill.drilled_at, self._parts.zone())
            if not sound:
                asked = await self._operators(tx)
                await self._parts.tell.ask(tx, [failed_task(person, since, drill) for person in asked])
            elif not (await self._standing(tx))[1].due:
                await self._parts.tell.clear(tx, SUBJECT, subject(since))
        await self.look()
        return drill

    async def remove(self, by: Principal, here: Collection[str]) -> Sequence[str]:
        """Which of the files that are there go, by the policy; noted before they do."""
        async with self._desk.database.transaction() as tx:
            keep = (await self._parts.policy(tx)).backups.keep
            names = removable(await self._parts.book.newest(tx, KNOWN), here, keep)
            for name in names:
                await self._note(tx, by, "backup.removed", name, f"the newest {keep} are kept")
        return names

    async def look(self) -> None:
        """Show how old the newest sound backup is, and ask for one that is overdue."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            standings, planned = await self._standing(tx)
            if planned.overdue:
                asked = await self._operators(tx)
                await self._parts.tell.ask(tx, [overdue_task(person, planned.since) for person in asked])
        newest = next((standing for standing in standings if standing.sound), None)
        age = float("inf") if newest is None else (now - newest.backup.noted_at).total_seconds()
        drills = [standing.drill for standing in standings if standing.drill is not None]
        last = max(drills, key=lambda drill: drill.drilled_at, default=None)
        self._measures.backups(age, sound=last is not None and last.sound, due=planned.due)

    async def _standing(self, tx: Transaction) -> tuple[Sequence[Standing], Schedule]:
        rules = (await self._parts.policy(tx)).backups
        standings = await self._parts.book.newest(tx, KNOWN)
        return standings, schedule(standings, rules, self._desk.clock.now(), self._parts.zone())

    async def _operators(self, tx: Transaction) -> Sequence[str]:
        return [person.person for person in await self._parts.people.with_role(tx, Role.OPS)]

    async def _note(self, tx: Transaction, by: Principal, action: str, backup: str, why: str) -> None:
        await self._desk.trail.append(tx, by, Deed("decision.made", action, f"{SUBJECT}:{backup}", reason=why))
