"""The tree as tiles (c2sp.org/tlog-tiles): 256 hashes of one level together, which never change once they are full.

Level 0 holds the leaves' hashes, level 1 the roots over full tiles of level 0, and so on. A tree of ten million entries
is forty thousand tiles, of which a proof needs a handful; kept in another place, they say which leaf is not as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.proof.merkle import (
    HASH_BYTES,
    Node,
    Range,
    combine,
    consistency_ranges,
    inclusion_ranges,
    perfect_nodes,
    perfect_root,
)

HEIGHT = 8
WIDTH = 1 << HEIGHT
FULL_BYTES = WIDTH * HASH_BYTES


class TileId(NamedTuple):
    """Which tile: its level in tiles, and its number from the left."""

    level: int
    number: int


class Tile(NamedTuple):
    """A tile and its 1 to 256 hashes, one behind the other."""

    id: TileId
    hashes: bytes

    @property
    def width(self) -> int:
        return len(self.hashes) // HASH_BYTES


def tile_path(tile: TileId, width: int = WIDTH) -> str:
    """The tile's name in a folder: `tile/0/x001/234`, `tile/0/x001/235.p/17` as long as it has 17 hashes only."""
    name, rest = f"{tile.number % 1000:03}", tile.number // 1000
    while rest:
        name, rest = f"x{rest % 1000:03}/{name}", rest // 1000
    return f"tile/{tile.level}/{name}" + ("" if width == WIDTH else f".p/{width}")


def width_of(tile: TileId, size: int) -> int:
    """How many hashes the tile has in a tree of `size` leaves; 0 where it does not exist yet."""
    return max(0, min(WIDTH, (size >> HEIGHT * tile.level) - tile.number * WIDTH))


def tiles_between(old: int, new: int) -> Iterator[TileId]:
    """The tiles of a tree of `new` leaves that one of `old` leaves had not, or not so full; lowest level first."""
    level = 0
    while (end := new >> HEIGHT * level) > 0:
        begin = old >> HEIGHT * level
        if end > begin:
            yield from (TileId(level, number) for number in range(begin // WIDTH, -(-end // WIDTH)))
        level += 1


def hashes_in(packed: bytes) -> list[bytes]:
    """The hashes one by one."""
    return [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)]


@dataclass(slots=True)
class Edge:
    """The right edge of a growing tree: the tile under way of each level; some 8 KB a level, however long the tree."""

    size: int = 0
    rows: list[list[bytes]] = field(default_factory=list)

    @classmethod
    def of(cls, size: int, tiles: Mapping[TileId, bytes]) -> Edge:
        """The edge of a tree of `size` leaves from the tiles that `edge_tiles` names; KeyError where one is missing."""
        edge = cls(size)
        for level in range(levels(size)):
            count = (size >> HEIGHT * level) % WIDTH
            packed = tiles[TileId(level, (size >> HEIGHT * level) // WIDTH)] if count else b""
            edge.rows.append(hashes_in(packed)[:count])
        return edge

    def extend(self, leaves: Iterable[bytes]) -> list[Tile]:
        """Append leaf hashes; return each tile that this filled, or began and left unfinished, as it is afterwards."""
        before, full = self.size, list[Tile]()
        for leaf in leaves:
            self._add(0, leaf, full)
            self.size += 1
        if self.size == before:
            return full
        return full + [
            Tile(TileId(level, (self.size >> HEIGHT * level) // WIDTH), b"".join(row))
            for level, row in enumerate(self.rows)
            if row and self.size >> HEIGHT * level > before >> HEIGHT * level
        ]

    def extend_by_blocks(self, blocks: Iterable[bytes]) -> None:
        """Append the roots over 256 leaves each; the tree must have a multiple of 256 leaves."""
        if self.size % WIDTH:
            raise ValueError("a block begins where the last one is full")
        for block in blocks:
            if not self.rows:
                self.rows.append([])
            self._add(1, block, [])
            self.size += WIDTH

    def root(self) -> bytes:
        """The root over all leaves so far."""
        peaks: list[bytes] = []
        for row in reversed(self.rows):
            peaks += [perfect_root(row[part.first : part.end]) for part in _powers(len(row))]
        return combine(peaks)

    def copy(self) -> Edge:
        """Another edge, that may grow otherwise."""
        return Edge(self.size, [list(row) for row in self.rows])

    def _add(self, level: int, value: bytes, full: list[Tile]) -> None:
        if level == len(self.rows):
            self.rows.append([])
        row = self.rows[level]
        row.append(value)
        if len(row) == WIDTH:
            number = self.size // (WIDTH ** (level + 1))
            full.append(Tile(TileId(level, number), b"".join(row)))
            self.rows[level] = []
            self._add(level + 1, perfect_root(row), full)


def levels(size: int) -> int:
    """How many levels of tiles a tree has."""
    return -(-size.bit_length() // HEIGHT)


def edge_tiles(size: int) -> list[TileId]:
    """The unfinished tiles of a tree, one a level at most."""
    ends = ((level, size >> HEIGHT * level) for level in range(levels(size)))
    return [TileId(level, end // WIDTH) for level, end in ends if end % WIDTH]


def _powers(count: int) -> Iterator[Range]:
    """`count` as a sum of powers of two, the largest first."""
    first = 0
    for level in reversed(range(count.bit_length())):
        if count >> level & 1:
            yield Range(first, first + (1 << level))
            first += 1 << level


def home_of(node: Node) -> tuple[TileId, Range]:
    """The tile that holds a node, and the hashes in it over which the node is the root."""
    level, rest = divmod(node.level, HEIGHT)
    first = node.number << rest
    return TileId(level, first // WIDTH), Range(first % WIDTH, first % WIDTH + (1 << rest))


def tiles_of(parts: Iterable[Range]) -> list[TileId]:
    """The tiles that a proof of these ranges is made from."""
    return sorted({home_of(node)[0] for part in parts for node in perfect_nodes(part)})


def hash_of(part: Range, tiles: Mapping[TileId, bytes]) -> bytes:
    """The root over a range of a proof; ValueError where a tile is missing or too short."""
    return combine([_hash_of_node(node, tiles) for node in perfect_nodes(part)])


def _hash_of_node(node: Node, tiles: Mapping[TileId, bytes]) -> bytes:
    tile, place = home_of(node)
    found = hashes_in(tiles.get(tile, b""))[place.first : place.end]
    if len(found) != place.end - place.first:
        raise ValueError(f"the tile {tile_path(tile)} does not reach hash {place.end}")
    return perfect_root(found)


class Wanted(NamedTuple):
    """A proof to be made: fetch `tiles`, then `made_from` them."""

    parts: Sequence[Range]

    @property
    def tiles(self) -> list[TileId]:
        return tiles_of(self.parts)

    def made_from(self, tiles: Mapping[TileId, bytes]) -> list[bytes]:
        """The hashes of the proof; ValueError where a tile does not hold what it must."""
        return [hash_of(part, tiles) for part in self.parts]


def inclusion(index: int, size: int) -> Wanted:
    """The proof that leaf `index` is in the tree of `size` leaves."""
    return Wanted(inclusion_ranges(index, size))


def consistency(old: int, new: int) -> Wanted:
    """The proof that the tree of `new` leaves begins with the one of `old`."""
    return Wanted(consistency_ranges(old, new))


def root(size: int) -> Wanted:
    """The root of the first `size` leaves, as the only hash of its proof."""
    return Wanted([Range(0, size)])
