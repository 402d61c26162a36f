"""Calendar feeds, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from services.followup.domain.feeds import Shown, Task
from services.followup.domain.people import Scope
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.words import Language


class Feed(NamedTuple):
    """An address under which a person's calendar program reads what is due."""

    feed_id: str
    person: str
    language: Language
    created_at: datetime
    created_by: str
    revoked_at: datetime | None = None


class Trail(Protocol):
    """The audit."""

    async def append(
        self, tx: Transaction, who: Principal | None, deed: Deed, *, station: str | None = None
    ) -> None: ...

    async def login_failed(self, station: str | None, reason: str, path: str) -> None: ...


class FeedStore(Protocol):
    """Addresses, by the hash of their secret, and what each showed last."""

    async def add(self, tx: Transaction, feed: Feed, token_hash: bytes, *, at_most: int) -> bool:
        """Keep a new address; False when the person has so many already."""
        ...

    async def find(self, tx: Transaction, token_hash: bytes) -> Feed | None:
        """An address, revoked ones too, held until `tx` ends."""
        ...

    async def show(self, tx: Transaction, feed_id: str) -> Feed | None: ...

    async def revoke(self, tx: Transaction, feed_id: str, at: datetime, by: str) -> None: ...

    async def page(
        self, tx: Transaction, scope: Scope, persons: frozenset[str] | None, after: str, limit: int
    ) -> Sequence[Feed]:
        """Addresses in use."""
        ...

    async def note_reading(self, tx: Transaction, feed_id: str, day: date, station: str, *, refused: bool) -> bool:
        """Keep that an address was asked from `station` on a day; False where that is known."""
        ...

    async def tasks(self, tx: Transaction, names: Collection[str], at_most: int) -> Sequence[Task]:
        """What waits for somebody of these names."""
        ...

    async def shown(self, tx: Transaction, feed_id: str) -> Mapping[str, Shown]: ...

    async def save(self, tx: Transaction, feed_id: str, shown: Iterable[Shown], forget_before: datetime) -> None:
        """Keep what is shown now where that is new, and forget what ended before a moment."""
        ...
