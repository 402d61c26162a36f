"""What the use cases need of the world; `store` and the engine provide it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple, Protocol

from services.scoring.domain.analyses.figures import Dimension, Loyalty, Move, Pair, Period, SalesBy
from services.scoring.domain.analyses.outlook import Forecast, Past, Promising
from services.scoring.domain.analyses.promotion import Goods, Window
from services.scoring.domain.customers import Customer, Entry, Facts, Tier
from services.scoring.domain.decisions import Circumstances
from services.scoring.domain.flows import Flow
from services.scoring.domain.foresight import Standing
from services.scoring.domain.lapse import Trade
from services.scoring.domain.markets import Markets
from services.scoring.domain.outlook import Fall
from services.scoring.domain.places import Place
from services.scoring.domain.potential.assessing import Assessment, Lack, Prospect
from services.scoring.domain.potential.customs import Import
from services.scoring.domain.potential.matching import Article
from services.scoring.domain.ranking import Scores
from services.scoring.domain.scores.traits import Traits
from services.scoring.domain.succession import PolicyVersion
from shared.audit import Deed
from shared.contracts.customers import CustomerFacts, EntryLine
from shared.contracts.tiers import Explanation, TierChanged
from shared.contracts.types import CustomerClass, Level, Potential
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal
from shared.policy.model import Policy, Regions
from shared.policy.scores import Scores as ScorePolicy
from shared.words import Text

Key = tuple[str, str]
"""A customer's id and that of one of its entries."""


class Snapshot(Transaction, Protocol):
    """A transaction that can also read a result in constant memory."""

    def stream(self, query: str, *args: Any, prefetch: int = ...) -> AsyncIterator[Any]: ...


class Database(Protocol):
    """Opens transactions: committed on leaving, rolled back on an exception."""

    def transaction(self) -> AbstractAsyncContextManager[Snapshot]: ...


class Publisher(Protocol):
    """The outbox: what is appended is sent if and only if the transaction commits."""

    async def append(self, tx: Transaction, outgoings: Sequence[Outgoing], *, now: datetime) -> None: ...


class Lease(Protocol):
    """Who alone may decide levels."""

    @property
    def held(self) -> bool: ...

    async def check(self, tx: Transaction) -> None:
        """Raise unless this process holds the lease until `tx` ends."""
        ...


