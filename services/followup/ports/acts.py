"""What people did with reminders and customers, as use cases need it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from services.followup.domain.acts import Act
from shared.engine.model import Transaction


class Handover(NamedTuple):
    """A customer was given to another rep by a manager, who said why."""

    customer_id: str
    number: int
    from_rep: str | None
    to_rep: str
    person: str
    given_at: datetime
    reason: str


class Given(NamedTuple):
    """A reminder and who owes it from now on."""

    reminder_id: str
    rep: str
    department: str | None


class ActStore(Protocol):
    """Acts in their order, and what they change; the customer's schedule is locked when one is added."""

    async def customer_of(self, tx: Transaction, reminder_id: str) -> str | None: ...

    async def of_reminder(self, tx: Transaction, reminder_id: str) -> Sequence[Act]: ...

    async def add(self, tx: Transaction, act: Act) -> None: ...

    async def snooze(self, tx: Transaction, reminder_id: str, until: date) -> None: ...

    async def skip(self, tx: Transaction, reminder_id: str) -> None: ...

    async def give(self, tx: Transaction, given: Iterable[Given]) -> None: ...

    async def last_handover(self, tx: Transaction, customer_id: str) -> Handover | None: ...

    async def add_handover(self, tx: Transaction, handover: Handover) -> None: ...
