"""Weekly reports, as use cases need them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from services.followup.domain.people import Scope
from services.followup.domain.reports import PassedOn, Report
from shared.engine.model import Transaction


class ReportStore(Protocol):
    """Weekly reports, and what departments passed on."""

    async def owners(self, tx: Transaction) -> Sequence[str]:
        """The names under which customers are somebody's."""
        ...

    async def is_owner(self, tx: Transaction, name: str) -> bool:
        """Whether customers are somebody's by this name."""
        ...

    async def busy(self, tx: Transaction, first: date, last: date) -> Sequence[str]:
        """The names under which reminders stand on the lists of these days."""
        ...

    async def ask(self, tx: Transaction, reports: Sequence[Report]) -> frozenset[str]:
        """Note that these are asked for; the reps of whom that was not noted before."""
        ...

    async def find(self, tx: Transaction, rep: str, week: str) -> Report | None: ...

    async def lock(self, tx: Transaction, report: Report) -> Report:
        """The report as it is kept, or this one where there is none yet, held until the transaction ends."""
        ...

    async def save(self, tx: Transaction, report: Report) -> None: ...

    async def page(self, tx: Transaction, week: str, scope: Scope, after: str, limit: int) -> Sequence[Report]: ...

    async def of_department(self, tx: Transaction, department: str, week: str) -> Sequence[Report]: ...

    async def passed_on(self, tx: Transaction, department: str, week: str) -> PassedOn | None: ...

    async def pass_on(self, tx: Transaction, passed: PassedOn) -> bool:
        """Keep it; false when the week was passed on before."""
        ...

    async def hold_week(self, tx: Transaction, department: str, week: str) -> None:
        """Let nobody else pass the department's week on until the transaction ends."""
        ...
