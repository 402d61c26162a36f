"""The life of records, as use cases need it: terms, holds, what is due, destructions and their register."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from services.archive.domain.destruction import Destruction, Step
from services.archive.domain.files import Record
from services.archive.domain.seasons import Due, DueState
from shared.engine.model import Transaction


class Hold(NamedTuple):
    """Records that are frozen for a matter, until it is lifted."""

    hold_id: str
    matter: str
    set_by: str
    set_at: datetime
    reason: str
    lifted_by: str | None
    lifted_at: datetime | None
    lift_reason: str | None
    records: tuple[str, ...]


class Content(NamedTuple):
    """An attachment: what it was, by the hash of what it said, and where its bytes lie."""

    attachment_id: str
    record: str
    section: str
    name: str
    media_type: str
    size: int
    sha256: str
    object_key: str


class Line(NamedTuple):
    """A line of the register: what was destroyed, on whose word and in front of whom."""

    record: Record
    destruction_id: str
    kept_until: date
    attachments: tuple[Content, ...]
    reason: str
    requested_by: str
    approved_by: str
    witness: str
    attested_at: datetime
    executed_by: str
    destroyed_at: datetime
    destroyed_on: date


class Registered(NamedTuple):
    """A line of the register as it stands there; `attachments` is JSON."""

    number: int
    record: str
    destruction_id: str
    title: str
    rank: str
    department: str | None
    record_class: str
    period: str | None
    filed_by: str
    filed_at: datetime
    kept_until: date
    attachments: str
    reason: str
    requested_by: str
    approved_by: str
    witness: str
    attested_at: datetime
    executed_by: str
    destroyed_at: datetime


class LifeBook(Protocol):
    """How long records are kept, and what is frozen."""

    async def lock(self, tx: Transaction, records: Collection[str]) -> Sequence[Record]:
        """Those that exist, by id, nobody else's to decide about until `tx` ends."""
        ...

    async def expiring(
        self, tx: Transaction, before: date, after: tuple[date, str], limit: int
    ) -> Sequence[Record]: ...

    async def extend(  # noqa: PLR0913, PLR0917 - a row
        self, tx: Transaction, record: str, until: date | None, by: str, at: datetime, reason: str
    ) -> None: ...

    async def add_hold(self, tx: Transaction, hold: Hold) -> None: ...

    async def lift(self, tx: Transaction, hold_id: str, by: str, at: datetime, reason: str) -> bool: ...

    async def find_hold(self, tx: Transaction, hold_id: str) -> Hold | None: ...

    async def holds(
        self, tx: Transaction, record: str | None, *, standing: bool, after: str, limit: int
    ) -> Sequence[Hold]: ...


class FilingBook(Protocol):
    """What is due from whom each season."""

    async def add(self, tx: Transaction, dues: Collection[Due]) -> None: ...

    async def states(
        self, tx: Transaction, period: str | None, department: str | None, since: date
    ) -> Sequence[DueState]: ...

    async def find(self, tx: Transaction, period: str, department: str, record_class: str) -> Due | None: ...

    async def declare_nothing(self, tx: Transaction, due: Due, by: str, at: datetime, reason: str) -> bool: ...

    async def asked(self, tx: Transaction) -> Collection[str]:
        """Subjects of tasks that are still open."""
        ...


class DestructionBook(Protocol):
    """Requests, steps, the register, and what is still to be deleted from the store."""

    async def add(self, tx: Transaction, destruction: Destruction) -> None: ...

    async def find(self, tx: Transaction, destruction_id: str) -> Destruction | None: ...

    async def about(self, tx: Transaction, records: Collection[str]) -> Sequence[Destruction]: ...

    async def page(self, tx: Transaction, witness: str | None, after: str, limit: int) -> Sequence[Destruction]: ...

    async def add_step(self, tx: Transaction, destruction: Destruction, step: Step) -> bool: ...

    async def contents(self, tx: Transaction, records: Collection[str]) -> Sequence[Content]: ...

    async def added_since(self, tx: Transaction, records: Collection[str], moment: datetime) -> bool: ...

    async def register(self, tx: Transaction, lines: Sequence[Line]) -> None:
        """Enter them, let go of the keys, and doom the objects."""
        ...

    async def revoke_grants(
        self, tx: Transaction, files: Collection[str], now: datetime, by: str, reason: str
    ) -> Sequence[tuple[str, str]]:
        """End the grants of these files; each by its id and file."""
        ...

    async def registered(self, tx: Transaction, after: int, limit: int) -> Sequence[Registered]: ...

    async def doomed(self, tx: Transaction, limit: int) -> Sequence[str]: ...

    async def gone(self, tx: Transaction, object_key: str, now: datetime) -> None: ...
