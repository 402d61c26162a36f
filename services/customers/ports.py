"""What the use cases need from outside: the rows of their customers, and the copies of others' facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from services.customers.domain.access import Grant, Horizon, Readable, Reader
from services.customers.domain.activities import Contact, Inquiry
from services.customers.domain.copies import CustomerLevel, GrantCopy, Person
from services.customers.domain.customer import Customer
from services.customers.domain.departure import Departure, Handed, Held, Received
from services.customers.domain.documents import Payment, Return
from services.customers.domain.files import CustomerFile, CustomerHead
from services.customers.domain.matters import FaultyReturn, ShowroomSale, merge
from services.customers.domain.orders import Order
from services.customers.domain.profile import Stated
from services.customers.domain.samples import Sample
from services.customers.domain.trade import Trade
from services.customers.domain.upkeep import Holding
from shared.audit import Deed
from shared.contracts.types import CustomerClass, FileTier, Level
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal
from shared.standing import Standing

Key = tuple[str, str]
"""A customer's id and that of one of its papers or fields: ids of papers are unique per customer."""


@dataclass(slots=True)
class Wanted:
    """The rows that deciding on a batch needs; those that end in `_of` are customers, all of theirs.

    Of each customer comes the newest inquiry too, wanted or not: what was asked last is told with every event.
    """

    customers: set[str] = field(default_factory=set)
    orders: set[Key] = field(default_factory=set)
    returns: set[Key] = field(default_factory=set)
    payments: set[Key] = field(default_factory=set)
    inquiries: set[Key] = field(default_factory=set)
    contacts: set[Key] = field(default_factory=set)
    samples_of: set[str] = field(default_factory=set)
    statements_of: set[str] = field(default_factory=set)
    holdings_of: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Changes:
    """The rows that a batch changed, as they are now; of the customers in `profiles` more than their trade did."""

    customers: dict[str, Customer] = field(default_factory=dict)
    profiles: set[str] = field(default_factory=set)
    orders: dict[Key, Order] = field(default_factory=dict)
    returns: dict[Key, Return] = field(default_factory=dict)
    payments: dict[Key, Payment] = field(default_factory=dict)
    inquiries: dict[Key, Inquiry] = field(default_factory=dict)
    contacts: dict[Key, Contact] = field(default_factory=dict)
    samples: dict[Key, Sample] = field(default_factory=dict)
    statements: dict[Key, Stated] = field(default_factory=dict)
    holdings: dict[Key, Holding] = field(default_factory=dict)
    sales: dict[Key, ShowroomSale] = field(default_factory=dict)
    faulty_returns: dict[Key, FaultyReturn] = field(default_factory=dict)


@dataclass(slots=True)
class Desk:
    """The wanted rows as they are now, during a batch; what is not there does not exist. `stored` customers have a row.

    `elsewhere` is the trade of a customer's orders that are not on the desk, for customers where it may matter.
    """

    stored: frozenset[str] = frozenset()
    customers: dict[str, Customer] = field(default_factory=dict)
    orders: dict[str, dict[str, Order]] = field(default_factory=dict)
    returns: dict[Key, Return] = field(default_factory=dict)
    payments: dict[Key, Payment] = field(default_factory=dict)
    inquiries: dict[Key, Inquiry] = field(default_factory=dict)
    contacts: dict[Key, Contact] = field(default_factory=dict)
    samples: dict[str, dict[str, Sample]] = field(default_factory=dict)
    statements: dict[str, dict[str, Stated]] = field(default_factory=dict)
    holdings: dict[str, dict[str, Holding]] = field(default_factory=dict)
    elsewhere: dict[str, Trade] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)

    def customer(self, customer_id: str) -> Customer:
        """The customer as it is now, also one of whom nothing was heard."""
        return self.customers.get(customer_id) or Customer(customer_id)

    def order(self, customer_id: str, order_id: str) -> Order | None:
        theirs = self.orders.get(customer_id)
        return None if theirs is None else theirs.get(order_id)

    def put_customer(self, customer: Customer) -> None:
        self.customers[customer.customer_id] = self.changes.customers[customer.customer_id] = customer

    def put_order(self, order: Order) -> None:
        theirs = self.orders.get(order.customer_id)
        if theirs is None:
            theirs = self.orders[order.customer_id] = {}
        theirs[order.order_id] = self.changes.orders[order.customer_id, order.order_id] = order

    def put_sample(self, sample: Sample) -> None:
        theirs = self.samples.setdefault(sample.customer_id, {})
        theirs[sample.sample_id] = self.changes.samples[sample.customer_id, sample.sample_id] = sample

    def put_statements(self, customer_id: str, news: Mapping[str, Stated]) -> None:
        self.statements.setdefault(customer_id, {}).update(news)
        self.changes.statements.update({(customer_id, name): stated for name, stated in news.items()})

    def put_sale(self, sale: ShowroomSale) -> None:
        key, theirs = (sale.customer_id, sale.order_id), self.changes.sales
        theirs[key] = merge(theirs[key], sale) if key in theirs else sale

    def put_holding(self, customer_id: str, rep: str, holding: Holding) -> None:
        theirs = self.holdings.setdefault(customer_id, {})
        if theirs.get(rep) != holding:
            theirs[rep] = self.changes.holdings[customer_id, rep] = holding


