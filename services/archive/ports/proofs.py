"""The tree over the audit and the place outside, as use cases need them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from services.archive.domain.chain import Head, Link
from services.archive.domain.tree import Checkpoint, Row, Stretch
from services.archive.ports.desk import Snapshot
from shared.engine.model import Transaction
from shared.proof.tiles import Tile, TileId


class Tree(Protocol):
    """Tiles and signed heads in the audit's own database."""

    async def lock(self, tx: Transaction) -> Head: ...

    async def tiles(self, tx: Transaction, wanted: Sequence[TileId]) -> Mapping[TileId, bytes]: ...

    async def grow(self, tx: Transaction, tiles: Iterable[Tile], end: Head) -> None: ...

    async def add_checkpoint(self, tx: Transaction, checkpoint: Checkpoint) -> None: ...

    async def latest(self, tx: Transaction) -> Checkpoint | None: ...


class Outside(Protocol):
    """The second place; every method raises OSError while it cannot be reached."""

    async def checkpoint(self) -> str | None: ...

    async def tile(self, tile: TileId, width: int) -> bytes | None: ...

    async def put_tiles(self, tiles: Iterable[Tile]) -> None: ...

    async def put_checkpoint(self, size: int, note: str) -> None: ...

    async def drop_unfinished(self, tile: TileId) -> None: ...


class Stretches(Protocol):
    """Recomputes the chain in stretches, several at a time."""

    def __call__(self, tx: Snapshot, upto: int) -> AsyncGenerator[Stretch]: ...


class Chain(Protocol):
    """The entries, by their numbers."""

    def rows(self, tx: Transaction, after: int, upto: int) -> AsyncGenerator[Sequence[Row]]: ...

    def between(self, tx: Transaction, after: int, upto: int) -> AsyncGenerator[list[Link]]: ...

    async def find_stray(self, tx: Transaction, end: int) -> int | None: ...

    async def read_head(self, tx: Transaction) -> Head: ...

    async def find_hashes(self, tx: Transaction, seq: int) -> tuple[bytes, bytes] | None: ...


class Lease(Protocol):
    """Held by one process at a time."""

    async def acquire(self) -> bool: ...

    def kept(self) -> AbstractAsyncContextManager[None]:
        """Renew it while the work inside goes on."""
        ...

    async def check(self, tx: Transaction) -> None:
        """Raise unless this process holds it until `tx` ends."""
        ...


class Alarms(Protocol):
    """What is wrong with the proof at the moment, for whoever watches the service."""

    def sound(self, alarm: str, **about: object) -> None: ...

    def silence(self, alarm: str) -> None: ...

    def standing(self) -> Sequence[str]: ...
