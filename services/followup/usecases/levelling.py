"""Decide which of the waiting contacts a rep's day takes, by all that is known when it is decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from services.followup.domain.levelling import Levelling, Load, Rules, waits
from services.followup.domain.schedule import Schedule
from services.followup.ports import DaySoFar, Stores
from shared.engine.model import Transaction


class WaitingList(NamedTuple):
    """Customers of a rep that wait, under all the names found for the rep; `rep` None: they are nobody's."""

    rep: str | None
    names: frozenset[str]
    customers: Sequence[str]


@dataclass(slots=True)
class Verdict:
    """What becomes of customers: whose rep's day takes them, or until when they are put off.

    `capacity` is each rep's in minutes, `over` the minutes beyond it where the day holds more.
    """

    taken: dict[str, str | None] = field(default_factory=dict)
    later: dict[str, date] = field(default_factory=dict)
    capacity: dict[str, int] = field(default_factory=dict)
    over: dict[str, int] = field(default_factory=dict)

    def take(self, rep: str | None, customers: Iterable[str]) -> None:
        self.taken.update(dict.fromkeys(customers, rep))


class LevelDays:
    """Looks up what waits, and fills the days of reps who are held (`CapacityStore.hold`)."""

    def __init__(self, stores: Stores) -> None:
        self._capacity = stores.capacity
        self._leave = stores.leave

    async def waiting(self, tx: Transaction, today: date, slot: date) -> list[WaitingList]:
        """All lists from which something is to be given out on `today`, those of reps first."""
        by_name = await self._capacity.waiting(tx, today, slot)
        names = [name for name in by_name if name is not None]
        behind = await self._capacity.people_behind(tx, names) if names else {}
        called: dict[str, set[str]] = {}
        for name in (*names, *behind):
            called.setdefault(behind.get(name, name), set()).add(name)
        lists = [
            WaitingList(rep, frozenset(own), [one for name in sorted(own) for one in by_name.get(name, ())])
            for rep, own in sorted(called.items())
        ]
        return [*lists, WaitingList(None, frozenset(), by_name[None])] if None in by_name else lists

    async def decide(
        self,
        tx: Transaction,
        rules: Levelling,
        lists: Sequence[WaitingList],
        loads: Mapping[str, Load | None],
        today: date,
    ) -> Verdict:
        """Fill the days of these reps; of a customer in `loads` without one only what nobody owes any more waits."""
        verdict, slot = Verdict(), rules.slot(today)
        reps = {waiting.rep: waiting for waiting in lists if waiting.rep is not None}
        days, done = await self._so_far(tx, rules, reps, today)
        last = max((load.latest_on for load in loads.values() if load is not None), default=slot)
        off = await self._leave.days_off(tx, sorted(reps), slot, max(slot, last)) if reps else {}
        for waiting in lists:
            known = [customer for customer in waiting.customers if customer in loads]
            found = [load for customer in known if (load := loads[customer]) is not None]
            verdict.take(waiting.rep, (customer for customer in known if loads[customer] is None))
            if waiting.rep is None:
                verdict.take(None, (load.customer_id for load in found))
                continue
            rep, so_far = waiting.rep, days[waiting.rep]
            away = off.get(rep, frozenset())
            capacity = rules.minutes_a_day if so_far.allowed is None else so_far.allowed
            spent = so_far.issued + sum(done.get(name, 0) for name in waiting.names)
            levelled = rules.fill(found, slot, capacity - spent, rules.days_of(away))
            verdict.take(rep, (load.customer_id for load in levelled.taken))
            verdict.later.update(levelled.later)
            verdict.capacity[rep] = capacity
            if levelled.over and levelled.taken:
                verdict.over[rep] = levelled.over
        return verdict

    async def _so_far(
        self, tx: Transaction, rules: Levelling, reps: Mapping[str, WaitingList], today: date
    ) -> tuple[Mapping[str, DaySoFar], Mapping[str, int]]:
        if not reps:
            return {}, {}
        days = await self._capacity.days_so_far(tx, reps, rules.slot(today))
        names = frozenset[str]().union(*(waiting.names for waiting in reps.values()))
        return days, await self._capacity.taken_besides(
            tx, names, rules.begins(today), rules.list_began(today), rules.slot(today)
        )


def loads_of(rules: Rules, schedules: Mapping[str, Schedule], slot: date) -> dict[str, Load | None]:
    """What each customer asks that waits; None where all that waits is owed no more."""
    return {
        customer_id: rules.levelling.load_of(schedule, rules.paces, slot)
        for customer_id, schedule in schedules.items()
        if waits(schedule, slot)
    }
