"""Records kept for longer, and held: nothing here makes a record's life shorter (A7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.archive.domain.files import Record, record_file
from services.archive.domain.people import UnlawfulError
from services.archive.domain.retention import kept_until, later
from services.archive.ports import People
from services.archive.ports.life import Hold, LifeBook
from services.archive.usecases.attending import refuse_departed
from services.archive.usecases.desk import Desk
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy.model import Policy
from shared.roles import Role
from shared.words import Text

EXTENDING = frozenset({Role.ARCHIVIST, Role.GM_OFFICE_HEAD, Role.GM})
FIRST = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A record's card, and until when it is kept by all that was ever said; None is for ever."""

    record: Record
    until: date | None


class KeepRetention:
    """Terms that only grow, and holds that freeze disposal."""

    def __init__(self, desk: Desk, life: LifeBook, people: People, policy: InForce[Policy]) -> None:
        self._desk = desk
        self._life = life
        self._people = people
        self._policy = policy

    async def expiring(
        self, by: Principal, before: date | None, after: tuple[date, str] | None, limit: int
    ) -> Sequence[Kept]:
        """Records whose promised time ends before a day, today if none is given; the longest over first."""
        async with self._desk.database.transaction() as tx:
            policy = await self._policy(tx)
            day = before or day_of(policy, self._desk.clock.now())
            found = await self._life.expiring(tx, day, after or (FIRST, ""), limit)
            await self._desk.trail.append(
                tx, by, Deed("file.searched", "records.expiring", reason=f"before {day}: {len(found)} found")
            )
        return [Kept(record, kept_by(policy, record)) for record in found]

    async def extend(self, by: Principal, name: str, until: date | None, reason: str) -> Kept:
        """Keep a record for longer, None for ever; `UnlawfulError` (`only_grows`) for anything else."""
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, by)
            policy, now = await self._policy(tx), self._desk.clock.now()
            (record,) = await self._records(tx, [name])
            if later(record.retain_until, until) != until or until == record.retain_until:
                kept = "" if record.retain_until is None else record.retain_until.isoformat()
                raise UnlawfulError(
                    "only_grows",
                    Text(
                        zh=f"保管期限只能延长：现为 {kept or '永久'}",
                        en=f"retention only grows: it is kept {f'until {kept}' if kept else 'for ever'}",
                    ),
                )
            await self._life.extend(tx, name, until, by.person, now, reason)
            deed = Deed("decision.made", "retention.extended", record.file, reason=reason)
            await self._desk.trail.append(tx, by, deed)
        return Kept(record, later(until, kept_by(policy, record)))

    async def hold(self, by: Principal, matter: str, records: Sequence[str], reason: str) -> Hold:
        """Freeze records for a matter: nothing of them is destroyed until it is lifted."""
        now, names = self._desk.clock.now(), sorted(set(records))
        async with self._desk.database.transaction() as tx:
            await self._may_hold(tx, by)
            for record in await self._records(tx, names):
                if record.destroyed_at is not None:
                    raise UnlawfulError(
                        "destroyed_before",
                        Text(zh=f"档案 {record.record} 已销毁", en=f"the record {record.record} was destroyed before"),
                    )
            hold = Hold(self._desk.new_id(), matter, by.person, now, reason, None, None, None, tuple(names))
            await self._life.add_hold(tx, hold)
            for name in names:
                deed = Deed("decision.made", "hold.set", record_file(name), reason=f"{matter}: {reason}")
                await self._desk.trail.append(tx, by, deed)
        return hold

    async def lift(self, by: Principal, hold_id: str, reason: str) -> Hold:
        """Let go of what a hold froze, once."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            await self._may_hold(tx, by)
            hold = await self._life.find_hold(tx, hold_id)
            if hold is None:
                raise UnlawfulError("unknown_hold", Text(zh=f"没有冻结 {hold_id}", en=f"there is no hold {hold_id}"))
            await self._life.lock(tx, hold.records)
            if not await self._life.lift(tx, hold_id, by.person, now, reason):
                raise UnlawfulError("lifted_before", Text(zh="该冻结已解除", en="the hold was lifted before"))
            for name in hold.records:
                deed = Deed("decision.made", "hold.lifted", record_file(name), reason=f"{hold.matter}: {reason}")
                await self._desk.trail.append(tx, by, deed)
        return hold._replace(lifted_by=by.person, lifted_at=now, lift_reason=reason)

    async def holds(
        self, by: Principal, record: str | None, *, standing: bool, after: str, limit: int
    ) -> Sequence[Hold]:
        """Holds by id; of one record, or those that stand, where asked."""
        async with self._desk.database.transaction() as tx:
            await self._desk.trail.append(tx, by, Deed("file.searched", "holds.listed"))
            return await self._life.holds(tx, record, standing=standing, after=after, limit=limit)

    async def _may_hold(self, tx: Transaction, by: Principal) -> None:
        await refuse_departed(tx, self._people, by)
        if by.role not in (await self._policy(tx)).destruction.hold_set_by:
            raise UnlawfulError(
                "not_your_decision",
                Text(
                    zh="冻结与解除由总经理或总办主任决定",
                    en="holds are set and lifted by the GM or the head of the office",
                ),
            )

    async def _records(self, tx: Transaction, names: Sequence[str]) -> Sequence[Record]:
        found = await self._life.lock(tx, names)
        refuse_unknown(names, found)
        return found


def refuse_unknown(names: Sequence[str], found: Sequence[Record]) -> None:
    """Raise `UnlawfulError` for the first name that is no record's."""
    missing = sorted(set(names) - {record.record for record in found})
    if missing:
        raise UnlawfulError("unknown_record", Text(zh=f"没有档案 {missing[0]}", en=f"there is no record {missing[0]}"))


def kept_by(policy: Policy, record: Record) -> date | None:
    """Until when a record is kept, by all that was ever said; None is for ever."""
    return kept_until(record, policy.records.classes, day_of(policy, record.filed_at))


def day_of(policy: Policy, moment: datetime) -> date:
    """The business day of a moment."""
    return moment.astimezone(policy.zone).date()
