"""Rows of the tree over the audit, and the entries by their numbers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing

from services.archive.domain.chain import Entry, Head, Link
from services.archive.domain.tree import Checkpoint, Row
from services.archive.store.queries import SQL
from shared.engine.model import Transaction
from shared.proof.tiles import Tile, TileId

# Hashed in a few milliseconds, for which the event loop stands still.
PAGE = 500


class TreeStore:
    """`audit_tiles`, `audit_tree` and `audit_checkpoints`."""

    async def lock(self, tx: Transaction) -> Head:
        """How far the tree has come, held until commit."""
        return Head(*await tx.fetchrow(SQL["lock_tree"]))

    async def tiles(self, tx: Transaction, wanted: Sequence[TileId]) -> Mapping[TileId, bytes]:
        """Those of the wanted tiles that there are, as full as they are."""
        rows = await tx.fetch(SQL["find_tiles"], [tile.level for tile in wanted], [tile.number for tile in wanted])
        return {TileId(row["level"], row["number"]): row["hashes"] for row in rows}

    async def grow(self, tx: Transaction, tiles: Iterable[Tile], end: Head) -> None:
        """Write what became of tiles, and how far the tree has come with them."""
        rows = sorted(tiles)
        await tx.execute(
            SQL["upsert_tiles"],
            [tile.id.level for tile in rows],
            [tile.id.number for tile in rows],
            [tile.hashes for tile in rows],
        )
        await tx.execute(SQL["move_tree"], *end)

    async def add_checkpoint(self, tx: Transaction, checkpoint: Checkpoint) -> None:
        await tx.execute(SQL["insert_checkpoint"], *checkpoint)

    async def latest(self, tx: Transaction) -> Checkpoint | None:
        """The newest signed head, None before the first."""
        row = await tx.fetchrow(SQL["latest_checkpoint"])
        return None if row is None else Checkpoint(*row)


class ChainStore:
    """The chain by its numbers."""

    def __init__(self, page: int = PAGE) -> None:
        self._page = page

    def rows(self, tx: Transaction, after: int, upto: int) -> AsyncGenerator[Sequence[Row]]:
        """The same as `between`, as the server gave it."""
        return tx.pages(SQL["stream_links_between"], after, upto, size=self._page)

    async def between(self, tx: Transaction, after: int, upto: int) -> AsyncGenerator[list[Link]]:
        """The links behind `after` up to `upto`, in pages."""
        async with aclosing(self.rows(tx, after, upto)) as pages:
            async for rows in pages:
                yield [Link(Entry._make(row[:-2]), row[-2], row[-1]) for row in map(tuple, rows)]

    async def find_stray(self, tx: Transaction, end: int) -> int | None:
        """The number of an entry that the sealer never gave out; `end` is the last that it did."""
        stray: int | None = await tx.fetchval(SQL["find_stray"], end)
        return stray

    async def find_hashes(self, tx: Transaction, seq: int) -> tuple[bytes, bytes] | None:
        """What an entry was sealed upon and to."""
        row = await tx.fetchrow(SQL["hash_of_entry"], seq)
        return None if row is None else (row["prev_hash"], row["hash"])

    async def read_head(self, tx: Transaction) -> Head:
        """Where the sealer says that the chain ends."""
        return Head(*await tx.fetchrow(SQL["read_head"]))
