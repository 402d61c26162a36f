"""What analyses are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from services.scoring.domain.analyses.figures import Dimension, Loyalty, Move, Pair, Period, SalesBy
from services.scoring.domain.analyses.outlook import Forecast, Past, Promising
from services.scoring.domain.analyses.promotion import Goods, Window
from shared.engine.model import Transaction
from shared.policy.model import Regions


class AnalysisStore(Protocol):
    """Sums and counts over all that is kept, of one moment per transaction."""

    async def begin(self, tx: Transaction) -> None:
        """Let all that `tx` reads be of one moment; before anything else."""
        ...

    async def take_time(self, tx: Transaction) -> None:
        """Let `tx` last as long as it takes; each of its statements is limited still."""
        ...

    async def sales(self, tx: Transaction, by: Dimension, period: Period, limit: int, regions: Regions) -> SalesBy: ...

    async def loyalty(self, tx: Transaction, period: Period, months: int) -> Loyalty: ...

    async def flows(self, tx: Transaction, period: Period) -> Sequence[Move]:
        """From the day before the period to its last."""
        ...

    async def pasts(self, tx: Transaction, today: date) -> Sequence[Past]: ...

    async def with_pasts(
        self, tx: Transaction, today: date, found: Sequence[Forecast], department: str | None, limit: int
    ) -> Sequence[Promising]:
        """The first `limit` customers with these pasts, in their order, of one department (None: of all)."""
        ...

    async def pairs(
        self, tx: Transaction, period: Period, least_support: Decimal, limit: int, *, by_customer: bool
    ) -> Sequence[Pair]: ...

    async def first_day(self, tx: Transaction) -> date | None:
        """The day of the first counting order."""
        ...

    async def windows(
        self, tx: Transaction, period: Period, ordinary: int, until: date, goods: Goods
    ) -> Mapping[int, Window]:
        """By number what was bought in the period (0), in `ordinary` ones before it (-1 …) and after it, to `until`.

        Of those only who were customers before all of these; a period in which they bought nothing is left out.
        """
        ...

    async def known(self, tx: Transaction, opens: date, period: Period) -> tuple[int, int]:
        """How many were customers before `opens`, and how many became so in the period."""
        ...
