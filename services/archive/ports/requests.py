"""Requests to consult, and delegations, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.archive.domain.delegations import Delegation
from services.archive.domain.requests import Decision, Ended, Request, Standing
from shared.engine.model import Transaction


@dataclass(frozen=True, slots=True)
class RequestFilters:
    """Which requests: of an asker, decided by somebody, waiting for somebody, in a state; None is any.

    `after` is the last page's last (asked_at, request_id).
    """

    asker: str | None = None
    decided_by: str | None = None
    waits_for: str | None = None
    state: str | None = None
    after: tuple[datetime, str] | None = None


class RequestBook(Protocol):
    """Requests with their chains, decisions and ends; nothing is ever changed or taken away."""

    async def lock(self, tx: Transaction, request_id: str) -> None:
        """Let nobody else decide on it until `tx` is over."""
        ...

    async def add(self, tx: Transaction, request: Request) -> None: ...

    async def add_decision(self, tx: Transaction, request: Request, decision: Decision) -> bool:
        """Return False, changing nothing, when somebody else has taken this step."""
        ...

    async def end(self, tx: Transaction, request_id: str, ended: Ended) -> bool:
        """Return False, changing nothing, when it had ended before."""
        ...

    async def find(self, tx: Transaction, request_ids: Collection[str]) -> Mapping[str, Standing]: ...

    async def page(self, tx: Transaction, filters: RequestFilters, limit: int) -> Sequence[Standing]: ...

    async def waiting(self, tx: Transaction, after: str, limit: int) -> Sequence[str]:
        """The ids of requests that have not ended, in their order."""
        ...

    async def waiting_for(self, tx: Transaction, file: str) -> Sequence[str]:
        """The ids of those for this file."""
        ...


class DelegationBook(Protocol):
    """Delegations in writing, each ended early at most once."""

    async def add(self, tx: Transaction, delegation: Delegation) -> None: ...

    async def end(self, tx: Transaction, delegation_id: str, by: str, reason: str, now: datetime) -> bool: ...

    async def find(self, tx: Transaction, delegation_id: str) -> Delegation | None: ...

    async def live(self, tx: Transaction, now: datetime) -> Sequence[Delegation]: ...

    async def page(
        self, tx: Transaction, person: str | None, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Delegation]: ...
