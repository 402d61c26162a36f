"""An ordered set of customers that answers "how many stand before this" and "who is the i-th", and what they bring."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from operator import attrgetter, neg

from services.scoring.domain.places import Mark, Place

# A block is moved by a memmove of at most 8 bytes an element: beyond some hundreds that begins to show, and below
# a hundred there are too many blocks to count over.
FULL = 512
HALF = FULL // 2

mark_of = attrgetter("mark")
amount_of = attrgetter("m")


class OrderedPlaces:
    """Customers by mark (M descending, then id), in sorted blocks of at most `FULL`.

    Beside each block stands an array with M as floats. Among a million customers what costs time is not comparing but
    fetching from memory what is compared: a search in the array reads one page where a search among the customers
    would read a dozen. Rounding keeps the order, so that only those of one float are compared exactly.
    `summed`: amounts are added up too.
    """

    __slots__ = ("_approx", "_blocks", "_brought", "_ends", "_lasts", "_sums", "size")

    def __init__(self, *, summed: bool = False) -> None:
        self.size = 0
        self._blocks: list[list[Place]] = []
        self._approx: list[array[float]] = []
        self._lasts: array[float] = array("d")
        self._sums: list[int] | None = [] if summed else None
        # How many stand in the blocks up to each one, and what they bring; None after a change.
        self._ends: list[int] | None = None
        self._brought: list[int] | None = None

    def add(self, place: Place) -> None:
        """Put in a customer who is not there."""
        rough, lasts = float(-place.m), self._lasts
        if not lasts:
            self._lay([place])
            return
        at = bisect_left(lasts, rough)
        if at == len(lasts):
            at -= 1
            approx = self._approx[at]
            within = len(approx)
            lasts[at] = rough
        else:
            approx = self._approx[at]
            within = bisect_left(approx, rough)
            if approx[within] == rough:
                at, within = self._search(place.mark)
                if at == len(lasts):
                    at -= 1
                    within = len(self._blocks[at])
                approx = self._approx[at]
        block = self._blocks[at]
        block.insert(within, place)
        approx.insert(within, rough)
        if self._sums is not None:
            self._sums[at] += place.m
        self.size += 1
        self._ends = self._brought = None
        if len(block) > FULL:
            self._blocks.insert(at + 1, block[HALF:])
            self._approx.insert(at + 1, approx[HALF:])
            del block[HALF:], approx[HALF:]
            self._lasts.insert(at, approx[-1])
            if self._sums is not None:
                low = sum(map(amount_of, block))
                self._sums.insert(at, low)
                self._sums[at + 1] -= low

    def update(self, places: Sequence[Place]) -> None:
        """Put in customers who are not there; when they are many against those who are, all blocks are laid anew."""
        if len(places) < self.size:
            for place in places:
                self.add(place)
            return
        self._lay([place for block in self._blocks for place in block] + list(places))

    def remove(self, place: Place) -> None:
        """Take out a customer who is there, before its facts change."""
        # Most are told from all others by the float alone.
        rough, lasts = float(-place.m), self._lasts
        at = bisect_left(lasts, rough)
        approx = self._approx[at]
        within = bisect_left(approx, rough)
        if lasts[at] == rough or approx[within + 1] == rough:
            at, within = self._search(place.mark)
            approx = self._approx[at]
        block = self._blocks[at]
        del block[within], approx[within]
        if self._sums is not None:
            self._sums[at] -= place.m
        self.size -= 1
        self._ends = self._brought = None
        if within == len(block):
            if block:
                self._lasts[at] = approx[-1]
            else:
                del self._blocks[at], self._approx[at], self._lasts[at]
                if self._sums is not None:
                    del self._sums[at]

    def count_below(self, bound: Mark) -> int:
        """How many customers stand before `bound`."""
        rough, lasts = float(bound[0]), self._lasts
        at = bisect_left(lasts, rough)
        if at == len(lasts):
            return self.size
        approx = self._approx[at]
        within = bisect_left(approx, rough)
        if approx[within] == rough:
            at, within = self._search(bound)
        if not at:
            return within
        ends = self._ends
        if ends is None:
            ends = self._counted()
        return ends[at - 1] + within

    def brought_below(self, bound: Mark) -> int:
        """What the customers before `bound` bring, in atoms; only where amounts are added up."""
        at, within = self._search(bound)
        if self._brought is None:
            self._brought = list(accumulate(self._sums or ()))
        whole = self._brought[at - 1] if at else 0
        return whole + (sum(map(amount_of, self._blocks[at][:within])) if within else 0)

    def between(self, start: int, stop: int) -> list[Place]:
        """Who stands at positions `start` to `stop` - 1, in order."""
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

    def at(self, position: int) -> Place:
        """Who stands at `position`, 0 being the first."""
        ends = self._counted()
        block = bisect_left(ends, position + 1)
        return self._blocks[block][position - (ends[block - 1] if block else 0)]

    def _search(self, bound: Mark) -> tuple[int, int]:
        """The block, and the position in it, of the first who does not stand before `bound`."""
        rough, lasts = float(bound[0]), self._lasts
        at = bisect_left(lasts, rough)
        if at == len(lasts):
            return at, 0
        if lasts[at] == rough:
            # Blocks may end inside a run of those who compare alike.
            stop = min(bisect_right(lasts, rough, at) + 1, len(lasts))
            at = bisect_left(self._blocks, bound, at, stop, key=last_mark)
            if at == len(lasts):
                return at, 0
        approx = self._approx[at]
        low = bisect_left(approx, rough)
        if low < len(approx) and approx[low] == rough:
            low = bisect_left(self._blocks[at], bound, low, bisect_right(approx, rough, low), key=mark_of)
        return at, low

    def _lay(self, places: list[Place]) -> None:
        """Lay all blocks anew."""
        # By amount, and those of one float once more: to sort all by their marks would take several times as long.
        places.sort(key=amount_of, reverse=True)
        approx = array("d", map(float, map(neg, map(amount_of, places))))
        stop = 0
        for start in [at for at, (rough, following) in enumerate(pairwise(approx)) if rough == following]:
            if start >= stop:
                stop = bisect_right(approx, approx[start], start)
                places[start:stop] = sorted(places[start:stop], key=mark_of)
        starts = range(0, len(places), HALF)
        self._blocks = [places[start : start + HALF] for start in starts]
        self._approx = [approx[start : start + HALF] for start in starts]
        self._lasts = array("d", (block[-1] for block in self._approx))
        if self._sums is not None:
            self._sums = [sum(map(amount_of, block)) for block in self._blocks]
        self.size = len(places)
        self._ends = self._brought = None

    def _counted(self) -> list[int]:
        ends = self._ends
        if ends is None:
            ends = self._ends = list(accumulate(map(len, self._blocks)))
        return ends


def last_mark(block: list[Place]) -> Mark:
    return block[-1].mark
