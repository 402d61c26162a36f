"""What decides levels: facts, entries, the levels decided last, and their history."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from services.scoring.domain.customers import Customer, Entry, Facts
from services.scoring.domain.decisions import Circumstances
from services.scoring.domain.markets import Markets
from services.scoring.domain.places import Place
from services.scoring.ports.world import Key
from shared.contracts.customers import CustomerFacts, EntryLine
from shared.contracts.tiers import TierChanged
from shared.contracts.types import Level
from shared.engine.model import Transaction


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


class Counted(NamedTuple):
    """One customer's share of what leaves the window: orders, and M in atoms."""

    customer_id: str
    orders: int
    amount: int


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
