"""Files, records and stations, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from services.archive.domain.files import CustomerFile, Record
from services.archive.domain.stations import Station
from shared.engine.model import Transaction


class Told(NamedTuple):
    """Whose a customer's file is, and the customer's version that told it."""

    file: CustomerFile
    version: int


class FileRegistry(Protocol):
    """What there is to consult."""

    async def find(self, tx: Transaction, file: str) -> CustomerFile | Record | None:
        """What "customer:<id>" or "record:<id>" stands for; None for anything that archive never heard of."""
        ...

    async def keep(self, tx: Transaction, told: Mapping[str, Told], now: datetime) -> None:
        """Take in whose files are, by their names; what is older than what is known changes nothing."""
        ...


class StationBook(Protocol):
    """Where people work."""

    async def save(self, tx: Transaction, stations: Collection[Station]) -> None: ...

    async def all(self, tx: Transaction) -> Sequence[Station]: ...
