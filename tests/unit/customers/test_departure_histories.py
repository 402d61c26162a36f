"""P6 over whole histories: orders, statements, people who come and go, and departures in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.customers.domain.copies import Person
from services.customers.domain.departure import (
    Departure,
    Evenly,
    Handed,
    Held,
    Received,
    ToEach,
    ToOne,
    UnlawfulHandoverError,
)
from services.customers.ports import FileStore, PeopleStore
from services.customers.usecases.departing import Leaving, LetGo
from services.customers.usecases.reception import NotAllowedError, Reception
from services.customers.usecases.record_trade import RecordTrade
from shared.audit import Deed
from shared.clock import FrozenClock
from shared.contracts.activities import CustomerProfiled, ProfileFields
from shared.contracts.orders import OrderPlaced
from shared.engine.model import Event, Outgoing, Transaction
from shared.identity import Principal
from shared.roles import Role
from tests.in_force import always
from tests.unit.customers.memory import MemoryStore
from tests.unit.customers.strategies import event, terms

NOW = datetime(2024, 6, 1, tzinfo=UTC)
REPS = ("ann", "bob", "eve")
CODES = {"ann": "rep-1", "bob": "rep-2", "eve": "eve"}
CUSTOMERS = tuple(f"C-{n}" for n in range(6))
IN_MEMORY = cast("Transaction", None)


class Office:
    """People, transactions, outbox and audit in memory, and the departures: what LetGo needs besides customers."""

    def __init__(self, store: MemoryStore) -> None:
        self.rows = store.rows
        self.staff: dict[str, Person] = {}
        self.sent: list[Outgoing] = []
        self.deeds: list[Deed] = []
        self.departures: list[Departure] = []
        self.handed: list[tuple[Departure, Held, str]] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        yield IN_MEMORY

    async def append(self, tx: Any, what: Any, deed: Deed | None = None, *, now: datetime | None = None) -> None:
        if deed is None:
            self.sent.extend(what)
        else:
            self.deeds.append(deed)

    async def load(self, tx: Any, people: Collection[str]) -> dict[str, Person]:
        return {name: self.staff[name] for name in people if name in self.staff}

    async def save(self, tx: Any, people: Collection[Person]) -> None:
        self.staff.update({person.person: person for person in people})

    async def lock(self, tx: Any, person: str) -> None:
        return None

    async def department(self, tx: Any, department: str) -> Sequence[Person]:
        return [person for person in self.staff.values() if person.department == department]

    async def lock_held(self, tx: Any, names: Collection[str]) -> Sequence[Held]:
        return [
            Held(customer.customer_id, customer.rep, customer.trade.orders)
            for _, customer in sorted(self.rows.customers.items())
            if customer.rep is not None and customer.rep in names
        ]

    async def count_held(self, tx: Any, names: Collection[str]) -> int:
        return len(await self.lock_held(tx, names))

    async def add(self, tx: Any, departure: Departure) -> None:
        self.departures.append(departure)

    async def add_handed(self, tx: Any, departure: Departure, handed: Sequence[tuple[Held, str]]) -> None:
        self.handed += [(departure, held, receiver) for held, receiver in handed]

    async def of(self, tx: Any, person: str) -> Sequence[Departure]:
        return [departure for departure in self.departures if departure.person == person]

    async def received(self, tx: Any, person: str) -> Sequence[Received]:
        return []

    async def page(
        self, tx: Any, person: str, receivers: Collection[str] | None, after: tuple[int, str], limit: int
    ) -> Sequence[Handed]:
        return []


class Departures(RuleBasedStateMachine):
    """Customers come by orders and statements; people are let go, come back, and are let go again."""

    @initialize()
    def begin(self) -> None:
        rules = terms()
        self.clock = FrozenClock(NOW)
        self.store = MemoryStore(rules)
        self.office = Office(self.store)
        self.record = RecordTrade(store=self.store, terms=always(rules))
        self.published: Counter[str] = Counter()
        self.orders = 0
        reception = Reception(
            database=self.office,
            files=cast("FileStore", None),
            people=cast("PeopleStore", self.office),
            publisher=self.office,
            trail=self.office,
            clock=self.clock,
            terms=always(rules),
            new_id=lambda: "unused",
        )
        self.let_go = LetGo(reception, self.store, self.office, at_once=2)
        for name in REPS:
            self.office.staff[name] = Person(name, NOW - timedelta(days=9), Role.REP, "field", None, CODES[name])

    def tell(self, one: Event) -> None:
        async def run() -> list[Outgoing]:
            work = await self.record.load(IN_MEMORY, [one])
            told = list(self.record.decide(work, one, self.clock.now()))
            await self.record.save(IN_MEMORY, work)
            return told

        self.office.sent += asyncio.run(run())

    @rule(customer=st.sampled_from(CUSTOMERS), seller=st.sampled_from(REPS))
    def order(self, customer: str, seller: str) -> None:
        """Also of somebody who left, told late."""
        self.orders += 1
        placed = OrderPlaced(order_id=f"SO-{self.orders}", customer_id=customer, amount=Decimal(1), currency="CNY",
                             placed_at=self.clock.now(), sold_by=CODES[seller])  # fmt: skip
        self.tell(event("order.placed", placed))

    @rule(customer=st.sampled_from(CUSTOMERS), rep=st.sampled_from(REPS), hours=st.integers(-5, 5))
    def state(self, customer: str, rep: str, hours: int) -> None:
        """From a CRM whose clock may be ahead or behind."""
        at = self.clock.now() + timedelta(hours=hours)
        fields = ProfileFields(rep=CODES[rep])
        self.tell(event("customer.profiled", CustomerProfiled(customer_id=customer, profiled_at=at, fields=fields)))

    @rule(minutes=st.integers(1, 600))
    def wait(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule(person=st.sampled_from(REPS))
    def come_back(self, person: str) -> None:
        self.clock.advance(timedelta(minutes=1))
        self.office.staff[person] = self.office.staff[person]._replace(recorded_at=self.clock.now())

    @rule(
        person=st.sampled_from(REPS),
        by=st.sampled_from(["mia", *REPS]),
        role=st.sampled_from([Role.DEPARTMENT_MANAGER, Role.GM, Role.HR]),
        way=st.one_of(
            st.none(), st.sampled_from(REPS).map(ToOne), st.just(Evenly()),
            st.dictionaries(st.sampled_from(CUSTOMERS), st.sampled_from(REPS)).map(ToEach),
        ),
        twice=st.booleans(),
    )  # fmt: skip
    def depart(self, person: str, by: str, role: Role, way: Any, twice: bool) -> None:
        before = self.picture()
        there = {name: self.office.staff[name].works_here() for name in REPS}
        who = Principal(by, role, "field")
        try:
            standing = asyncio.run(self.let_go(who, person, Leaving("r", way=way)))
        except (NotAllowedError, UnlawfulHandoverError):
            assert self.picture() == before, "what is refused changes nothing"
            return
        assert by != person, "nobody lets themselves go"
        assert by not in there or there[by], "who left does nothing"
        assert role is not Role.HR or way is None, "human resources hand nothing over"
        assert not self.office.staff[person].works_here()
        if way is None:
            assert self.holders() == before[0]
        else:
            assert standing.remaining == 0
            moved = {key: rep for key, rep in self.holders().items() if rep != before[0][key]}
            assert set(moved) == {key for key, rep in before[0].items() if rep == CODES[person]}
            receivers = {name for name in REPS if CODES[name] in moved.values()}
            assert person not in receivers
            assert all(there[name] for name in receivers), "who left takes over nobody"
        if twice:
            after = self.picture()
            asyncio.run(self.let_go(who, person, Leaving("r", way=None if way is None else Evenly())))
            assert self.picture() == after, "done once"

    def holders(self) -> dict[str, str | None]:
        return {key: customer.rep for key, customer in self.store.rows.customers.items()}

    def picture(self) -> tuple[dict[str, str | None], int, int, int]:
        office = self.office
        return self.holders(), len(office.sent), len(office.departures), len(office.handed)

    @invariant()
    def each_version_is_told_once(self) -> None:
        """Every customer's versions on the wire are 1, 2, 3 …, and the last tells the holder that there is."""
        told = [outgoing for outgoing in self.office.sent if outgoing.topic == "customers.v1"]
        for key, customer in self.store.rows.customers.items():
            mine = [outgoing.data for outgoing in told if outgoing.key == key]
            assert [data.version for data in mine] == list(range(1, customer.version + 1))  # type: ignore[attr-defined]
            assert mine[-1].rep == customer.rep  # type: ignore[attr-defined]

    @invariant()
    def what_was_handed_over_adds_up(self) -> None:
        """The acts' own numbers, their rows, and what the organisation was told are the same."""
        counts = Counter((departure.person, departure.number) for departure, _, _ in self.office.handed)
        for departure in self.office.departures:
            assert counts[departure.person, departure.number] == departure.customers
            assert departure.decided_by != departure.person
        ids = [o.id for o in self.office.sent if o.type == "customers.handed_over"]
        assert len(ids) == len(set(ids))


TestDepartures = Departures.TestCase
TestDepartures.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
