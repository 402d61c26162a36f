"""Data keys and the master keys that wrap them, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from services.archive.domain.envelope import WrappedKey
from shared.engine.model import Transaction


class DataKeys(Protocol):
    """The data keys of all pieces, wrapped."""

    async def count(self, tx: Transaction) -> Mapping[str, int]:
        """How many each master key wraps, by its name."""
        ...

    async def take(self, tx: Transaction, besides: str, after: str, limit: int) -> Sequence[tuple[str, WrappedKey]]:
        """The next that another master key wraps, by piece; nobody else's to change until `tx` ends."""
        ...

    async def rewrap(self, tx: Transaction, keys: Mapping[str, WrappedKey]) -> None:
        """Put these in the place of what wraps the same keys now."""
        ...


class MasterKeys(Protocol):
    """The master keys that this process was given."""

    @property
    def newest(self) -> str:
        """The name of the one that wraps what is new."""
        ...

    @property
    def names(self) -> Collection[str]: ...

    def rewrap(self, attachment_id: str, key: WrappedKey) -> WrappedKey:
        """The same data key under the newest; `AlteredError` where it cannot be unwrapped."""
        ...