class Clock(Protocol):
    """The present moment, aware UTC, and the business date."""

    def now(self) -> datetime: ...

    def today(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What a use case needs that opens its own transactions."""

    database: Database
    outbox: Publisher
    clock: Clock


class Board(NamedTuple):
    """What the tables stand for: levels as of `day` under the policy with `policy_digest`.

    `revision` grows with every transaction that decides, so that whoever kept a copy can tell whether it is current;
    it numbers the settlings that decisions were held against. `decided_under` is the digest of the policy under which
    everybody has been decided: the one before, until a new policy has come to the last customer.
    """

    day: date
    revision: int
    policy_digest: str
    decided_under: str


class Saved(NamedTuple):
    """A customer's row to be written: new facts, and the level with the count and the date of its decision."""

    customer_id: str
    facts: Facts
    level: Level
    sequence: int
    since: date


class Lot(NamedTuple):
    """Some of all customers: contract customers as the ranking takes them, and the others."""

    traded: Sequence[Place]
    others: Sequence[Customer]


class Told(NamedTuple):
    """A decision for the history, with the number of the settling that it was held against."""

    change: TierChanged
    settling: int


class Stay(NamedTuple):
    """A customer's stay at a level, since one and the same last order: a fall from it is told once."""

    customer_id: str
    sequence: int
    last_order_on: date


@dataclass(frozen=True, slots=True)
class Foretold:
    """A fall as it was told; `why` says what would keep the level, in `currency`."""

    fall: Fall
    foreseen_on: date
    policy_version: str
    currency: str
    why: Text


class Counted(NamedTuple):
    """One customer's share of what leaves the window: orders, and M in atoms."""

    customer_id: str
    orders: int
    amount: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision of the history; `before` is None for a customer's first."""

    customer_id: str
    sequence: int
    before: Tier | None
    tier: Tier
    since: date
    decided_at: datetime
    policy_version: str
    why: Explanation


class Ranked(NamedTuple):
    """A customer by the full SQL computation, and as it was decided; `scores` are None where it is not ranked."""

    customer_id: str
    tier: Tier
    decided: Tier
    scores: Scores | None
    population: int
    key_size: int


class Wanted(NamedTuple):
    """Whose standing is asked for; None: everybody's. `best`: the first so many of the market, or of each."""

    customers: Collection[str] | None = None
    best: int | None = None
    market: str | None = None


EVERYBODY = Wanted()


class ScoringStore(Protocol):
    """Facts, entries, levels and their history."""

    async def lock_board(self, tx: Transaction, today: date, policy_digest: str) -> Board:
        """The board, locked until `tx` ends: decisions are taken one transaction after another.

        The first time it is set to `today` and the policy.
        """
        ...

    async def move_board(self, tx: Transaction, board: Board) -> None: ...

    def standings(self, tx: Transaction, window_opens: date) -> AsyncGenerator[Lot]:
        """Everybody, in no order, with F and M after `window_opens`."""
        ...

    async def load_customers(
        self, tx: Transaction, customers: Collection[str], window_opens: date
    ) -> Mapping[str, Customer]: ...

    async def load_entries(self, tx: Transaction, keys: Collection[Key]) -> dict[Key, Entry]: ...

    async def set_markets(self, tx: Transaction, markets: Markets) -> None:
        """Let everybody be of the market that another policy gives them."""
        ...

    async def page_expired(self, tx: Transaction, dated: date, after: str, limit: int) -> Sequence[Counted]:
        """What the entries of a day added, by customer, in order of their ids' bytes."""
        ...

    async def save_customers(self, tx: Transaction, customers: Collection[Saved]) -> None: ...

    async def save_trades(self, tx: Transaction, customers: Collection[tuple[str, int, date | None]]) -> None:
        """Write version and last order of customers of whom nothing else is new."""
        ...

    async def save_levels(self, tx: Transaction, customers: Collection[Saved]) -> None:
        """Write level, sequence and date of customers whose facts stay as they are."""
        ...

    async def note_unassessed(self, tx: Transaction, customers: Collection[str]) -> None:
        """Have these customers' potential computed anew."""
        ...

    async def save_entries(self, tx: Transaction, entries: Mapping[Key, Entry]) -> None: ...

    async def save_lines(self, tx: Transaction, lines: Mapping[Key, Sequence[EntryLine]]) -> None:
        """Write the articles of entries, in the place of all that these had before."""
        ...

    async def save_details(self, tx: Transaction, facts: Collection[CustomerFacts], day: date) -> None:
        """Write what analyses and scores need of customers, and levels do not."""
        ...

    async def add_history(
        self, tx: Transaction, decisions: Collection[Told], settlings: Mapping[int, Circumstances]
    ) -> None:
        """Add decisions, and what they were held against by the number of each settling."""
        ...


class AnalysisStore(Protocol):
    """Sums and counts over all that is kept, of one moment per transaction."""

    async def begin(self, tx: Transaction) -> None:
        """Let all that `tx` reads be of one moment; before anything else."""
        ...

    async def take_time(self, tx: Transaction) -> None:
        """Let `tx` last as long as it takes; each of its statements is limited still."""
        ...

    async def sales(self, tx: Transaction, by: Dimension, period: Period, limit: int, regions: Regions) -> SalesBy: ...

    async def loyalty(self, tx: Transaction, period: Period, months: int) -> Loyalty: ...

    async def flows(self, tx: Transaction, period: Period) -> Sequence[Move]:
        """From the day before the period to its last."""
        ...

    async def pasts(self, tx: Transaction, today: date) -> Sequence[Past]: ...

    async def with_pasts(
        self, tx: Transaction, today: date, found: Sequence[Forecast], department: str | None, limit: int
    ) -> Sequence[Promising]:
        """The first `limit` customers with these pasts, in their order, of one department (None: of all)."""
        ...

    async def pairs(
        self, tx: Transaction, period: Period, least_support: Decimal, limit: int, *, by_customer: bool
    ) -> Sequence[Pair]: ...

    async def first_day(self, tx: Transaction) -> date | None:
        """The day of the first counting order."""
        ...

    async def windows(
        self, tx: Transaction, period: Period, ordinary: int, until: date, goods: Goods
    ) -> Mapping[int, Window]:
        """By number what was bought in the period (0), in `ordinary` ones before it (-1 …) and after it, to `until`.

        Of those only who were customers before all of these; a period in which they bought nothing is left out.
        """
        ...

    async def known(self, tx: Transaction, opens: date, period: Period) -> tuple[int, int]:
        """How many were customers before `opens`, and how many became so in the period."""
        ...


class Trades(Protocol):
    """What is known of one customer's trade and file."""

    async def trade(self, tx: Transaction, customer_id: str, after: date) -> Trade:
        """Everything dated after a day, in order of time."""
        ...


class Falls(Protocol):
    """What was told of falls ahead."""

    async def told(self, tx: Transaction, stays: Collection[Stay]) -> set[Stay]:
        """Those of `stays` whose end was told."""
        ...

    async def add(self, tx: Transaction, falls: Collection[Foretold]) -> None: ...

    async def page(self, tx: Transaction, day: date, rep: str | None, after: str, limit: int) -> Sequence[Foretold]:
        """What lies ahead of `day` still, of a rep's customers (None: anybody's), in order of their ids' bytes."""
        ...


class Readings(Protocol):
    """What answers for levels."""

    async def read_board(self, tx: Transaction) -> Board | None:
        """None before the first decision."""
        ...

    async def find(self, tx: Transaction, customers: Collection[str]) -> Mapping[str, Saved]: ...

    async def page(
        self, tx: Transaction, customer_class: str | None, level: str | None, after: str, limit: int
    ) -> Sequence[Saved]:
        """Customers in order of their ids' bytes, `after` excluded."""
        ...

    async def count(self, tx: Transaction) -> Mapping[Tier, int]:
        """Customers per class and level."""
        ...

    async def flows(self, tx: Transaction, until: date) -> Sequence[Flow]:
        """Who entered and left the levels, day by day, up to `until`."""
        ...

    async def decision(self, tx: Transaction, customer_id: str, until: date | None) -> Recorded | None:
        """The newest decision taken on `until` or before."""
        ...

    async def history(self, tx: Transaction, customer_id: str, before: int | None, limit: int) -> Sequence[Recorded]:
        """Decisions, newest first, those with `before` and later sequences left out."""
        ...

    def rank(self, tx: Snapshot, today: date, policy: Policy, wanted: Wanted = EVERYBODY) -> AsyncIterator[Ranked]:
        """The standing of those who are wanted under `policy`, computed from all entries at once."""
        ...


class Trail(Protocol):
    """Notes what a person did, in the transaction that lets them do it."""

    async def append(self, tx: Transaction, who: Principal | None, deed: Deed) -> None: ...


class PolicyBook(Protocol):
    """Every policy that was ever in force, numbered without a gap."""

    async def latest(self, tx: Transaction) -> PolicyVersion | None:
        """The one that decides; None before the first start has come so far."""
        ...

    async def find(self, tx: Transaction, version: str) -> PolicyVersion | None:
        """By its name or, where no policy has such a name, by its number."""
        ...

    async def page(self, tx: Transaction, before: int | None, limit: int) -> Sequence[PolicyVersion]:
        """Newest first, those with `before` and later numbers left out."""
        ...

    async def add(self, tx: Transaction, version: PolicyVersion) -> None: ...


class Prospects(Readings, Protocol):
    """What answers for levels that nobody has decided."""

    async def freeze(self, tx: Transaction) -> None:
        """Let `tx` see one moment to its end, and write nothing."""
        ...

    def standings(self, tx: Transaction, day: date, policy: Policy) -> AsyncGenerator[Sequence[Standing]]:
        """Everybody, in no order, as of `day` under `policy`."""
        ...


class Known(NamedTuple):
    """A customer to be scored, with its level and country."""

    traits: Traits
    tier: Tier
    country: str | None


class Whom(NamedTuple):
    """Which customers: of these levels and this rep (None: any), after one in order of their ids' bytes."""

    levels: tuple[str, ...] | None = None
    rep: str | None = None
    after: str = ""


class TraitSource(Protocol):
    """What scores are made of."""

    def read(self, tx: Transaction, today: date, scores: ScorePolicy, whom: Whom) -> AsyncIterator[Known]:
        """Customers in order of their ids' bytes."""
        ...


Reason = Literal["facts", "lists", "policy", "day"]
"""What made an assessment old."""


class Basis(NamedTuple):
    """What assessments are made from besides facts: the digest of the policy's rules, revisions of the lists."""

    rules: str
    catalogue: int
    customs: int


class Unassessed(NamedTuple):
    """A potential customer to be assessed, as of `version` of its facts; None for one that is none (any more)."""

    customer_id: str
    reason: Reason
    version: int
    prospect: Prospect | None


class Computed(NamedTuple):
    """What was computed last of a customer as of `version`; `judged`: a person's judgement prevails."""

    version: int
    customer_class: CustomerClass
    judged: bool
    computed: Potential | None


@dataclass(frozen=True, slots=True)
class PotentialFound:
    """A customer's potential: the level, what a person judged, what was computed, and from what (None: not yet)."""

    customer_id: str
    tier: Tier
    judged: Potential | None
    computed: Potential | None
    assessment: Assessment | None
    assessed_on: date | None


class PotentialStore(Protocol):
    """What potential customers are judged by, and what it came to (K5)."""

    async def revisions(self, tx: Transaction) -> tuple[int, int]:
        """How often the catalogue and the customs list were imported."""
        ...

    async def articles(self, tx: Transaction) -> Sequence[Article]: ...

    async def note_outdated(self, tx: Transaction, basis: Basis, today: date) -> None:
        """Have everybody assessed anew whose assessment has another basis, or no longer holds."""
        ...

    async def page_unassessed(self, tx: Transaction, limit: int) -> Sequence[Unassessed]: ...

    async def find_imports(
        self, tx: Transaction, importers: Collection[Key], since: date
    ) -> Mapping[Key, Sequence[Import]]:
        """Customs records by country and compared name, the newest of each first."""
        ...

    async def computed(self, tx: Transaction, customers: Collection[str]) -> Mapping[str, Computed]: ...

    async def save(
        self, tx: Transaction, basis: Basis, today: date, assessed: Mapping[str, tuple[int, Assessment]]
    ) -> None:
        """Write assessments with the versions of the facts they are of, and what they come to."""
        ...

    async def drop_unassessed(self, tx: Transaction, customers: Collection[str]) -> None: ...

    async def find(self, tx: Transaction, customer_id: str) -> PotentialFound | None: ...

    async def lacks(self, tx: Transaction, customers: Collection[str]) -> Mapping[str, Sequence[Lack]]:
        """What the assessments of potential customers lacked."""
        ...

    async def replace_catalogue(self, tx: Transaction, articles: Collection[Article]) -> None: ...

    async def add_imports(self, tx: Transaction, records: Collection[Import]) -> int:
        """How many of them were not known."""
        ...

    async def move_list(self, tx: Transaction, name: Literal["catalogue", "customs"], now: datetime, who: str) -> None:
        """Note that a list is another one now; holds it until `tx` ends."""
        ...
