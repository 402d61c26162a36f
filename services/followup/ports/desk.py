"""What every use case needs that opens its own transactions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from shared.engine.model import Outgoing, Transaction


class Database(Protocol):
    """Opens transactions: committed on leaving, rolled back on an exception."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]: ...


class Publisher(Protocol):
    """The outbox: what is appended is sent if and only if the transaction commits."""

    async def append(self, tx: Transaction, outgoings: Sequence[Outgoing], *, now: datetime) -> None: ...


class Clock(Protocol):
    """The present moment, aware UTC, and the business date."""

    def now(self) -> datetime: ...

    def today(self) -> date: ...

    def date_of(self, moment: datetime) -> date: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What a use case needs that opens its own transactions."""

    database: Database
    outbox: Publisher
    clock: Clock
