"""What every act by HTTP needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.archive.ports import (
    Clock,
    Database,
    Publisher,
    Trail,
)
from shared.engine.model import Outgoing, Transaction
from shared.logs import current_traceparent


@dataclass(frozen=True, slots=True)
class Desk:
    """What every act by HTTP needs: a transaction, two ways to tell of it, the time, and a name for what is new."""

    database: Database
    publisher: Publisher
    trail: Trail
    clock: Clock
    new_id: Callable[[], str]

    async def publish(self, tx: Transaction, outgoings: Sequence[Outgoing]) -> None:
        """Append to the outbox, within the trace of the request."""
        trace = current_traceparent()
        await self.publisher.append(tx, [o._replace(trace=trace) for o in outgoings], now=self.clock.now())
