"""What time alone will do to levels (K4, K6), and the least order that would keep one: computed, not guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, inf
from typing import Final

from services.scoring.domain.customers import Facts
from services.scoring.domain.levels import Levels
from services.scoring.domain.markets import MarketRanker
from services.scoring.domain.places import Place
from shared.contracts.types import Level
from shared.money import ATOM_PLACES

CENT: Final = 10 ** (ATOM_PLACES - 2)
MOST: Final = 10**14 - 1  # cents: an order's amount stays below 10^12

HEIGHT: Final[dict[Level, int]] = {"lapsed": 0, "ordinary": 1, "key": 2}


@dataclass(frozen=True, slots=True)
class Fall:
    """A level that ends on `falls_on` if nobody orders meanwhile, as it was foreseen.

    `keeps` is the least order, in the base currency to the cent and dated the day of foreseeing, that would keep it:
    0 for any order, None where no single one would. One that comes later, but before `falls_on`, counts no less.
    `sequence` is that of the decision which gave the level.
    """

    customer_id: str
    sequence: int
    rep: str | None
    last_order_on: date
    level: Level
    falls_to: Level
    falls_on: date
    keeps: Decimal | None

    @property
    def act_by(self) -> date:
        """The last day on which an order keeps the level."""
        return self.falls_on - timedelta(days=1)


class Outlook:
    """Lets days pass in a settled ranker of its own, without an order from anybody.

    Each question leaves it as it was; `undo` would take back the days.
    """

    def __init__(self, ranker: MarketRanker, levels: Levels) -> None:
        self._ranker = ranker
        self._levels = levels
        self._began = ranker.today
        self._fallen: set[str] = set()

    def next_day(self, gone: Iterable[tuple[str, int, int]]) -> list[Place]:
        """Let the next day begin, on which `gone` (id, orders, atoms) leaves the window; return who falls on it."""
        ranker = self._ranker
        ranker.set_today(ranker.today + timedelta(days=1))
        for customer_id, orders, amount in gone:
            ranker.adjust(customer_id, -orders, -amount)
        falls = [
            place
            for name, place in sorted(ranker.settle().items())
            if name not in self._fallen and place.level and HEIGHT[self.level_of(place)] < HEIGHT[place.level]
        ]
        self._fallen.update(place.name for place in falls)
        return falls

    def level_of(self, place: Place) -> Level:
        """The level on the day that has begun."""
        return self._level(place, place.last)

    def fall_of(self, place: Place) -> Fall:
        """The fall of a customer that `next_day` returned, on the day that has begun."""
        if place.level is None:
            raise ValueError("who was never decided about cannot fall")
        cents = self._least(place, HEIGHT[place.level])
        return Fall(
            customer_id=place.name,
            sequence=place.sequence,
            rep=place.rep,
            last_order_on=date.fromordinal(place.last),
            level=place.level,
            falls_to=self.level_of(place),
            falls_on=self._ranker.today,
            keeps=None if cents is None else Decimal(cents).scaleb(-2),
        )

    def _level(self, place: Place, last: int) -> Level:
        facts = Facts(0, "contract", date.fromordinal(last), None, None, None, place.market)
        return self._levels.tier_of(place.name, facts, self._ranker).level

    def _least(self, place: Place, height: int) -> int | None:
        """The least order in cents that keeps a level, None where none does.

        More money never makes a rank worse: it lowers others' M scores or leaves them, and raises one's own. So the
        least amount is where `holds` turns true; the line as it stands tells nearly where.
        """
        ranker = self._ranker
        last, f, m = place.facts
        was_ranked = place.is_ranked
        ordered_on = max(last, self._began.toordinal())

        def holds(cents: int) -> bool:
            ranker.change(place.name, place.market, date.fromordinal(ordered_on), f + 1, m + cents * CENT)
            ranker.settle()
            return HEIGHT[self._level(place, ordered_on)] >= height

        try:
            if holds(0):
                return 0
            line = self._line_before(place.name)
            guess = MOST if line == inf else min(max(ceil((line - m) / CENT), 1), MOST)
            return turning_point(holds, guess, MOST)
        finally:
            if was_ranked:
                ranker.change(place.name, place.market, date.fromordinal(last), f, m)
            else:
                ranker.remove(place.name)
            ranker.settle()

    def _line_before(self, name: str) -> float:
        """M, in atoms, beyond which the members of a customer's group are key; infinite where none is."""
        group = self._ranker.places[name].group
        return inf if group is None else -group.bound[0]


def turning_point(holds: Callable[[int], bool], guess: int, most: int) -> int | None:
    """The least number from 1 to `most` that holds, when 0 does not and all above one that holds do; None: none does.

    A few questions when `guess` is near, and at worst twice as many as `most` has bits.
    """
    low, high, step = 0, guess, 1
    if holds(high):
        # Down from the guess, in growing steps, to one that does not.
        while high - step > low:
            if not holds(high - step):
                low = high - step
                break
            high -= step
            step *= 4
    else:
        while True:
            if high == most:
                return None
            low, high, step = high, min(high + step, most), step * 4
            if holds(high):
                break
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
