"""What inspectors and managers report of people becomes a breach, sealed and priced like any other (N7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.archive.domain.breaches import breach_found, reported, reported_id
from services.archive.ports import BreachBook, Calendar
from shared.contracts.activities import ConductReported
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction


@dataclass(slots=True)
class Hearing:
    """Which of a batch's reports were told before, and which are news."""

    told: set[str]
    news: set[str] = field(default_factory=set)


class HearConduct(BatchHandler):
    """Passes each report on to the sealer, once by its own id, whatever event brings it."""

    def __init__(self, breaches: BreachBook, calendar: Calendar) -> None:
        self._breaches = breaches
        self._calendar = calendar

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Hearing:
        ids = {reported_id(event.data) for event in events if isinstance(event.data, ConductReported)}
        return Hearing(await self._breaches.told(tx, ids))

    def decide(self, work: Hearing, event: Event, now: datetime) -> Sequence[Outgoing]:
        if not isinstance(event.data, ConductReported) or reported_id(event.data) in work.told:
            return ()
        found = reported(event, self._calendar.date_of(event.data.reported_at), now)
        work.told.add(found.breach_id)
        work.news.add(found.breach_id)
        return (breach_found(found),)

    async def save(self, tx: Transaction, work: Hearing) -> None:
        await self._breaches.claim(tx, work.news)
