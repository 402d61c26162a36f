"""Show reps' months, what moving a customer would do to them, and let managers say how much a rep's day holds."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import structlog

from services.followup.domain.levelling import Rules
from services.followup.domain.outlook import Begun, DayAhead, Outlook
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.schedule import Schedule
from services.followup.ports import DayCount, Desk, Stores
from services.followup.usecases.organisation import scope_for
from shared.contracts.reminders import UNASSIGNED
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.words import Text

log = structlog.get_logger()

DAY = timedelta(days=1)
FARTHEST = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class Span:
    """Days to be shown; those before today as they were, the others as they will be."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class RepMonth:
    """A rep's days; `allowed` minutes a day, `own` whether a manager set them."""

    rep: str
    customers: int
    allowed: int
    own: bool
    past: Sequence[DayCount]
    days: Sequence[DayAhead]

    @property
    def over(self) -> int:
        """Minutes beyond the capacity, of all days ahead."""
        return sum(day.over for day in self.days)


@dataclass(frozen=True, slots=True)
class Moved:
    """What moving a customer would do: both reps' months as they are, and as they would be.

    `giving` is None for a customer who is nobody's.
    """

    customer_id: str
    giving: tuple[RepMonth, RepMonth] | None
    taking: tuple[RepMonth, RepMonth]


class ReadCapacity:
    """Reads of reps' months. Nothing is changed, whatever is asked."""

    def __init__(self, desk: Desk, stores: Stores, rules: InForce[Rules]) -> None:
        self._desk = desk
        self._schedules = stores.schedules
        self._people = stores.people
        self._capacity = stores.capacity
        self._leave = stores.leave
        self._rules = rules

    def span(self, month: date | None) -> Span:
        """The month that begins on that day, or the thirty days from today; NotPossibleError for one too far ahead."""
        today = self._desk.clock.today()
        if month is None:
            return Span(today, today + 29 * DAY)
        last = month.replace(day=monthrange(month.year, month.month)[1])
        if last > today + FARTHEST:
            raise NotPossibleError(
                "too_far", Text(zh="最多预测三个月", en="a forecast goes three months ahead at the most")
            )
        return Span(month, last)

    async def page(self, who: Principal, span: Span, after: str, limit: int) -> Sequence[RepMonth]:
        """The next reps that the asker sees and that have customers, by name, with their months."""
        async with self._desk.database.transaction() as tx:
            scope = await scope_for(tx, self._people, who)
            names = [name for name in await self._capacity.reps(tx) if scope.everything or name in scope.reps]
            behind = await self._capacity.people_behind(tx, names)
        reps = sorted({behind.get(name, name) for name in names})
        months = []
        for rep in [rep for rep in reps if rep > after][:limit]:
            # Each by itself: nobody who activates a policy should wait for all of them.
            async with self._desk.database.transaction() as tx:
                months.append(await self._month(tx, rep, span))
        return months

    async def one(self, who: Principal, rep: str, span: Span) -> RepMonth:
        """One rep's month; NotPossibleError for a rep whom the asker does not see."""
        async with self._desk.database.transaction() as tx:
            return await self._month(tx, await self.seen(tx, who, rep), span)

    async def moving(self, who: Principal, customer_id: str, to: str, span: Span) -> Moved:
        """Both reps' months, with the customer where it is and where it would be."""
        async with self._desk.database.transaction() as tx:
            scope = await scope_for(tx, self._people, who)
            schedule = await self._schedules.show(tx, customer_id)
            facts = None if schedule is None else schedule.facts
            if schedule is None or facts is None or not scope.admits(facts.rep, facts.department):
                raise NotPossibleError(
                    "unknown_customer",
                    Text(zh="您的客户中没有这一位", en="there is no such customer among those you look after"),
                )
            taker = await self.seen(tx, who, to)
            giver = None if facts.rep is None else await self._person(tx, facts.rep)
            if giver == taker:
                raise NotPossibleError(
                    "same_rep", Text(zh="该客户已归此业务员", en="the customer is this rep's already")
                )
            giving = None
            if giver is not None:
                giving = await self._month(tx, giver, span), await self._month(tx, giver, span, without=customer_id)
            taking = await self._month(tx, taker, span), await self._month(tx, taker, span, added=schedule)
            return Moved(customer_id, giving, taking)

    async def seen(self, tx: Transaction, who: Principal, name: str) -> str:
        """The person of that name; NotPossibleError when `who` may not see whose days these are, or nobody's."""
        if name == UNASSIGNED:
            raise NotPossibleError(
                "no_limit",
                Text(zh="未分配的客户不设容量", en="what is nobody's has no capacity: give the customers to a rep"),
            )
        scope = await scope_for(tx, self._people, who)
        person = await self._person(tx, name)
        if not scope.oversees(person):
            raise NotPossibleError(
                "not_yours", Text(zh="只能查看自己或本部门的容量", en="you see your own capacity or your department's")
            )
        return person

    async def _person(self, tx: Transaction, name: str) -> str:
        return (await self._capacity.people_behind(tx, [name])).get(name, name)

    async def _month(
        self, tx: Transaction, rep: str, span: Span, *, without: str | None = None, added: Schedule | None = None
    ) -> RepMonth:
        today, rules = self._desk.clock.today(), await self._rules(tx)
        days = rules.levelling
        slot, names = days.slot(today), await self._people.names_of(tx, rep)
        customers = await self._schedules.peek(tx, await self._capacity.customers_of(tx, names))
        if without is not None:
            customers.pop(without, None)
        if added is not None:
            customers[added.customer_id] = added
        so_far = (await self._capacity.days_so_far(tx, [rep], slot))[rep]
        allowed = days.minutes_a_day if so_far.allowed is None else so_far.allowed
        done = await self._capacity.taken_besides(tx, names, days.begins(today), days.list_began(today), slot)
        issued = await self._capacity.issued_days(tx, rep, min(span.first, slot), slot)
        begun = next(
            (Begun(count.contacts, count.minutes, sum(done.values())) for count in issued if count.day == slot),
            Begun(done=sum(done.values())),
        )
        away = await self._leave.days_off(tx, [rep], slot, max(slot, span.last))
        outlook = Outlook(rules, today, span.last)
        ahead = outlook.of(customers.values(), allowed, away.get(rep, frozenset()), begun)
        return RepMonth(
            rep,
            len(customers),
            allowed,
            so_far.allowed is not None,
            [count for count in issued if span.first <= count.day <= span.last and count.day < slot],
            [day for day in ahead if day.day >= span.first],
        )


class SetCapacity:
    """A manager says how many minutes of follow-up a rep's day holds; decided by from the next look on."""

    def __init__(self, desk: Desk, stores: Stores, read_capacity: ReadCapacity) -> None:
        self._desk = desk
        self._capacity = stores.capacity
        self._read_capacity = read_capacity

    async def __call__(self, who: Principal, rep: str, minutes: int | None) -> str:
        """Set it, None for the policy's again; returns the person. NotPossibleError for somebody else's rep."""
        async with self._desk.database.transaction() as tx:
            person = await self._read_capacity.seen(tx, who, rep)
            await self._capacity.allow(tx, person, minutes, who.person, self._desk.clock.now())
        log.info("capacity_set", minutes=minutes)
        return person
