"""Letting somebody go: out at once, and all their customers to others, in one act or not at all (P6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.customers.domain import copies, facts
from services.customers.domain.access import Reason
from services.customers.domain.copies import Person
from services.customers.domain.customer import with_statements
from services.customers.domain.departure import (
    Departure,
    Handed,
    Held,
    Received,
    UnlawfulHandoverError,
    Way,
    may_let_go,
    names_of,
    sees_departure,
    share_out,
    stated_after,
)
from services.customers.domain.terms import Terms
from services.customers.domain.upkeep import named
from services.customers.ports import CustomerStore, DepartureStore, Desk, Wanted
from services.customers.usecases.announce import InTheFutureError
from services.customers.usecases.reception import NotAllowedError, Reception, denied
from services.customers.usecases.record_trade import accept, as_stated, asked_last
from shared.audit import Deed
from shared.contracts.organisation import CustomersHandedOver, PersonDeparted, TakenOver
from shared.engine.model import Event, Outgoing, Transaction
from shared.identity import Principal
from shared.logs import current_traceparent
from shared.roles import Role
from shared.words import Text

ORGANISATION = "organisation.v1"
AT_ONCE = 500
"""Customers that are in memory, and in one frame of the outbox, at a time; the transaction is one for all of them."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """How somebody is let go: since when (None: now), why, and to whom the customers go (None: to nobody yet)."""

    reason: str
    departed_at: datetime | None = None
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a departure stands: the acts so far, who took over how many, and how many are still the leaver's."""

    person: str
    works_here: bool
    departures: Sequence[Departure]
    received: Sequence[Received]
    remaining: int


class LetGo:
    """Records a departure and hands the customers over.

    The person, all their customers and what is told of it are of one transaction. It is done once: the same act again
    finds nothing left to do and answers how things stand; what came in for the leaver since is handed over by it.
    """

    def __init__(
        self, reception: Reception, customers: CustomerStore, departures: DepartureStore, at_once: int = AT_ONCE
    ) -> None:
        self._reception = reception
        self._customers = customers
        self._departures = departures
        self._at_once = at_once

    async def __call__(self, who: Principal, person: str, leaving: Leaving) -> Standing:
        """How things stand after it; `NotAllowedError`, `UnlawfulHandoverError`, `InTheFutureError`."""
        reception, now = self._reception, self._reception.clock.now()
        async with reception.database.transaction() as tx:
            await self._departures.lock(tx, person)
            reader = await reception.reader(tx, who)
            leaver = (await reception.people.load(tx, [person])).get(person)
            verdict = may_let_go(reader, leaver, person, handing_over=leaving.way is not None)
            if leaver is not None and verdict.allowed:
                departed_at = agreed_moment(leaver, leaving.departed_at, now)
                held = await self._departures.lock_held(tx, names_of(leaver))
                if leaver.works_here() or (held and leaving.way is not None):
                    act = _Act(who, leaver, departed_at, held, leaving)
                    await self._do(tx, act, now)
                standing = await self._standing(tx, leaver)
            else:
                await reception.trail.append(tx, who, denied("person.departed", verdict.reason))
        if not verdict.allowed:
            raise NotAllowedError(verdict.reason)
        return standing

    async def see(self, who: Principal, person: str) -> Standing:
        """How things stand, for those who may let the person go."""
        reception = self._reception
        async with reception.database.transaction() as tx:
            reader = await reception.reader(tx, who)
            leaver = (await reception.people.load(tx, [person])).get(person)
            seen = sees_departure(reader, leaver, person)
            if seen and leaver is not None:
                await reception.trail.append(tx, who, Deed("file.searched", "departure.seen"))
                return await self._standing(tx, leaver)
            reason = Reason.NO_SUCH_PERSON if seen else Reason.NOT_OWN
            await reception.trail.append(tx, who, denied("departure.seen", reason))
        raise NotAllowedError(reason)

    async def handed(self, who: Principal, person: str, after: tuple[int, str], limit: int) -> Sequence[Handed]:
        """The customers that changed hands; a rep sees those that came to them, whoever may let go sees all."""
        reception = self._reception
        async with reception.database.transaction() as tx:
            reader = await reception.reader(tx, who)
            leaver = (await reception.people.load(tx, [person])).get(person)
            everything = sees_departure(reader, leaver, person)
            allowed = everything or (reader.active and reader.role is Role.REP)
            found: Sequence[Handed] = ()
            if allowed:
                receivers = None if everything else reader.codes
                found = await self._departures.page(tx, person, receivers, after, limit)
            deed = Deed("file.searched", "departure.customers_listed", reason=f"{len(found)} found")
            await reception.trail.append(tx, who, deed if allowed else denied(deed.action, Reason.NOT_OWN))
        if not allowed:
            raise NotAllowedError(Reason.NOT_OWN)
        return found

    async def _standing(self, tx: Transaction, leaver: Person) -> Standing:
        store = self._departures
        return Standing(
            leaver.person,
            # Asked anew: the act may just have changed it.
            (await self._reception.people.load(tx, [leaver.person]))[leaver.person].works_here(),
            await store.of(tx, leaver.person),
            await store.received(tx, leaver.person),
            await store.count_held(tx, names_of(leaver)),
        )

    async def _do(self, tx: Transaction, act: _Act, now: datetime) -> None:
        reception, leaver = self._reception, act.leaver
        handed: list[tuple[Held, str]] = []
        receivers: dict[str, str] = {}
        if act.leaving.way is not None:
            department = [] if leaver.department is None else await self._departures.department(tx, leaver.department)
            colleagues = {name: person for person in department for name in names_of(person)}
            shares = share_out(act.held, act.leaving.way, colleagues, leaver)
            handed = [(held, shares[held.customer_id]) for held in act.held]
            receivers = {receiver: colleagues[receiver].person for _, receiver in handed}
        number = len(await self._departures.of(tx, leaver.person)) + 1
        departure = Departure(
            leaver.person, number, act.departed_at, act.who.person, now, act.leaving.reason, len(handed)
        )
        await self._departures.add(tx, departure)
        await self._departures.add_handed(tx, departure, handed)
        await self._hand_over(tx, departure, handed, now)
        gone = PersonDeparted(person=leaver.person, departed_at=act.departed_at)
        await reception.people.save(tx, [copies.departed(leaver, gone)])
        outgoings = [departed(gone)] if leaver.works_here() else []
        if len(handed) == len(act.held):
            # First of the two, so that nobody is asked to hand over what has been handed over.
            outgoings.insert(0, handed_over(departure, [receivers[receiver] for _, receiver in handed]))
        trace = current_traceparent()
        await reception.publisher.append(tx, [o._replace(trace=trace) for o in outgoings], now=now)
        words = f"{len(handed)} of {len(act.held)} customers handed over: {act.leaving.reason}"
        deed = Deed("decision.made", "person.departed", person_file(leaver.person), reason=words)
        await reception.trail.append(tx, act.who, deed)

    async def _hand_over(
        self, tx: Transaction, departure: Departure, handed: Sequence[tuple[Held, str]], now: datetime
    ) -> None:
        """State for each customer who has it now, as if it had been told, and tell everybody."""
        terms = await self._reception.terms(tx)
        cause = Event(act_id(departure), "/tierline/customers", "person.departed", now, "", None, 0)
        for begin in range(0, len(handed), self._at_once):
            part = {held.customer_id: receiver for held, receiver in handed[begin : begin + self._at_once]}
            ids = set(part)
            desk = await self._customers.load(tx, Wanted(customers=ids, statements_of=ids, holdings_of=ids))
            outgoings = [
                given(desk, customer_id, receiver, cause, terms) for customer_id, receiver in sorted(part.items())
            ]
            await self._customers.save(tx, desk)
            await self._reception.publisher.append(tx, outgoings, now=now)


