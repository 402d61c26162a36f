"""Verify an export and a proof with nothing but files: no stack, no service, no network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from shared.proof.chain import GENESIS, Fault, FaultKind, Head, Link, Verdict, Verifier, canonical
from shared.proof.export import ExportError, read_header, read_line
from shared.proof.merkle import leaf_hash
from shared.proof.notes import TreeHead
from shared.proof.tiles import WIDTH, Edge, TileId, hashes_in, tile_path, width_of

Tiles = Callable[[TileId, int], bytes | None]
"""A tile with at least so many hashes, where it can be had."""

PAGE = 500


def no_tiles(_tile: TileId, _width: int) -> bytes | None:
    """Nothing but the signed head is there."""
    return None


@dataclass(frozen=True, slots=True)
class Folder:
    """Tiles as the second place keeps them, or a copy of it."""

    root: Path

    def __call__(self, tile: TileId, width: int) -> bytes | None:
        for path in (self.root / tile_path(tile, width), self.root / tile_path(tile)):
            if path.is_file():
                return path.read_bytes()
        return None


def read_export(lines: Iterable[str]) -> tuple[int, Iterator[list[Link]]]:
    """How many entries the file says that it has, and these in pages; ExportError, with the line, where one is none."""
    rest = iter(lines)
    entries, _ = read_header(next(rest, ""))
    return entries, _pages(rest)


def _pages(lines: Iterator[str]) -> Iterator[list[Link]]:
    number = 1
    while some := list(islice(lines, PAGE)):
        page = []
        for line in some:
            number += 1
            try:
                page.append(read_line(line))
            except ExportError as error:
                raise ExportError(f"line {number}: {error}") from None
        yield page


@dataclass(slots=True)
class Offline:
    """An export held against a signed head, entry by entry, in constant memory.

    The chain says whether the entries fit one another, the root whether they are those that were signed, and the tiles,
    where there are any, which is the first that is not.
    """

    signed: TreeHead
    tiles: Tiles = no_tiles
    edge: Edge = field(default_factory=Edge)
    suspect: Fault | None = None
    vouched: bool = False
    _waiting: list[bytes] = field(default_factory=list)

    def verify(self, entries: int, pages: Iterable[list[Link]], progress: Callable[[int], object]) -> Verdict:
        """The first bad entry or none; `progress` hears how many entries of each page were read."""
        verifier = Verifier(Head(entries, b""))
        last = GENESIS
        if self.signed.size == 0:
            self.vouched = self.edge.root() == self.signed.root
        for page in pages:
            verifier.read(page)
            self._take(page)
            if page:
                last = Head(page[-1].entry.seq, page[-1].hash)
            progress(len(page))
            if verifier.fault is not None:
                break
        # No sealer is there to say what the chain ends in; whether it is that, the signed root knows.
        verifier.remembered = Head(entries, last.hash)
        self._compare()
        verdict = verifier.close()
        fault = self._judge(verdict)
        whole = fault is None
        vouched = self.signed.size if whole else 0
        return Verdict(verdict.entries, verdict.head, fault, vouched, outside=whole)

    def _take(self, links: Iterable[Link]) -> None:
        """Append what stands at its own number; behind a gap nothing has its place any more."""
        for link in links:
            if link.entry.seq != self.edge.size + len(self._waiting) + 1:
                return
            self._waiting.append(leaf_hash(canonical(link.entry)))
            if len(self._waiting) == WIDTH or self.edge.size + len(self._waiting) == self.signed.size:
                self._compare()

    def _compare(self) -> None:
        """Hold the leaves of a block against the tile outside, and grow."""
        first, size = self.edge.size, self.signed.size
        tile = TileId(0, first // WIDTH)
        width = width_of(tile, size)
        if self._waiting and self.suspect is None and width and (theirs := self.tiles(tile, width)) is not None:
            block = first - first % WIDTH
            expected = hashes_in(theirs)[first - block : width]
            self.suspect = next(
                (
                    Fault(seq, FaultKind.REPLACED)
                    for seq, (ours, leaf) in enumerate(zip(self._waiting, expected, strict=False), start=first + 1)
                    if ours != leaf
                ),
                None,
            )
        self.edge.extend(self._waiting)
        self._waiting = []
        if self.edge.size == size:
            self.vouched = self.edge.root() == self.signed.root

    def _judge(self, verdict: Verdict) -> Fault | None:
        if self.vouched:
            return verdict.fault
        reached, size = verdict.entries, self.signed.size
        found = self.suspect
        if found is None and verdict.fault is None:
            kind = FaultKind.MISSING if reached < size else FaultKind.UNVOUCHED
            found = Fault(reached + 1 if reached < size else size, kind)
        if verdict.fault is None or found is None:
            return found or verdict.fault
        return found if found.seq < verdict.fault.seq else verdict.fault
