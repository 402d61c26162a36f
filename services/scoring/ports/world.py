"""The world around a use case: transactions, the outbox, the lease, time, the audit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from shared.audit import Deed
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal

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


class Trail(Protocol):
    """Notes what a person did, in the transaction that lets them do it."""

    async def append(self, tx: Transaction, who: Principal | None, deed: Deed) -> None: ...
