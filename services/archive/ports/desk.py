"""What every use case needs that opens its own transactions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from shared.audit import Deed
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal


class Snapshot(Transaction, Protocol):
    """A transaction that can also read a table in constant memory."""

    def stream(self, query: str, *args: Any, prefetch: int = ...) -> AsyncIterator[Any]: ...


class Database(Protocol):
    """Opens transactions: committed on leaving, rolled back on an exception."""

    def transaction(self) -> AbstractAsyncContextManager[Snapshot]: ...


class Publisher(Protocol):
    """The outbox: what is appended is sent if and only if the transaction commits."""

    async def append(self, tx: Transaction, outgoings: Sequence[Outgoing], *, now: datetime) -> None: ...


class Trail(Protocol):
    """Notes what a person did, in the transaction that lets them do it."""

    async def append(
        self, tx: Transaction, who: Principal | None, deed: Deed, *, station: str | None = None
    ) -> None: ...


class Clock(Protocol):
    """The present moment, aware UTC, business dates and the zone of the business."""

    @property
    def zone(self) -> ZoneInfo: ...

    def now(self) -> datetime: ...

    def date_of(self, moment: datetime) -> date: ...
