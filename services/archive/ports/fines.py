"""Fines, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from services.archive.domain.catalogue import Known
from services.archive.domain.chain import Entry
from services.archive.domain.fines import Fine, FineState, Gap, Standing
from services.archive.domain.ledger import Posting
from shared.engine.model import Transaction


class Counting(NamedTuple):
    """Whose breaches of a month count together, and as what."""

    kind: str
    person: str
    month: date


class Counted(NamedTuple):
    """A breach that counts in its month: `fact` once, `amount` to the total."""

    kind: str
    person: str
    month: date
    fact: str
    entry: int
    amount: Decimal | None


class Dismissal(NamedTuple):
    """A gap that somebody let be, and why."""

    kind: str
    entry: int
    dismissed_by: str
    reason: str
    dismissed_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One decision about a fine; `decided_by` None is a rule."""

    step: int
    state: FineState
    decided_by: str | None
    reason: str
    decided_at: datetime

    @property
    def came_back(self) -> bool:
        """Whether a rule took a replaced fine back to where it stood."""
        return self.decided_by is None and self.state is not FineState.REPLACED


class FineBook(Protocol):
    """Fines, what was decided about them, and what could not be proposed."""

    async def lock_facts(self, tx: Transaction) -> None:
        """Let nobody else propose for facts that were sealed before, until the transaction ends."""
        ...

    async def add(self, tx: Transaction, fines: Sequence[Fine]) -> Sequence[Fine]:
        """Add proposals and return those whose fact no fine of the kind was for."""
        ...

    async def add_gaps(self, tx: Transaction, gaps: Sequence[Gap]) -> None: ...

    async def count(self, tx: Transaction, counted: Sequence[Counted]) -> int:
        """Count breaches in their months and return how many are new."""
        ...

    async def known(self, tx: Transaction, countings: Collection[Counting]) -> Mapping[Counting, Known]:
        """What is known of each before anything more is counted."""
        ...

    async def find(self, tx: Transaction, fine_id: str) -> Standing | None: ...

    async def for_facts(self, tx: Transaction, facts: Collection[tuple[str, str]]) -> Sequence[Standing]:
        """Every fine for these (person, fact)."""
        ...

    async def page(
        self, tx: Transaction, person: str | None, state: FineState | None, after: tuple[int, str] | None, limit: int
    ) -> Sequence[Standing]: ...

    async def steps(self, tx: Transaction, fine_id: str) -> Sequence[Step]: ...

    async def postings(self, tx: Transaction, fine_id: str) -> Sequence[Posting]: ...

    async def add_decision(self, tx: Transaction, standing: Standing) -> bool: ...

    async def gaps(self, tx: Transaction, after: tuple[int, str] | None, limit: int) -> Sequence[Gap]: ...

    async def dismiss_gap(self, tx: Transaction, dismissal: Dismissal) -> bool: ...

    async def unpaid_gaps(self, tx: Transaction, person: str) -> Sequence[Entry]:
        """The entries of a person's open gaps for want of a base wage, oldest first."""
        ...


class Wage(NamedTuple):
    """A base wage of a month, from a month on until the next (N8); in the currency of the fines."""

    person: str
    from_month: date
    amount: Decimal
    set_by: str
    set_at: datetime
    reason: str


class WageBook(Protocol):
    """Base wages as human resources told them."""

    async def add(self, tx: Transaction, wage: Wage) -> None: ...

    async def of(self, tx: Transaction, person: str) -> Sequence[Wage]:
        """All that was told of a person's, newest first."""
        ...

    async def page(self, tx: Transaction, after: str | None, limit: int) -> Sequence[Wage]:
        """The newest wage of each person, by person."""
        ...
