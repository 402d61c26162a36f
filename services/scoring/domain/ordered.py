"""An ordered set of byte strings that answers "how many are below" and "which is the i-th"."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from itertools import accumulate

# A block is moved by one memmove of at most 8 bytes an element: beyond some hundreds that begins to show, and below
# a hundred there are too many blocks to count over.
FULL = 512
HALF = FULL // 2


class OrderedKeys:
    """Sorted blocks of at most `FULL` keys; every operation is a bisection over blocks and one inside a block.

    Leaner than sortedcontainers' SortedKeyList: no tree of positions is kept up with each change, because positions
    are asked for only when a batch is settled.
    """

    __slots__ = ("_blocks", "_ends", "_lasts", "size")

    def __init__(self) -> None:
        self.size = 0
        self._blocks: list[list[bytes]] = []
        self._lasts: list[bytes] = []
        # How many keys stand in the blocks up to each one; None after a change.
        self._ends: list[int] | None = None

    def add(self, key: bytes) -> None:
        """Put in a key that is not there."""
        lasts = self._lasts
        at = bisect_left(lasts, key)
        if at == len(lasts):
            if not at:
                self._blocks.append([key])
                lasts.append(key)
                self.size, self._ends = 1, None
                return
            at -= 1
            lasts[at] = key
        block = self._blocks[at]
        insort(block, key)
        self.size += 1
        self._ends = None
        if len(block) > FULL:
            self._blocks.insert(at + 1, block[HALF:])
            del block[HALF:]
            lasts.insert(at, block[-1])

    def update(self, keys: Sequence[bytes]) -> None:
        """Put in keys that are not there; when they are many against those that are, all blocks are laid anew."""
        if len(keys) * 8 < self.size:
            # In order, so that keys which go to the same place find it still at hand.
            for key in sorted(keys):
                self.add(key)
            return
        merged = [key for block in self._blocks for key in block]
        merged += keys
        merged.sort()
        self._blocks = [merged[start : start + HALF] for start in range(0, len(merged), HALF)]
        self._lasts = [block[-1] for block in self._blocks]
        self.size, self._ends = len(merged), None

    def remove(self, key: bytes) -> None:
        """Take out a key that is there."""
        at = bisect_left(self._lasts, key)
        block = self._blocks[at]
        within = bisect_left(block, key)
        del block[within]
        self.size -= 1
        self._ends = None
        if within == len(block):
            if block:
                self._lasts[at] = block[-1]
            else:
                del self._blocks[at], self._lasts[at]

    def count_below(self, bound: bytes) -> int:
        """How many keys are less than `bound`."""
        at = bisect_left(self._lasts, bound)
        if not at:
            return bisect_left(self._blocks[0], bound) if self._blocks else 0
        ends = self._counted()
        if at == len(ends):
            return self.size
        return ends[at - 1] + bisect_left(self._blocks[at], bound)

    def between(self, start: int, stop: int) -> list[bytes]:
        """The keys at positions `start` to `stop` - 1, in order."""
        if start >= stop:
            return []
        ends = self._counted()
        first, last = bisect_left(ends, start + 1), bisect_left(ends, stop)
        before = ends[first - 1] if first else 0
        if first == last:
            return self._blocks[first][start - before : stop - before]
        found = self._blocks[first][start - before :]
        for block in self._blocks[first + 1 : last]:
            found += block
        return found + self._blocks[last][: stop - ends[last - 1]]

    def at(self, position: int) -> bytes:
        """The key at `position`, 0 being the least."""
        ends = self._counted()
        block = bisect_left(ends, position + 1)
        return self._blocks[block][position - (ends[block - 1] if block else 0)]

    def _counted(self) -> list[int]:
        ends = self._ends
        if ends is None:
            ends = self._ends = list(accumulate(map(len, self._blocks)))
        return ends
