"""Give out what is due, as much a day as a rep can do: once each, by however many dispatchers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import structlog

from services.followup.domain.levelling import Load, Rules
from services.followup.ports import Desk, Stores
from services.followup.usecases.intake import Intake
from services.followup.usecases.issuing import Given, IssueReminders
from services.followup.usecases.levelling import LevelDays, Verdict, WaitingList, loads_of
from shared.engine.model import Transaction
from shared.in_force import InForce

log = structlog.get_logger()


class DispatchDue:
    """Fills the days of the reps for whom something waits, several in a transaction.

    One transaction claims the customers, decides, issues and plans the next dates. Reps whose day another dispatcher
    is filling are passed over, and so is a customer about whom something is being read. What is decided depends on
    what waits and on what was issued, not on who issued it, so any number of dispatchers come to the same end.
    """

    def __init__(
        self, desk: Desk, stores: Stores, rules: InForce[Rules], intake: Intake, *, lines_per_batch: int
    ) -> None:
        self._desk = desk
        self._schedules = stores.schedules
        self._capacity = stores.capacity
        self._rules_in_force = rules
        self._intake = intake
        self._size = lines_per_batch
        self._level_days = LevelDays(stores)
        self._issue = IssueReminders(desk, stores)

    async def __call__(self) -> int:
        """Issue all that today takes and return how many reminders that made; none while history is read in."""
        given, over = 0, dict[str, int]()
        while True:
            customers = 0
            for portion in self._portions(await self._waiting()):
                if not self._intake.is_settled(self._desk.clock.now()):
                    return self._told(given, over)
                done = await self._fill(portion, over)
                customers += done.customers
                given += done.reminders
            if not customers:
                return self._told(given, over)

    def _told(self, given: int, over: Mapping[str, int]) -> int:
        day = self._desk.clock.today().isoformat()
        if given:
            log.info("reminders_issued", day=day, reminders=given)
        if over:
            # Which reps these are tells the month ahead, to those who may know.
            log.warning("days_overloaded", day=day, reps=len(over), minutes=sum(over.values()))
        return given

    async def _waiting(self) -> list[WaitingList]:
        if not self._intake.is_settled(self._desk.clock.now()):
            return []
        today = self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            rules = await self._rules(tx)
            return [] if rules is None else await self._level_days.waiting(tx, today, rules.levelling.slot(today))

    async def _rules(self, tx: Transaction) -> Rules | None:
        """What decides in `tx`; None while everybody is planned anew: what the policy before planned is not owed."""
        rules = await self._rules_in_force(tx)
        return None if await self._schedules.is_being_replanned(tx) else rules

    def _portions(self, lists: Sequence[WaitingList]) -> Iterator[list[WaitingList]]:
        """Lists whose customers fit into a transaction together; a longer one by itself, what is nobody's in parts."""
        portion, size = list[WaitingList](), 0
        for waiting in lists:
            if waiting.rep is None:
                for part in in_parts(waiting.customers, self._size):
                    yield [waiting._replace(customers=part)]
                continue
            if portion and size + len(waiting.customers) > self._size:
                yield portion
                portion, size = [], 0
            portion.append(waiting)
            size += len(waiting.customers)
        if portion:
            yield portion

    async def _fill(self, lists: Sequence[WaitingList], over: dict[str, int]) -> Given:
        if sum(len(waiting.customers) for waiting in lists) > self._size:
            return await self._fill_long(lists[0], over)
        today = self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            rules = await self._rules(tx)
            mine = [] if rules is None else await self._held(tx, lists)
            if rules is None or not mine:
                return Given()
            slot = rules.levelling.slot(today)
            found = await self._schedules.claim(tx, [one for waiting in mine for one in waiting.customers])
            loads = loads_of(rules, found, slot)
            verdict = await self._level_days.decide(tx, rules.levelling, mine, loads, today)
            over |= verdict.over
            return await self._issue(tx, rules.paces, verdict, found, today, slot)

    async def _held(self, tx: Transaction, lists: Sequence[WaitingList]) -> list[WaitingList]:
        reps = [waiting.rep for waiting in lists if waiting.rep is not None]
        held = await self._capacity.hold(tx, reps) if reps else frozenset[str]()
        return [waiting for waiting in lists if waiting.rep is None or waiting.rep in held]

    async def _fill_long(self, waiting: WaitingList, over: dict[str, int]) -> Given:
        """A list that no transaction should hold at once: decided as a whole, carried out in parts.

        Another dispatcher that decides in between finds less that waits, and as much more issued: it decides the same,
        and goes on in this one's place.
        """
        today = self._desk.clock.today()
        verdict: Verdict | None = None
        parts: Iterator[Sequence[str]] = iter(())
        customers = reminders = 0
        while True:
            async with self._desk.database.transaction() as tx:
                rules = await self._rules(tx)
                if rules is None or not await self._held(tx, [waiting]):
                    break
                if verdict is None:
                    # In one transaction with the first part, so that whoever decides gets on.
                    verdict = await self._decide_long(tx, rules, waiting, today)
                    over |= verdict.over
                    parts = in_parts([*verdict.taken, *verdict.later], self._size)
                part = next(parts, None)
                if part is None:
                    break
                found = await self._schedules.claim(tx, part)
                done = await self._issue(tx, rules.paces, verdict, found, today, rules.levelling.slot(today))
            customers += done.customers
            reminders += done.reminders
        return Given(customers, reminders)

    async def _decide_long(self, tx: Transaction, rules: Rules, waiting: WaitingList, today: date) -> Verdict:
        slot, loads = rules.levelling.slot(today), dict[str, Load | None]()
        for part in in_parts(waiting.customers, self._size):
            loads |= loads_of(rules, await self._schedules.peek(tx, part), slot)
        return await self._level_days.decide(tx, rules.levelling, [waiting], loads, today)


def in_parts(customers: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """All of them in order, at most `size` at a time."""
    for begin in range(0, len(customers), size):
        yield customers[begin : begin + size]
