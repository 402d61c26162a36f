"""Telling archive of an access: who read what and by which grant, what ops look at, who was turned away."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import uuid4

from shared.clock import Clock
from shared.contracts.audit import NO_ONE_FILE, Access
from shared.engine.model import Outgoing, Transaction
from shared.engine.outbox import Outbox
from shared.engine.postgres import Database
from shared.http.noting import Visit, note_taken
from shared.identity import Principal
from shared.logs import current_traceparent

NOBODY = "unknown"
LAWFUL = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,40}|[ -~]{1,128}")


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
        note_taken()

    async def login_failed(self, station: str | None, reason: str, path: str) -> None:
        """A token was shown and not believed."""
        await self.record(None, Deed("login.failed", path, outcome="denied", reason=reason), station=station)

    async def visited(self, who: Principal, visit: Visit) -> None:
        """Somebody known was shown something, did something or was refused, and no use case has noted it."""
        kind = "access.denied" if visit.refused else "decision.made" if visit.changes else "file.read"
        if kind == "file.read" and visit.customer is None:
            kind = "file.searched"
        # What nobody could be called is no file either.
        name = visit.customer if visit.customer is not None and LAWFUL.fullmatch(visit.customer) else None
        file = NO_ONE_FILE if name is None else f"customer:{name}"
        outcome: Literal["allowed", "denied"] = "denied" if visit.refused else "allowed"
        await self.record(who, Deed(kind, visit.action, file, outcome, visit.about))

    async def denied(self, who: Principal, path: str, reason: str) -> None:
        """Somebody known asked for what their role may not."""
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
