"""What reps did and have to do, in numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import chain
from typing import NamedTuple

from services.followup.domain.cadence import Paces
from shared.contracts.types import CustomerClass, Level
from shared.policy.cadence import Cadence


class Tally(NamedTuple):
    """Reminders of a period, as they stand: `planned` is the sum of `done`, `skipped`, `open` and `ended`.

    `ended` ones nobody needed to answer any more. `late` ones were done, or still wait, on a later working day than
    that of their list. `minutes` are those that the policy allows for the planned ones, `worked` those that reps
    reported.
    """

    planned: int = 0
    done: int = 0
    late: int = 0
    skipped: int = 0
    open: int = 0
    ended: int = 0
    minutes: int = 0
    worked: int = 0

    def plus(self, other: Tally) -> Tally:
        return Tally._make(map(sum, zip(self, other, strict=True)))


class Share(NamedTuple):
    """What of a period's reminders is one rep's, of customers of one level."""

    rep: str
    customer_class: CustomerClass
    level: Level
    tally: Tally


class Upcoming(NamedTuple):
    """Contacts of a day that are planned and not issued yet, of customers of one level on one line."""

    due_on: date
    customer_class: CustomerClass
    level: Level
    line: str
    contacts: int


class Ahead(NamedTuple):
    """A contact that is planned and not issued yet."""

    due_on: date
    customer_id: str
    line: str
    rep: str | None
    customer_class: CustomerClass
    level: Level


class Done(NamedTuple):
    """What a rep did in a week: reminders of its lists, contacts made within it with their minutes, and trade.

    `ordered` customers have their last order in it; `levels` counts customers whose level was decided in it.
    """

    tally: Tally
    contacts: int
    worked: int
    ordered: int
    levels: Mapping[tuple[str, str], int]


class Figures(NamedTuple):
    """A week in numbers, and the next one's contacts with the minutes that the policy allows (F9)."""

    planned: int = 0
    done: int = 0
    late: int = 0
    skipped: int = 0
    contacts: int = 0
    minutes: int = 0
    next_contacts: int = 0
    next_minutes: int = 0

    def plus(self, other: Figures) -> Figures:
        return Figures._make(map(sum, zip(self, other, strict=True)))


def figures(done: Done, ahead: Iterable[Upcoming], paces: Paces) -> Figures:
    """The week's report in numbers."""
    upcoming = list(ahead)
    return Figures(
        planned=done.tally.planned,
        done=done.tally.done,
        late=done.tally.late,
        skipped=done.tally.skipped,
        contacts=done.contacts,
        minutes=done.worked,
        next_contacts=sum(each.contacts for each in upcoming),
        next_minutes=minutes_of(upcoming, paces),
    )


def minutes_of(upcoming: Iterable[Upcoming], paces: Paces) -> int:
    """The work that planned contacts are, as far as the policy in force says."""
    found = ((each.contacts, cadence_of(paces, each.customer_class, each.level, each.line)) for each in upcoming)
    return sum(contacts * cadence.minutes for contacts, cadence in found if cadence is not None)


def cadence_of(paces: Paces, customer_class: str, level: str, line: str) -> Cadence | None:
    """What the policy says of a line of customers of a level; None for a line that it knows no more."""
    by_level = paces.by_level.get((customer_class, level), ())
    groups = paces.by_phase.values() if customer_class == "sample" else [by_level]
    others = (*chain(*paces.occasions.values()), paces.file, paces.report, paces.protection, paces.fall)
    known = (pace for pace in (*chain(*groups), *others) if pace is not None)
    if line.startswith(f"{paces.news.line}:"):
        return paces.news.cadence
    return next((pace.cadence for pace in known if pace.line == line), None)