class CustomerStore(Protocol):
    """The customers' rows, locked from `load` until the transaction ends."""

    async def load(self, tx: Transaction, wanted: Wanted) -> Desk: ...

    async def trade_elsewhere(
        self, tx: Transaction, customers: Collection[str], besides: Iterable[Key], *, from_completed: bool
    ) -> dict[str, Trade]:
        """The trade of each customer's orders `besides` those on the desk, `NO_TRADE` where there are none."""
        ...

    async def save(self, tx: Transaction, desk: Desk) -> None:
        """Write `desk.changes`; raises `CustomerAppearedError` when another transaction made a new customer first."""
        ...


@dataclass(frozen=True, slots=True)
class Retelling:
    """The next customers to be told anew, as rows wanted, and what for.

    `orders`: which of them count has changed; `profiles`: what is told besides; `recount`: what an earlier release
    did not keep is to be found in the orders.
    """

    wanted: Wanted
    orders: bool
    profiles: bool
    recount: bool = False


class RetellingStore(Protocol):
    """How far everybody has been told anew."""

    async def begin(self, tx: Transaction, *, orders: bool, profiles: bool) -> None:
        """Let everybody be told anew, from the first customer on."""
        ...

    async def next(self, tx: Transaction, limit: int) -> Retelling | None:
        """The next customers, None when nothing is left to do; another process waits until `tx` ends."""
        ...


class MatterStore(Protocol):
    """What waits to be judged (O3–O5, N8), and which breaches were told."""

    async def take_sales(self, tx: Transaction, until: datetime, limit: int) -> Sequence[ShowroomSale]:
        """Orders that are due by then, taken off the list; what another transaction takes is left to it."""
        ...

    async def take_returns(self, tx: Transaction, until: datetime, limit: int) -> Sequence[FaultyReturn]: ...

    async def orders(self, tx: Transaction, keys: Collection[Key]) -> Mapping[Key, Order]: ...

    async def fields(self, tx: Transaction, customers: Collection[str]) -> Mapping[str, Mapping[str, Stated]]:
        """What the files of these customers state, also of those of which nothing was."""
        ...

    async def named(self, tx: Transaction, names: Collection[str]) -> Mapping[str, tuple[Person, ...]]:
        """Who goes by each of the names, as an id or as a rep code."""
        ...

    async def claim(self, tx: Transaction, breaches: Collection[str], now: datetime) -> set[str]:
        """Those that were not told before, now told."""
        ...


class CustomerAppearedError(OSError):
    """A customer was new to two transactions at once: the later one tries again, as after any transient error."""


class LevelStore(Protocol):
    """Levels by customer id."""

    async def load(self, tx: Transaction, customers: Collection[str]) -> dict[str, CustomerLevel]: ...

    async def save(self, tx: Transaction, levels: Collection[CustomerLevel]) -> None: ...


class GrantStore(Protocol):
    """Copies of grants by id, and archive's last sign of life."""

    async def load(self, tx: Transaction, grants: Collection[str]) -> dict[str, GrantCopy]: ...

    async def save(self, tx: Transaction, grants: Collection[GrantCopy]) -> None: ...

    async def hear(self, tx: Transaction, at: datetime) -> None:
        """Note the newest heartbeat."""
        ...

    async def held(self, tx: Transaction, file: str, person: str, now: datetime) -> Sequence[Grant]:
        """The person's grants for exactly this file that are neither revoked nor over nor used up."""
        ...

    async def held_of(
        self, tx: Transaction, files: Sequence[str], person: str, now: datetime
    ) -> Mapping[str, Sequence[Grant]]:
        """The same of many files at once, by file."""
        ...

    async def use(self, tx: Transaction, grant_id: str) -> bool:
        """Count a reading; False where the grant was used up or revoked since it was looked at."""
        ...

    async def heard_at(self, tx: Transaction) -> datetime | None:
        """The last heartbeat; None before the first, and while some of what archive told of grants is not read."""
        ...


