"""Plans, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from services.followup.domain.plans import Missing, Plan
from services.followup.domain.reminders import OpenReminder
from shared.engine.model import Transaction


class Wanted(NamedTuple):
    """Which plans are missing: for contacts of these lines up to `until`, unless written after `expired_on`."""

    lines: Collection[str]
    until: date
    expired_on: date


class PlanStore(Protocol):
    """Every version of every plan; the customer's schedule is locked when one is added."""

    async def last(self, tx: Transaction, customer_id: str) -> Plan | None: ...

    async def version(self, tx: Transaction, customer_id: str, version: int) -> Plan | None: ...

    async def versions(self, tx: Transaction, customer_id: str) -> Sequence[Plan]:
        """All versions, the newest first."""
        ...

    async def add(self, tx: Transaction, plan: Plan) -> None: ...

    async def asked_for(self, tx: Transaction, customer_id: str) -> Sequence[OpenReminder]:
        """The open reminders that ask for this customer's plan."""
        ...

    async def missing(self, tx: Transaction, wanted: Wanted, limit: int) -> Sequence[Missing]:
        """Contacts that need a plan which is neither there nor asked for, the earliest first, each customer once."""
        ...

    async def needless(self, tx: Transaction, lines: Collection[str], limit: int) -> Sequence[OpenReminder]:
        """Open reminders for plans that nobody needs any more: the line is closed, or asks for none."""
        ...
