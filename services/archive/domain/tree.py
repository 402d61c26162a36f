"""From the chain to its tree: each link is looked at once more on the way, so that nobody vouches for a broken one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from shared.proof.chain import Head, spelled
from shared.proof.merkle import HASH_BYTES, perfect_root
from shared.proof.tiles import WIDTH

STRETCH = WIDTH * WIDTH
"""Entries under one tile of level 1: as much as is recomputed, and compared with the outside, at once."""

Row = Sequence[Any]
"""An entry's fields in their order, then what it was sealed upon and to: millions of them, so no objects are made."""


class Checkpoint(NamedTuple):
    """A signed tree head, as it is kept; `note` says the same under its signature."""

    size: int
    root: bytes
    note: str
    signed_at: datetime


@dataclass(slots=True)
class Walk:
    """Goes along the chain from `head` as long as each link follows from the one before."""

    head: Head
    broken: bool = False

    def leaves(self, rows: Iterable[Row]) -> list[bytes]:
        """The leaf hashes (RFC 6962) of the next rows, up to the first that does not follow."""
        last, previous = self.head
        found: list[bytes] = []
        for seq, at, recorded_at, *texts, prev_hash, link_hash in rows:
            body = spelled(seq, at, recorded_at, texts)
            follows = seq == last + 1 and prev_hash == previous and sha256(previous + body).digest() == link_hash
            if self.broken or not follows:
                self.broken = True
                break
            found.append(sha256(b"\x00" + body).digest())
            last, previous = seq, link_hash
        self.head = Head(last, previous)
        return found


class Stretch(NamedTuple):
    """Up to 65,536 entries after entry `after`, recomputed.

    `upon` is what the first was sealed upon, by its own word; `head` the last one that followed from it; `blocks` the
    roots over 256 leaves each, `rest` the leaves behind them. Not `whole`: something in it is not as it was sealed.
    """

    after: int
    upon: bytes
    head: Head
    blocks: bytes
    rest: bytes
    whole: bool


@dataclass(slots=True)
class Recomputed:
    """A stretch under way."""

    after: int
    last: int
    _walk: Walk | None = None
    _upon: bytes = b""
    _blocks: bytes = b""
    _rest: list[bytes] | None = None

    def read(self, rows: Sequence[Row]) -> None:
        """Go on with the next rows."""
        if not rows:
            return
        if self._walk is None:
            # Whether that is what the stretch before ends in is for whoever puts them together.
            self._upon = rows[0][-2]
            self._walk = Walk(Head(self.after, self._upon))
        rest = [*(self._rest or ()), *self._walk.leaves(rows)]
        full = len(rest) - len(rest) % WIDTH
        self._blocks += b"".join(perfect_root(rest[at : at + WIDTH]) for at in range(0, full, WIDTH))
        self._rest = rest[full:]

    def close(self) -> Stretch:
        """What it came to."""
        walk = self._walk
        head = Head(self.after, b"") if walk is None else walk.head
        whole = walk is not None and not walk.broken and head.seq == self.last
        return Stretch(self.after, self._upon, head, self._blocks, b"".join(self._rest or ()), whole)


def first_difference(ours: bytes, theirs: bytes) -> int | None:
    """The place of the first hash in which two rows of hashes differ, as far as both go."""
    both = min(len(ours), len(theirs))
    if ours[:both] == theirs[:both]:
        return None
    places = range(0, both, HASH_BYTES)
    return next(n for n, at in enumerate(places) if ours[at : at + HASH_BYTES] != theirs[at : at + HASH_BYTES])
