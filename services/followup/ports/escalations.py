"""Steps of overdue reminders, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from services.followup.domain.escalation import Look, Overdue
from services.followup.domain.people import Scope
from services.followup.domain.reminders import Reminder
from shared.engine.model import Transaction


class Listed(NamedTuple):
    """A reminder whose customer is to be given to somebody else."""

    reminder: Reminder
    held_by: str | None
    listed_at: datetime


class EscalationStore(Protocol):
    """Reminders that wait, and the steps taken with them."""

    async def claim(self, tx: Transaction, today: date, limit: int) -> Sequence[Overdue]:
        """Reminders to be looked at by `today` that nobody else holds, locked until `tx` ends."""
        ...

    async def save(self, tx: Transaction, looks: Mapping[str, Look], now: datetime) -> None:
        """Keep the steps that were taken, and when to look again, by reminder."""
        ...

    async def inherit(self, tx: Transaction, issued: Collection[str]) -> None:
        """Let new reminders be as overdue, and as far, as those still waiting whose place they take."""
        ...

    async def count_anew(self, tx: Transaction, reminders: Collection[str], today: date) -> None:
        """Let these reminders, which are somebody else's from today on, be late from then on only.

        They no longer wait for the one before to be back.
        """
        ...

    async def look_again(self, tx: Transaction, reps: Collection[str]) -> None:
        """Look at these reps' reminders once more: they are there after all."""
        ...

    async def listed(self, tx: Transaction, scope: Scope, after: tuple[datetime, str], limit: int) -> Sequence[Listed]:
        """Reminders on the list whose customers are still whose they were, longest first."""
        ...


class WatchStore(Protocol):
    """What plans and steps were made under."""

    async def lock(self, tx: Transaction) -> Mapping[str, str] | None:
        """The digests kept; None before the first look. Another process waits until `tx` ends."""
        ...

    async def keep(self, tx: Transaction, digests: Mapping[str, str], *, look_again: bool) -> None:
        """Keep digests; with `look_again` every reminder that waits is looked at once more."""
        ...

    async def look_at_next(self, tx: Transaction, limit: int) -> int:
        """Mark the next reminders to be looked at once more; how many, 0 when all are."""
        ...
