"""A ranked customer in memory, and the mark by which customers compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING

from services.scoring.domain.quantiles import Histogram
from shared.contracts.types import Level, Potential

if TYPE_CHECKING:
    from services.scoring.domain.line import Group

Mark = tuple[float, str]
"""What customers are ordered by (K4): M in atoms negated, exact, then the id.

Text compares by code points, which is the order of its UTF-8 bytes. A bound may hold an infinity.
"""

FIRST: Mark = (-inf, "")
"""Before every customer's mark."""

BEYOND: Mark = (inf, "")
"""Behind every customer's mark."""


def behind(mark: Mark) -> Mark:
    """The least mark behind a customer's own: no id holds a NUL."""
    return mark[0], mark[1] + "\0"


def bound_of(m: int) -> Mark:
    """Behind the marks of all who have at least `m` atoms, before the others."""
    return 1 - m, ""


Facts = tuple[int, int, int]
"""What a customer is ranked by: the day number of its last counting order, F, and M in atoms."""


class Place:
    """Where a customer stands. Slots and not a dataclass of values, because there are 100,000 and more of them.

    The ranker's: `name` (the id), `last` (day number), `f`, `m` (atoms), `market`, `is_ranked` (in its population),
    `group` and `is_key` as of the last settling. The caller's, untouched by the ranker: `version`, `country`,
    `potential` and `rep` of the newest facts, `sequence` of the last decision and the `level` decided then.
    """

    __slots__ = (
        "country",
        "f",
        "group",
        "is_key",
        "is_ranked",
        "last",
        "level",
        "m",
        "market",
        "name",
        "potential",
        "rep",
        "sequence",
        "version",
    )

    def __init__(self, name: str, last: int, f: int, m: int) -> None:
        self.name = name
        self.last = last
        self.f = f
        self.m = m
        self.market: str | None = None
        self.is_ranked = True
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
        return self.last, self.f, self.m

    def stands_before(self, bound: Mark) -> bool:
        """Whether the mark is less than `bound`; cheaper than making it."""
        money, limit = -self.m, bound[0]
        return money < limit or (money == limit and self.name < bound[1])

    @property
    def mark(self) -> Mark:
        return -self.m, self.name


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

    def put_all(self, number: int, places: Sequence[Place]) -> None:
        """File many customers under one number."""
        self.add(number, len(places))
        if number > self.indexed_above:
            self._holders.setdefault(number, []).extend(places)

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
        return (place for place in self._holders[number] if place.is_ranked and self._number_of(place) == number)
