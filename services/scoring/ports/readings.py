"""What answers for levels, and for those that nobody has decided."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from services.scoring.domain.customers import Tier
from services.scoring.domain.flows import Flow
from services.scoring.domain.foresight import Standing
from services.scoring.domain.ranking import Scores
from services.scoring.ports.levels import Board, Saved
from services.scoring.ports.world import Snapshot
from shared.contracts.tiers import Explanation
from shared.engine.model import Transaction
from shared.policy.model import Policy


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


class Prospects(Readings, Protocol):
    """What answers for levels that nobody has decided."""

    async def freeze(self, tx: Transaction) -> None:
        """Let `tx` see one moment to its end, and write nothing."""
        ...

    def standings(self, tx: Transaction, day: date, policy: Policy) -> AsyncGenerator[Sequence[Standing]]:
        """Everybody, in no order, as of `day` under `policy`."""
        ...
