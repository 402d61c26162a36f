"""Which of a rep's contacts a day holds, and which wait (F1–F4, F8).

A rule over sets: it looks at what waits, not at the order in which it was found, nor at how much of it another
dispatcher has done before. Nothing is moved ahead of its date, and nothing beyond its last day. Taken in the order of
last days, a day holds more than its capacity only of contacts whose last day it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.followup.domain.cadence import Paces
from services.followup.domain.due import Due
from services.followup.domain.reminders import asked_of, due_by
from services.followup.domain.schedule import Schedule
from shared.policy import Policy
from shared.policy.capacity import Slip
from shared.working_time import WorkingTime

DAY = timedelta(days=1)
DAYS_OF_A_MONTH = 30  # near enough to say what share of an interval has passed


class Load(NamedTuple):
    """What a customer asks of its rep: all its contacts that are due make one, which takes `minutes`.

    `first_on` and `latest_on` are the working days between which it belongs; `due_on` is the date of the contact that
    can wait least, `interval` the days from one such contact to the next.
    """

    customer_id: str
    minutes: int
    weight: int
    first_on: date
    latest_on: date
    due_on: date
    interval: int

    def lateness(self, day: date) -> int:
        """How late it is on `day`, in thousandths of its interval."""
        return (day - self.due_on).days * 1000 // self.interval


class Levelled(NamedTuple):
    """What a day takes, what waits until which day, and the minutes beyond the capacity."""

    taken: list[Load]
    later: dict[str, date]
    over: int


@dataclass(frozen=True, slots=True)
class RepDays:
    """The days on which a rep works: the company's without the rep's own days off."""

    works: Callable[[date], bool]
    off: frozenset[date] = frozenset()

    def between(self, first: date, last: date) -> Iterator[date]:
        """Working days of the rep from `first` to `last`, the latest first."""
        while last >= first:
            if last not in self.off and self.works(last):
                yield last
            last -= DAY

    def last_chance(self, load: Load) -> date:
        """The last day on which the rep could see to it; of a rep who is away all the time, the latest day itself."""
        return next(self.between(load.first_on, load.latest_on), load.latest_on)

    def next_after(self, day: date, last: date) -> date:
        """The rep's first working day after `day`, but not after `last`."""
        candidate = day + DAY
        while candidate < last and (candidate in self.off or not self.works(candidate)):
            candidate += DAY
        return candidate


def level(loads: Iterable[Load], day: date, room: int, days: RepDays) -> Levelled:
    """Fill a rep's working day that has `room` minutes left; a negative number where it is over already.

    In order: the earliest last day, the greater weight, the later in terms of its interval, the id's bytes. What does
    not fit makes way for what does; what cannot wait is taken anyway.
    """
    ranks = {
        load: (days.last_chance(load), -load.weight, -load.lateness(day), load.customer_id.encode()) for load in loads
    }
    taken, later = list[Load](), dict[str, date]()
    left = room
    for load in sorted(ranks, key=ranks.__getitem__):
        last_on = ranks[load][0]
        if last_on <= day or load.minutes <= left:
            taken.append(load)
            left -= load.minutes
        else:
            later[load.customer_id] = days.next_after(day, last_on)
    return Levelled(taken, later, max(0, -left))


def waits(schedule: Schedule, by: date) -> bool:
    """Whether a line of the customer stands on a list of that day or earlier."""
    return any(line.due_on is not None and (line.planned_on or line.due_on) <= by for line in schedule.lines.values())


def put_off(schedule: Schedule, today: date, until: date) -> Schedule:
    """The schedule with what is due by `today` put off."""
    lines = {
        name: line if line.due_on is None or line.due_on > today else line._replace(planned_on=until)
        for name, line in schedule.lines.items()
    }
    return schedule._replace(lines=lines)


@dataclass(frozen=True, slots=True)
class Levelling:
    """The policy's capacity, ready to be asked for each customer."""

    minutes_a_day: int
    slip: Slip
    weights: Mapping[str, int]
    zone: ZoneInfo
    deputies: bool
    works: Callable[[date], bool]

    @classmethod
    def of(cls, policy: Policy) -> Levelling:
        capacity = policy.capacity
        return cls(
            capacity.minutes_a_day,
            capacity.slip,
            {level: int(weight) for level, weight in capacity.weights},
            policy.zone,
            policy.working_time.leave == "deputy",
            # Whole months of thousands of customers ask for the same few days.
            lru_cache(maxsize=4096)(WorkingTime(policy).is_working),
        )

    def slot(self, day: date) -> date:
        """The working day whose list is given out on `day`: on a day off that of the next one."""
        while not self.works(day):
            day += DAY
        return day

    def list_began(self, day: date) -> date:
        """The first day on which something is given out for the working day of `day`, days off before it included."""
        first = self.slot(day)
        while not self.works(first - DAY):
            first -= DAY
        return first

    def begins(self, day: date) -> datetime:
        """Midnight, from which on something is done on `day`."""
        return datetime.combine(day, time.min, self.zone)

    def days_of(self, off: frozenset[date] = frozenset()) -> RepDays:
        """The working days of a rep with these days off."""
        return RepDays(self.works, off)

    def fill(self, loads: Iterable[Load], day: date, room: int, days: RepDays) -> Levelled:
        """As `level`; on the rep's leave nothing fits, or all of it is the deputy's, by policy."""
        if day not in days.off:
            return level(loads, day, room, days)
        return Levelled(list(loads), {}, 0) if self.deputies else level(loads, day, 0, days)

    def load_of(self, schedule: Schedule, paces: Paces, by: date) -> Load | None:
        """What a customer asks by that day; None where nothing is due."""
        due = due_by(schedule, paces, by)
        if not due:
            return None
        latest_on, due_on, interval = min((self.latest_on(each), each.due_on, interval_of(each)) for each in due)
        return Load(
            schedule.customer_id,
            sum(contact.pace.cadence.minutes for contact in asked_of(due, by)),
            self.weights[due[0].standing.level],
            self.slot(min(contact.due_on for contact in due)),
            latest_on,
            due_on,
            interval,
        )

    def latest_on(self, contact: Due) -> date:
        """The last working day for a contact that is due: so far it slips, and further only over days off.

        A date that the customer asked for does not slip (F7).
        """
        due_on = contact.due_on
        slip = 0 if contact.line.wished_on == due_on else self.slip.days(interval_of(contact))
        latest, first = due_on + slip * DAY, self.slot(due_on)
        while latest > first and not self.works(latest):
            latest -= DAY
        return max(latest, first)


def interval_of(contact: Due) -> int:
    """Days from one contact to the next; of one that helps until some day only, the days until then."""
    if contact.latest_on is not None:
        return max(1, (contact.latest_on - contact.due_on).days)
    every = contact.pace.cadence.every
    return every.days if every.days is not None else DAYS_OF_A_MONTH * (every.months or 1)


class Rules(NamedTuple):
    """What the policy says of the dates of contacts and of the days that hold them."""

    paces: Paces
    levelling: Levelling

    @classmethod
    def of(cls, policy: Policy) -> Rules:
        return cls(Paces.of(policy), Levelling.of(policy))
