"""The ledger of fines and its months, as use cases need them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from services.archive.domain.fines import FineState, Standing
from services.archive.domain.ledger import Closing, Line, Posting
from shared.engine.model import Transaction


class Ledger(Protocol):
    """What came to stand and what fell, by month; never edited."""

    async def hold_months(self, tx: Transaction) -> date | None:
        """Let no month be closed until the transaction ends, nor anything be posted; the last one that was closed."""
        ...

    async def post(self, tx: Transaction, postings: Sequence[Posting]) -> None: ...

    async def closing(self, tx: Transaction, month: date) -> tuple[Closing | None, date | None]:
        """The closing that settled a month, and the last month that was closed before it."""
        ...

    async def close(self, tx: Transaction, closing: Closing) -> None: ...

    async def lines(self, tx: Transaction, after: date | None, upto: date, person: str | None) -> Sequence[Line]:
        """The postings of the months after `after`, to and with `upto`, by person; of one person, where given."""
        ...

    async def waiting(self, tx: Transaction, upto: date) -> int:
        """How many fines of the months to and with `upto` nobody has decided about."""
        ...


class Deeds(NamedTuple):
    """How often somebody did something in a month, and how often they were kept from it."""

    actor: str
    action: str
    allowed: int
    denied: int


class Decision(NamedTuple):
    """An act that the chain holds: a request, an approval, a denial."""

    at: datetime
    actor: str | None
    act: str
    file: str
    reason: str | None
    entry: int


class Plea(NamedTuple):
    """What the fined said about a fine, or what a judge answered."""

    at: datetime
    person: str
    state: FineState
    by: str
    fine_id: str
    reason: str


class MonthBook(Protocol):
    """What the monthly report is made of, beside the statement."""

    async def fines(self, tx: Transaction, month: date) -> Sequence[Standing]:
        """The fines for what happened in a month."""
        ...

    async def pleas(self, tx: Transaction, since: datetime, until: datetime) -> Sequence[Plea]: ...

    async def deeds(self, tx: Transaction, since: datetime, until: datetime) -> Sequence[Deeds]: ...

    async def denials(self, tx: Transaction, since: datetime, until: datetime, limit: int) -> Sequence[Decision]: ...

    async def requests(self, tx: Transaction, since: datetime, until: datetime, limit: int) -> Sequence[Decision]: ...
