"""A ranked customer in memory, and the one byte string by which customers compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from services.scoring.domain.quantiles import Histogram
from shared.contracts.types import Level, Potential

if TYPE_CHECKING:
    from services.scoring.domain.line import Group

# 20 bytes hold every M: 10^12 orders of 10^24 atoms of money each are 2^120.
WIDTH = 20
BIAS = 1 << (8 * WIDTH - 1)

FIRST = b""
"""Below every sort key."""

NEXT = b"\0"
"""Behind a sort key, it makes the least string above it."""

BEYOND = b"\xff" * (WIDTH + 1)
"""Above every sort key."""


def sort_key(m: int, customer_id: str) -> bytes:
    """Orders by M (atoms) descending, then by the id's UTF-8 bytes ascending (K4): one memcmp compares both."""
    return (BIAS - m).to_bytes(WIDTH) + customer_id.encode()


def money_of(key: bytes) -> int:
    """M in atoms."""
    return BIAS - int.from_bytes(key[:WIDTH])


def customer_of(key: bytes) -> str:
    return key[WIDTH:].decode()


def bound_of(m: int) -> bytes:
    """Above the keys of all who have at least `m` atoms, below the others."""
    return (BIAS - m + 1).to_bytes(WIDTH)


Facts = tuple[int, int, int]
"""What a customer is ranked by: the day number of its last counting order, F, and M in atoms."""


class Place:
    """Where a customer stands. Slots and not a dataclass of values, because there are 100,000 and more of them.

    The ranker's: `last` (day number), `f`, `key` (M and id; empty once out of the population), `group` and `is_key`
    as of the last settling. The caller's, untouched by the ranker: `version`, `country`, `potential` and `rep` of the
    newest facts, `sequence` of the last decision and the `level` decided then.
    """

    __slots__ = (
        "country",
        "f",
        "group",
        "is_key",
        "key",
        "last",
        "level",
        "potential",
        "rep",
        "sequence",
        "version",
    )

    def __init__(self, last: int, f: int, key: bytes) -> None:
        self.last = last
        self.f = f
        self.key = key
        self.group: Group | None = None
        self.is_key = False
        self.version = 0
        self.sequence = 0
        self.level: Level | None = None
        self.country: str | None = None
        self.potential: Potential | None = None
        self.rep: str | None = None

    @property
    def facts(self) -> Facts:
        return self.last, self.f, money_of(self.key)


class Shelf(Histogram):
    """Customers by a number that changes, such as the day of the last order: how often each occurs and whose it is.

    `indexed_above`: the holders of numbers up to this one are never asked for.
    """

    __slots__ = ("_holders", "_number_of", "indexed_above")

    def __init__(self, number_of: Callable[[Place], int], *, indexed_above: int = -1) -> None:
        super().__init__()
        self._number_of = number_of
        self.indexed_above = indexed_above
        # Who has moved on is left in until a list is mostly of such: moving costs one append.
        self._holders: dict[int, list[Place]] = {}

    def put(self, number: int, place: Place) -> None:
        """File a customer under its number."""
        count = self.add(number)
        if number > self.indexed_above:
            holders = self._holders.get(number)
            if holders is None:
                self._holders[number] = [place]
                return
            holders.append(place)
            if len(holders) > 2 * count + 16:
                self._holders[number] = list(set(self.holders(number)))

    def take(self, number: int) -> None:
        """Take one customer away from under a number."""
        if not self.remove(number):
            self._holders.pop(number, None)

    def between(self, old: Sequence[int], new: Sequence[int]) -> list[int]:
        """The numbers that occur and lie beyond an old edge and up to its new one, or the other way round."""
        found: set[int] = set()
        for one, other in zip(old, new, strict=False):
            found.update(self.within(max(min(one, other), self.indexed_above), max(one, other)))
        return sorted(found)

    def holders(self, number: int) -> Iterator[Place]:
        """Whose number it is; somebody may come twice."""
        return (place for place in self._holders[number] if place.key and self._number_of(place) == number)
