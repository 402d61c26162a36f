"""Telling archive of an access: who read what and by which grant, what ops look at, who was turned away."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import uuid4

from shared.clock import Clock
from shared.contracts.audit import NO_ONE_FILE, Access
from shared.engine.model import Outgoing, Transaction
from shared.engine.outbox import Outbox
from shared.engine.postgres import Database
from shared.identity import Principal
from shared.logs import current_traceparent

NOBODY = "unknown"

# Whose denial is in the audit already: each request has a principal of its own, so that what one was told of is not
# taken for another's.
_noted: ContextVar[Principal | None] = ContextVar("denial_noted", default=None)


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did, or tried: the event's type, a word for it, on which file.

    `needs_grant` where the reader was neither keeper nor named reader (A1), `grant` the one that allowed it (A2).
    """

    event_type: str
    action: str
    file: str = NO_ONE_FILE
    outcome: Literal["allowed", "denied"] = "allowed"
    reason: str | None = None
    needs_grant: bool = False
    grant: str | None = None


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """A service's way to the audit, through its own outbox: durable before the answer goes out."""

    service: str
    database: Database
    outbox: Outbox
    clock: Clock
    wake: Callable[[], None]

    async def record(self, who: Principal | None, deed: Deed, *, station: str | None = None) -> None:
        """Note a deed in a transaction of its own; whatever this raises, the deed must not go through."""
        async with self.database.transaction() as tx:
            await self.append(tx, who, deed, station=station)
        self.wake()

    async def append(self, tx: Transaction, who: Principal | None, deed: Deed, *, station: str | None = None) -> None:
        """Note a deed in the transaction that allows it."""
        now = self.clock.now()
        await self.outbox.append(tx, [self._event(who, deed, station, now)], now=now)
        if deed.outcome == "denied":
            _noted.set(who)

    async def login_failed(self, station: str | None, reason: str, path: str) -> None:
        """A token was shown and not believed."""
        await self.record(None, Deed("login.failed", path, outcome="denied", reason=reason), station=station)

    async def denied(self, who: Principal, path: str, reason: str) -> None:
        """Somebody known was refused; nothing where whoever refused has noted it, in better words than a path."""
        if _noted.get() is not who:
            await self.record(who, Deed("access.denied", path, outcome="denied", reason=reason))

    def _event(self, who: Principal | None, deed: Deed, station: str | None, now: datetime) -> Outgoing:
        access = Access(
            file=deed.file,
            actor=NOBODY if who is None else who.person,
            role=NOBODY if who is None else str(who.role),
            department=None if who is None else who.department,
            action=deed.action,
            outcome=deed.outcome,
            grant=deed.grant,
            station=station if who is None else who.station,
            at=now,
            reason=deed.reason,
            service=self.service,
            needs_grant=deed.needs_grant,
        )
        trace = current_traceparent()
        return Outgoing("audit.v1", deed.file, deed.event_type, f"{self.service}:{uuid4()}", access, trace=trace)
