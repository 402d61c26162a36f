"""What archive's use cases need of the world; `store` and the engine provide it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from services.archive.domain.chain import Entry, Head, Link
from services.archive.domain.fines import Fine, FineState, Gap
from services.archive.domain.grants import Grant, Revocation
from services.archive.domain.people import Person
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

    async def append(self, tx: Transaction, who: Principal | None, deed: Deed) -> None: ...


class Clock(Protocol):
    """The present moment, aware UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are asked for; None is any. `since` <= at < `until`; `before` is the last page's last seq."""

    file: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class SourceCount:
    """How many entries of one action came from one service, and the last of them."""

    event_source: str
    service: str
    action: str
    entries: int
    last_seq: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class FineStanding:
    """A fine with where it stands: `step` decisions were made, the last of them as told here."""

    fine: Fine
    state: FineState
    step: int
    decided_by: str | None
    decision_reason: str | None
    decided_at: datetime | None


class Entries(Protocol):
    """The chain."""

    async def lock_head(self, tx: Transaction) -> Head: ...

    async def append(self, tx: Transaction, links: Iterable[Link], head: Head) -> None: ...

    async def begin_snapshot(self, tx: Transaction) -> Head: ...

    def pages(self, tx: Snapshot) -> AsyncIterator[Sequence[Link]]: ...

    async def search(self, tx: Transaction, filters: Filters, limit: int) -> Sequence[Entry]: ...

    async def count_sources(self, tx: Transaction) -> Sequence[SourceCount]: ...

    async def find(self, tx: Transaction, seq: int) -> Entry | None: ...

    async def find_event(self, tx: Transaction, file: str, event_id: str) -> Entry | None: ...

    async def find_version(self, tx: Transaction, file: str, upto: int) -> Entry | None: ...


class FineBook(Protocol):
    """Fines, what was decided about them, and what could not be proposed."""

    async def add_proposed(self, tx: Transaction, fines: Sequence[Fine], gaps: Sequence[Gap]) -> None: ...

    async def add_reported(self, tx: Transaction, fine: Fine) -> bool: ...

    async def find(self, tx: Transaction, fine_id: str) -> FineStanding | None: ...

    async def page(
        self, tx: Transaction, person: str | None, state: FineState | None, after: tuple[int, str] | None, limit: int
    ) -> Sequence[FineStanding]: ...

    async def add_decision(self, tx: Transaction, standing: FineStanding) -> bool: ...

    async def gaps(self, tx: Transaction, after: tuple[int, str] | None, limit: int) -> Sequence[Gap]: ...


class GrantBook(Protocol):
    """Grants, each revoked at most once."""

    async def add(self, tx: Transaction, grant: Grant) -> None: ...

    async def revoke(self, tx: Transaction, revocation: Revocation) -> str | None: ...

    async def exists(self, tx: Transaction, grant_id: str) -> bool: ...


class People(Protocol):
    """Archive's copy of the organisation."""

    async def lock(self, tx: Transaction, persons: Collection[str]) -> Mapping[str, Person]: ...

    async def find(self, tx: Transaction, persons: Collection[str]) -> Mapping[str, Person]: ...

    async def save(self, tx: Transaction, people: Iterable[Person]) -> None: ...
