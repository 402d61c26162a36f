"""Records, their content, and the grants on them, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.archive.domain.envelope import WrappedKey
from services.archive.domain.files import Record
from services.archive.domain.reading import GrantHeld, Horizon, Reader
from services.archive.domain.records import Attachment
from shared.contracts.types import Rank
from shared.engine.model import Transaction


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search asks for; `title` is found inside titles, whatever its case."""

    title: str | None = None
    rank: Rank | None = None
    record_class: str | None = None
    department: str | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Who searches, what their place in the company lets them know of, and the moment by which grants are valid."""

    reader: Reader
    horizon: Horizon
    now: datetime


class RecordBook(Protocol):
    """Company records and what they consist of."""

    async def add(self, tx: Transaction, record: Record) -> bool:
        """False, changing nothing, when there is a record of that id."""
        ...

    async def find(self, tx: Transaction, record: str) -> Record | None: ...

    async def living(self, tx: Transaction, records: Collection[str]) -> set[str]:
        """Those that were not destroyed."""
        ...

    async def hold(self, tx: Transaction, record: str) -> datetime | None:
        """Let nobody destroy the record, or attest its destruction, until the transaction ends.

        Returns the moment of the last witness's word on its destruction.
        """
        ...

    async def add_attachment(self, tx: Transaction, attachment: Attachment, key: WrappedKey) -> None: ...

    async def attachments(self, tx: Transaction, record: str) -> Sequence[Attachment]:
        """Everything that the record consists of, in the order in which it came."""
        ...

    async def attachments_of(self, tx: Transaction, records: Sequence[str]) -> Mapping[str, Sequence[Attachment]]:
        """The same of many records, by record."""
        ...

    async def keys(self, tx: Transaction, attachments: Sequence[str]) -> dict[str, WrappedKey]:
        """The data keys that there still are."""
        ...

    async def held(self, tx: Transaction, file: str, person: str, now: datetime) -> Sequence[GrantHeld]:
        """The person's grants for exactly this file that are neither revoked nor over."""
        ...

    async def held_of(
        self, tx: Transaction, files: Sequence[str], person: str, now: datetime
    ) -> Mapping[str, Sequence[GrantHeld]]:
        """The same for many files, by file."""
        ...

    async def use(self, tx: Transaction, grant_id: str, piece: str, now: datetime) -> bool:
        """Count a reading of a piece; False where the grant is used up for it, or revoked since it was looked at."""
        ...

    async def search(self, tx: Transaction, scope: Scope, sought: Sought, after: str, limit: int) -> Sequence[Record]:
        """Records that the scope covers, by id, after that id."""
        ...


class Vault(Protocol):
    """Where content lies enciphered; every method raises `OSError` when the store behind it is away."""

    async def put(self, attachment_id: str, object_key: str, content: bytes) -> WrappedKey:
        """Put content away under a new key of its own, and return that, wrapped."""
        ...

    async def get(self, attachment: Attachment, key: WrappedKey) -> bytes:
        """The content, proven to be what was put away; `AlteredError` when it is gone or another."""
        ...

    async def drop(self, object_key: str) -> None:
        """Nothing lies there afterwards."""
        ...
