"""Customers' schedules, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple, Protocol

from services.followup.domain.people import Scope
from services.followup.domain.schedule import Schedule
from shared.engine.model import Transaction


class CustomerAppearedError(OSError):
    """A customer was new to two transactions at once: the later one tries again, as after any transient error."""


class Counts(NamedTuple):
    """Lines with a next date, and those among them that wait to be issued."""

    scheduled: int
    pending: int


class ScheduleStore(Protocol):
    """Customers' schedules, locked from `load` or `claim_due` until the transaction ends."""

    async def load(self, tx: Transaction, customers: Collection[str]) -> dict[str, Schedule]:
        """Schedules by customer; one that is not there is not known yet."""
        ...

    async def claim_due(self, tx: Transaction, day: date, limit: int) -> dict[str, Schedule]:
        """Schedules with a line due by `day`, of at most `limit` lines, that nobody else holds."""
        ...

    async def save(self, tx: Transaction, before: Mapping[str, Schedule], after: Mapping[str, Schedule]) -> None:
        """Write what differs; raises `CustomerAppearedError` when another transaction made a new customer first."""
        ...

    async def forget_told(self, tx: Transaction, customers: Collection[str]) -> None:
        """Drop these customers' lines of products that they heard of; the reminders stay on record."""
        ...

    async def show(self, tx: Transaction, customer_id: str) -> Schedule | None:
        """One schedule, not locked."""
        ...

    async def count(self, tx: Transaction, day: date, scope: Scope) -> Counts: ...

    async def begin_replanning(self, tx: Transaction) -> None:
        """Let everybody be planned anew, from the first customer on."""
        ...

    async def is_being_replanned(self, tx: Transaction) -> bool:
        """Whether somebody is still planned by a policy that decides no more."""
        ...

    async def next_to_replan(self, tx: Transaction, limit: int) -> dict[str, Schedule]:
        """The next schedules to be planned anew, none when all are; another process waits until `tx` ends."""
        ...
