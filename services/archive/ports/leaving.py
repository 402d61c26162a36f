"""Who left, as use cases need it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from shared.engine.model import Transaction


class Leaver(NamedTuple):
    """Somebody who left, and when."""

    person: str
    departed_at: datetime


class HandedOver(NamedTuple):
    """All customers of somebody who left went to others; `receivers` is how many to whom."""

    handover_id: str
    person: str
    handed_over_at: datetime
    handed_by: str
    customers: int
    receivers: Mapping[str, int]


class Leaving(NamedTuple):
    """Where a leaving stands; the review is the newest."""

    person: str
    departed_at: datetime
    department: str | None
    settled_at: datetime | None
    handed_over_at: datetime | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    finding: str | None
    remark: str | None


class DeedCount(NamedTuple):
    """How often somebody did something, on how many files, and how often on the strength of a grant."""

    action: str
    outcome: str
    times: int
    files: int
    by_grant: int
    last_at: datetime


class LeavingBook(Protocol):
    """Leavings, hand-overs and reviews."""

    async def note(self, tx: Transaction, leavers: Collection[Leaver], handed: Collection[HandedOver]) -> None: ...

    async def next(self, tx: Transaction) -> Leaver | None:
        """Somebody to be settled, nobody else's to settle until `tx` ends."""
        ...

    async def settle(self, tx: Transaction, leaver: Leaver, now: datetime) -> None: ...

    async def next_handover(self, tx: Transaction) -> HandedOver | None: ...

    async def settle_handover(self, tx: Transaction, handed: HandedOver, now: datetime) -> None: ...

    async def revoke_grants(
        self, tx: Transaction, person: str, now: datetime, by: str, reason: str
    ) -> Sequence[tuple[str, str]]:
        """End the person's grants; each by its id and file."""
        ...

    async def clear_tasks(self, tx: Transaction, person: str, now: datetime) -> Sequence[str]: ...

    async def handed_over(self, tx: Transaction, leaver: Leaver) -> bool: ...

    async def page(
        self,
        tx: Transaction,
        department: str | None,
        person: str | None,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[Leaving]: ...

    async def deeds(self, tx: Transaction, person: str, since: datetime, until: datetime) -> Sequence[DeedCount]: ...

    async def review(  # noqa: PLR0913, PLR0917 - a row
        self, tx: Transaction, leaver: Leaver, by: str, at: datetime, finding: str, remark: str
    ) -> None: ...