@dataclass(frozen=True, slots=True)
class _Act:
    """Who lets whom go, and what there is to hand over."""

    who: Principal
    leaver: Person
    departed_at: datetime
    held: Sequence[Held]
    leaving: Leaving


def agreed_moment(leaver: Person, told: datetime | None, now: datetime) -> datetime:
    """Since when the person is gone; UnlawfulHandoverError where what is told cannot be."""
    if told is not None and told > now:
        raise InTheFutureError(told.isoformat())
    if not leaver.works_here():
        known = leaver.departed_at or leaver.recorded_at or now
        if told is not None and told != known:
            raise UnlawfulHandoverError(
                "departed_before",
                Text(
                    zh=f"离职已登记（{known.isoformat()}），不能改为其他时间",
                    en=f"the departure is recorded as of {known.isoformat()}: it cannot be another moment",
                ),
            )
        return known
    moment = told or now
    if leaver.recorded_at is not None and moment < leaver.recorded_at:
        raise UnlawfulHandoverError(
            "recorded_since",
            Text(
                zh=f"该人员在 {leaver.recorded_at.isoformat()} 仍登记为在职，离职时间不能更早",
                en=f"recorded as working here at {leaver.recorded_at.isoformat()}: the departure cannot be earlier",
            ),
        )
    return moment


def given(desk: Desk, customer_id: str, receiver: str, cause: Event, terms: Terms) -> Outgoing:
    """The customer, stated to be the receiver's, and what the others are told of it."""
    customer = desk.customer(customer_id)
    statement = stated_after(desk.statements.get(customer_id, {}).get("rep"), receiver, cause.time.astimezone(UTC))
    fresh = {"rep": statement}
    desk.put_statements(customer_id, fresh)
    theirs = desk.holdings.get(customer_id, {})
    desk.put_holding(customer_id, receiver, named(theirs.get(receiver), statement.stated_at))
    profile = as_stated(desk, customer_id, with_statements(customer.profile, fresh), terms)
    accepted = accept(desk, customer, customer.trade, profile)
    return facts.profile_recorded(accepted, cause, asked_last(desk, accepted, terms), terms)


def act_id(departure: Departure) -> str:
    return f"departure:{departure.person}:{departure.number}"


def person_file(person: str) -> str:
    """How the audit calls what was decided about a person."""
    return f"person:{person}"


def departed(gone: PersonDeparted) -> Outgoing:
    event_id = f"departed:{gone.person}:{gone.departed_at.isoformat()}"
    return Outgoing(ORGANISATION, gone.person, "person.departed", event_id, gone)


def handed_over(departure: Departure, receivers: Sequence[str]) -> Outgoing:
    data = CustomersHandedOver(
        handover_id=act_id(departure),
        person=departure.person,
        handed_over_at=departure.decided_at,
        by=departure.decided_by,
        customers=departure.customers,
        receivers=tuple(
            TakenOver(person=person, customers=number) for person, number in sorted(Counter(receivers).items())
        ),
    )
    return Outgoing(ORGANISATION, departure.person, "customers.handed_over", act_id(departure), data)
