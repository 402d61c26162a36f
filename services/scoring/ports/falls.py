"""What was told of falls ahead, and what is known of those who fell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from services.scoring.domain.lapse import Trade
from services.scoring.domain.outlook import Fall
from shared.engine.model import Transaction
from shared.words import Text


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


class Falls(Protocol):
    """What was told of falls ahead."""

    async def told(self, tx: Transaction, stays: Collection[Stay]) -> set[Stay]:
        """Those of `stays` whose end was told."""
        ...

    async def add(self, tx: Transaction, falls: Collection[Foretold]) -> None: ...

    async def page(self, tx: Transaction, day: date, rep: str | None, after: str, limit: int) -> Sequence[Foretold]:
        """What lies ahead of `day` still, of a rep's customers (None: anybody's), in order of their ids' bytes."""
        ...


class Trades(Protocol):
    """What is known of one customer's trade and file."""

    async def trade(self, tx: Transaction, customer_id: str, after: date) -> Trade:
        """Everything dated after a day, in order of time."""
        ...
