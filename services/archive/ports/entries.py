"""The audit chain, as use cases need it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.archive.domain.chain import Entry, Head, Link
from services.archive.ports.desk import Snapshot
from shared.engine.model import Transaction


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
