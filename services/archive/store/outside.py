"""The second place: tiles and signed heads where the database's masters have no say (c2sp.org/tlog-tiles)."""

from __future__ import annotations

from collections.abc import Iterable

from shared.objects import NoSuchObjectError, Objects
from shared.proof.tiles import Tile, TileId, tile_path

NEWEST = "checkpoint"


class SecondPlace:
    """A folder or a bucket under credentials of its own.

    `checkpoint` is the newest head, as any reader of such logs expects it; `checkpoints/<size>` each that ever was.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def checkpoint(self) -> str | None:
        """The newest head that was written, None before the first."""
        found = await self._get(NEWEST)
        return None if found is None else found.decode("utf-8", "replace")

    async def tile(self, tile: TileId, width: int) -> bytes | None:
        """The tile with at least `width` hashes, None where it is gone."""
        # It may have become full since.
        return await self._get(tile_path(tile, width)) or await self._get(tile_path(tile))

    async def put_tiles(self, tiles: Iterable[Tile]) -> None:
        for tile in tiles:
            await self._objects.put(tile_path(tile.id, tile.width), tile.hashes)

    async def put_checkpoint(self, size: int, note: str) -> None:
        """The head, behind the tiles that it vouches for: by its size for ever, then as the newest."""
        await self._objects.put(f"checkpoints/{size:016}", note.encode())
        await self._objects.put(NEWEST, note.encode())

    async def drop_unfinished(self, tile: TileId) -> None:
        """Forget the stages of a tile that is full by now."""
        stages = [found.key async for found in self._objects.list(f"{tile_path(tile)}.p")]
        for key in stages:
            await self._objects.delete(key)

    async def _get(self, key: str) -> bytes | None:
        try:
            return await self._objects.get(key)
        except NoSuchObjectError:
            return None