class PeopleStore(Protocol):
    """People by id."""

    async def load(self, tx: Transaction, people: Collection[str]) -> dict[str, Person]: ...

    async def hold(self, tx: Transaction, people: Collection[str]) -> dict[str, Person]:
        """The same, changed by nobody else before `tx` has ended."""
        ...

    async def standing(self, tx: Transaction, person: str) -> Standing | None: ...

    async def save(self, tx: Transaction, people: Collection[Person]) -> None: ...

    async def page(
        self, tx: Transaction, departments: Collection[str] | None, after: str, limit: int
    ) -> Sequence[Person]:
        """People after that id, of these departments (None: of all), by id."""
        ...

    async def holders(self, tx: Transaction, code: str) -> Collection[str]:
        """Those whose id or rep code it is."""
        ...


class DepartureStore(Protocol):
    """Who was let go, and to whom their customers went (P6)."""

    async def lock(self, tx: Transaction, person: str) -> None:
        """Let nobody else let this person go before `tx` ends."""
        ...

    async def department(self, tx: Transaction, department: str) -> Sequence[Person]: ...

    async def lock_held(self, tx: Transaction, names: Collection[str]) -> Sequence[Held]:
        """The customers that are theirs by any of these names, by id, and nobody else's to change until `tx` ends."""
        ...

    async def count_held(self, tx: Transaction, names: Collection[str]) -> int: ...

    async def add(self, tx: Transaction, departure: Departure) -> None: ...

    async def add_handed(self, tx: Transaction, departure: Departure, handed: Sequence[tuple[Held, str]]) -> None: ...

    async def of(self, tx: Transaction, person: str) -> Sequence[Departure]: ...

    async def received(self, tx: Transaction, person: str) -> Sequence[Received]: ...

    async def page(
        self, tx: Transaction, person: str, receivers: Collection[str] | None, after: tuple[int, str], limit: int
    ) -> Sequence[Handed]: ...


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search asks for; `name` is found inside names, of files that the searcher reads unasked only (A1)."""

    rep: str | None = None
    department: str | None = None
    customer_class: CustomerClass | None = None
    level: Level | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Who searches, what they may know of, what they read unasked, and the tier of files that nobody put in one."""

    reader: Reader
    horizon: Horizon
    readable: Readable
    default_tier: FileTier


class FileStore(Protocol):
    """Files as people read them."""

    async def head(self, tx: Transaction, customer_id: str) -> CustomerHead | None: ...

    async def whole(self, tx: Transaction, head: CustomerHead, *, taken_out: bool = False) -> CustomerFile:
        """The file with its newest papers; with many more of them where it is `taken_out`."""
        ...

    async def lines(self, tx: Transaction, customers: Sequence[str]) -> int:
        """How many fields, orders, contacts and inquiries their files hold together."""
        ...

    async def all_of(self, tx: Transaction, heads: Sequence[CustomerHead]) -> Sequence[CustomerFile]:
        """Their files with everything that is in them, in the same order."""
        ...

    async def search(
        self, tx: Transaction, scope: Scope, sought: Sought, *, after: str, limit: int
    ) -> Sequence[CustomerHead]:
        """Customers inside the scope's horizon, by id, after that id."""
        ...


class Transactions(Protocol):
    """Where transactions come from: committed on leaving, rolled back on an exception."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]: ...


class Publisher(Protocol):
    """What takes events into the transaction that decided them."""

    async def append(self, tx: Transaction, outgoings: Sequence[Outgoing], *, now: datetime) -> None: ...


class Trail(Protocol):
    """Notes what a person did, in the transaction that lets them do it."""

    async def append(self, tx: Transaction, who: Principal | None, deed: Deed) -> None: ...


class Clock(Protocol):
    """The present moment, aware UTC."""

    def now(self) -> datetime: ...


class Calendar(Protocol):
    """Business dates."""

    def date_of(self, moment: datetime) -> date: ...
