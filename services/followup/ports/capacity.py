"""What levelling keeps and asks, as use cases need it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from shared.engine.model import Transaction


class DaySoFar(NamedTuple):
    """Minutes a day that a manager set for a rep, None for the policy's; minutes issued for the day in question."""

    allowed: int | None
    issued: int


class DayCount(NamedTuple):
    """What is issued for a rep's day; `capacity` in minutes, as it is now, None for who only stands in for another."""

    rep: str
    day: date
    contacts: int
    minutes: int
    capacity: int | None


class CapacityStore(Protocol):
    """Lists that wait, and reps' days; a rep is a person where the rep code is known."""

    async def waiting(self, tx: Transaction, today: date, slot: date) -> Mapping[str | None, Sequence[str]]:
        """Customers with a line planned by `slot`, by name of rep (None: nobody's), of reps with one by `today`."""
        ...

    async def hold(self, tx: Transaction, reps: Collection[str]) -> frozenset[str]:
        """The reps among these whose day nobody else fills, until `tx` ends."""
        ...

    async def people_behind(self, tx: Transaction, names: Collection[str]) -> Mapping[str, str]:
        """The person behind each of the names that is a known id or rep code, and behind that person's other names."""
        ...

    async def days_so_far(self, tx: Transaction, reps: Collection[str], day: date) -> Mapping[str, DaySoFar]: ...

    async def taken_besides(
        self, tx: Transaction, names: Collection[str], since: datetime, first: date, slot: date
    ) -> Mapping[str, int]:
        """Minutes that the day given out from `first` to `slot` has lost to something else, by name.

        What was done of earlier lists since a moment, what was snoozed until then, and plans that are owed.
        """
        ...

    async def add_to_days(self, tx: Transaction, counts: Sequence[DayCount]) -> None: ...

    async def issued_days(self, tx: Transaction, rep: str, first: date, last: date) -> Sequence[DayCount]: ...

    async def reps(self, tx: Transaction) -> Sequence[str]:
        """All names under which reps have customers."""
        ...

    async def customers_of(self, tx: Transaction, names: Collection[str]) -> Sequence[str]: ...

    async def allow(self, tx: Transaction, rep: str, minutes: int | None, by: str, now: datetime) -> None:
        """Minutes a day of a rep from now on; None: the policy's again."""
        ...
