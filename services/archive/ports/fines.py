"""Fines, as use cases need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.archive.domain.fines import Fine, FineState, Gap
from shared.engine.model import Transaction


@dataclass(frozen=True, slots=True)
class FineStanding:
    """A fine with where it stands: `step` decisions were made, the last of them as told here."""

    fine: Fine
    state: FineState
    step: int
    decided_by: str | None
    decision_reason: str | None
    decided_at: datetime | None


class FineBook(Protocol):
    """Fines, what was decided about them, and what could not be proposed."""

    async def add_proposed(self, tx: Transaction, fines: Sequence[Fine], gaps: Sequence[Gap]) -> None: ...

    async def add_reported(self, tx: Transaction, fine: Fine) -> bool: ...

    async def find(self, tx: Transaction, fine_id: str) -> FineStanding | None: ...

    async def page(
        self, tx: Transaction, person: str | None, state: FineState | None, after: tuple[int, str] | None, limit: int
    ) -> Sequence[FineStanding]: ...

    async def add_decision(self, tx: Transaction, standing: FineStanding) -> bool: ...

    async def gaps(self, tx: Transaction, after: tuple[int, str] | None, limit: int) -> Sequence[Gap]: ...
