"""What a service author meets of the engine: events in, decisions out, and the shape of a use case."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    # Events are refused by an exception of this module's, so neither may need the other to be there first.
    from shared.contracts.types import EventData
    from shared.engine.lease import Lease


class Refused(Exception):  # noqa: N818 - a verdict on one record, not a failure of the program
    """This record can never take effect: it goes to the dead letters, its neighbours go on.

    `code` is one word for machines (`bad_data`, `unknown_currency`), `detail` a sentence a human understands.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


# Named tuples, because these are made for every record, and a frozen class costs twice as much to make.
class Event(NamedTuple):
    """One decoded CloudEvent 1.0.

    `time` is aware UTC; `trace` a W3C traceparent; `digest` 64 signed bits over the data's canonical JSON,
    by which the inbox tells a repetition from a forgery.
    """

    id: str
    source: str
    type: str
    time: datetime
    trace: str
    data: Any
    digest: int


class Outgoing(NamedTuple):
    """One event to publish, appended to the outbox in the transaction that decided it.

    `id` must be the same when the same decision is taken again: the relay may send twice, receivers claim the id.
    `time` defaults to the batch's now, `trace` to that of the event being decided.
    """

    topic: str
    key: str
    type: str
    id: str
    data: BaseModel
    time: datetime | None = None
    trace: str | None = None


class Transaction(Protocol):
    """An open PostgreSQL transaction, as stores see it; rows answer to `row["column"]` and unpack in column order."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...

    async def fetchrow(self, query: str, *args: Any) -> Any: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...

    async def execute(self, query: str, *args: Any) -> str: ...

    async def copy_records(self, table: str, columns: Sequence[str], records: Sequence[tuple[Any, ...]]) -> None: ...

    def pages(self, query: str, *args: Any, size: int = ...) -> AsyncGenerator[Sequence[Any]]: ...


Work = TypeVar("Work")


class Handler(Protocol[Work]):
    """A use case over a batch: all that a service author writes.

    The engine has claimed the events before `load` and commits after `save`. After a rollback it starts again
    from `load`, so `work` holds everything that is not yet true.
    """

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Work:
        """Fetch, in one query per table, all that deciding on `events` needs."""
        ...

    def decide(self, work: Work, event: Event, now: datetime) -> Sequence[Outgoing]:
        """Fold one event into `work`, purely; raise `Refused` before touching it."""
        ...

    def conclude(self, work: Work, now: datetime) -> Sequence[Outgoing]:
        """Decide once for the whole batch, after its last event."""
        ...

    async def save(self, tx: Transaction, work: Work) -> None:
        """Write what changed, each table in one statement, rows sorted by key."""
        ...

    def committed(self, work: Work) -> None:
        """The batch is durable: memory kept outside `work` may follow now."""
        ...

    def rolled_back(self) -> None:
        """The batch left no trace, or its fate is unknown: memory kept outside `work` must be rebuilt."""
        ...


class BatchHandler:
    """Defaults for use cases that decide event by event and keep nothing in memory."""

    def conclude(self, work: Any, now: datetime) -> Sequence[Outgoing]:
        return ()

    def committed(self, work: Any) -> None:
        return None

    def rolled_back(self) -> None:
        return None


class Received(NamedTuple):
    """A record as the broker gave it, before anything was believed about it."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A row of a service's table of contents: these topics feed this use case.

    `max_records` bounds one poll and so one transaction; `gather_ms` lets records of busy topics gather at the broker
    for a moment, where 0 brings each at once. A subscription with `lease` set reads only while this
    process holds that lease, and then every partition (scoring: one order moves others' levels). Of event types in
    `views` the use case needs only what that model holds.
    """

    topics: Sequence[str]
    handler: Handler[Any]
    max_records: int = 1000
    lease: Lease | None = None
    gather_ms: int = 0
    views: Mapping[str, type[EventData]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A timer: `run` is awaited every `every` seconds, one run at a time, until the service stops.

    An `every` that is asked each time may change while the service runs.
    """

    name: str
    every: float | Callable[[], float]
    run: Callable[[], Awaitable[None]]
