"""Who is away, as use cases need it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from services.followup.domain.leave import Leave, Leaves, Left
from services.followup.domain.people import Scope
from shared.engine.model import Transaction


class LeaveFilters(NamedTuple):
    """Which leaves: those not over on `day`, of some names or of everybody, after a leave's last day and id."""

    day: date
    names: frozenset[str] | None = None
    after: tuple[date, str] = (date.min, "")


class LeaveStore(Protocol):
    """Leave of everybody, whichever name of theirs is asked for."""

    async def record(self, tx: Transaction, leaves: Iterable[Leave]) -> None:
        """Keep leaves; one that was cancelled stays so, whichever event came first."""
        ...

    async def cancel(self, tx: Transaction, persons: Mapping[str, str]) -> None:
        """Cancel leaves, by id with the person whose they are."""
        ...

    async def of(self, tx: Transaction, names: Collection[str], first: date, last: date) -> Leaves:
        """The leaves between two days of those who go by these names, and of their deputies, by name."""
        ...

    async def days_off(
        self, tx: Transaction, reps: Collection[str], first: date, last: date
    ) -> Mapping[str, frozenset[date]]:
        """The days from `first` to `last` on which each of `reps` is away, by the name given."""
        ...

    async def away_on(self, tx: Transaction, day: date) -> frozenset[str]:
        """Persons on leave on a day."""
        ...

    async def names_away(self, tx: Transaction, day: date) -> frozenset[str]:
        """All names, ids and rep codes, of those on leave on a day."""
        ...

    async def claim_left(self, tx: Transaction, names: Collection[str], day: date, limit: int) -> Sequence[Left]:
        """Reminders on these reps' lists up to a day, of those nobody else holds, locked until `tx` ends."""
        ...

    async def move(self, tx: Transaction, until: Mapping[str, date]) -> None:
        """Let reminders stand on a later day's list."""
        ...

    async def page(self, tx: Transaction, wanted: LeaveFilters, scope: Scope, limit: int) -> Sequence[Leave]:
        """Leaves in order of their last days."""
        ...
