"""What the sealer looks out for beside sealing: that no fact is a breach twice, nor one of years ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.archive.domain.breaches import is_history
from services.archive.ports import BreachBook, Calendar
from shared.contracts.audit import BreachFound
from shared.engine.model import Event, Transaction
from shared.in_force import InForce
from shared.policy.breaches import Breaches


@dataclass(slots=True)
class Watched:
    """The breaches that a batch tells of: which were sealed before, and under which entry the others are now."""

    rules: Breaches
    known: set[str] = field(default_factory=set)
    sealed: dict[str, int] = field(default_factory=dict)

    def knows(self, event: Event) -> bool:
        """Whether the event tells of a breach that was sealed before: the inbox forgets ids, the breaches stay."""
        return event.type == "breach.found" and event.data.breach_id in self.known


class Watch:
    """Keeps each breach once, for ever."""

    def __init__(self, breaches: BreachBook, rules: InForce[Breaches], calendar: Calendar) -> None:
        self._breaches = breaches
        self._rules = rules
        self._calendar = calendar

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Watched:
        """What is known of the breaches that the batch tells of."""
        watched = Watched(await self._rules(tx))
        told = {event.data.breach_id for event in events if event.type == "breach.found"}
        if told:
            watched.known |= await self._breaches.sealed(tx, told)
        return watched

    def seal(self, watched: Watched, found: BreachFound, seq: int) -> bool:
        """Note that entry `seq` holds the breach; whether it may be fined: history may not."""
        watched.known.add(found.breach_id)
        watched.sealed[found.breach_id] = seq
        return not is_history(found.occurred_on, self._calendar.date_of(found.found_at), watched.rules)

    async def save(self, tx: Transaction, watched: Watched) -> None:
        """Write which breaches were sealed, each with its entry."""
        if watched.sealed:
            await self._breaches.add(tx, watched.sealed)
