"""The schedule of a customer: its facts, its level and the lines that follow from both, whichever came first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from services.followup.domain.cadence import Paces, Progress
from services.followup.domain.customer import Facts, Fall, Standing


class Line(NamedTuple):
    """A contact owed again and again (see `Pace`).

    `opened_on` is None while the line is closed: its customer has another level or phase now. `due_on` is the next
    contact's business date, None while none is owed; `trace` that of the event which last moved it; `about` what it is
    about, where that is one thing only: words in both languages, as JSON. `wished_on` is the date that the customer
    asked for (F7), `planned_on` the day to which levelling has put the contact off, None until it was looked at: then
    `due_on` itself.
    """

    line: str
    every: str
    opened_on: date | None
    reminded_until: date | None
    due_on: date | None
    trace: str
    about: str | None = None
    wished_on: date | None = None
    planned_on: date | None = None


class Schedule(NamedTuple):
    """All that is planned for a customer. Lines appear once both facts and level are known.

    `fall` is one that was foreseen, while its line is open (K6).
    """

    customer_id: str
    facts: Facts | None = None
    standing: Standing | None = None
    lines: Mapping[str, Line] = {}
    fall: Fall | None = None


def amend(schedule: Schedule, facts: Facts, paces: Paces, today: date, trace: str) -> Schedule:
    """The schedule with newer facts; the same object when `facts` are not newer."""
    known = schedule.facts
    if known is not None and facts.version <= known.version:
        return schedule
    # Rep and department come before the facts that dates depend on; but with nobody there, nobody is fined (P2).
    moved = known is None or known[3:] != facts[3:] or (known.rep is None) != (facts.rep is None)
    amended = Schedule(schedule.customer_id, facts, schedule.standing, schedule.lines, schedule.fall)
    return plan(amended, paces, today, trace) if moved else amended


def restand(schedule: Schedule, standing: Standing, paces: Paces, today: date, trace: str) -> Schedule:
    """The schedule at a newer level (K6: cadence moves with it); the same object when `standing` is not newer."""
    known = schedule.standing
    if known is not None and standing.sequence <= known.sequence:
        return schedule
    stood = Schedule(schedule.customer_id, schedule.facts, standing, schedule.lines, schedule.fall)
    return plan(stood, paces, today, trace)


def foresee(schedule: Schedule, fall: Fall, paces: Paces, today: date, trace: str) -> Schedule:
    """The schedule with a fall ahead (K6); the same object when a later one, or one as late, is known already."""
    known, name = schedule.fall, paces.fall.line
    if known is not None and (fall.sequence, fall.last_order_on) <= (known.sequence, known.last_order_on):
        return schedule
    line = schedule.lines.get(name)
    # Open, whatever else is known yet: by the open line the fall is found again.
    opened = Line(name, paces.fall.every, today, None if line is None else line.reminded_until, None, trace)
    foreseen = Schedule(schedule.customer_id, schedule.facts, schedule.standing, {**schedule.lines, name: opened}, fall)
    return plan(foreseen, paces, today, trace)


def plan(schedule: Schedule, paces: Paces, today: date, trace: str | None) -> Schedule:
    """Bring every line in step with facts, level and policy; lines that stay as they are stay the same objects.

    `trace` is that of the event that asks for it; None leaves each line the one that it has.

    A line that is new, comes back or has another interval than before counts from `today`; what it owed earlier is
    spread from there (F7). What was reminded of stays so, whatever closes and opens the line in between. A date that
    the customer asked for goes from a line that closes to what is owed then.
    """
    customer_id, facts, standing, lines, fall = schedule
    if facts is None or standing is None:
        return schedule
    planned: dict[str, Line] = {}
    for pace in paces.owed(facts, standing, fall, lines):
        name, every = pace.line, pace.every
        line = lines.get(name)
        if pace.span == "product" and line is not None:
            # Its one day was given with it.
            planned[name] = line
            continue
        wished_on = None
        if line is None:
            opened_on, reminded_until = today, None
        else:
            if line.wished_on is not None:
                wished_on = wish_that_holds(line, facts)
            reminded_until = line.reminded_until
            opened_on = line.opened_on if line.opened_on is not None and line.every == every else today
        due_on = wished_on or paces.next_due(
            pace, facts, standing, Progress(opened_on, reminded_until), customer_id, fall=fall
        )
        if line is None or (line.every, line.opened_on, line.due_on) != (every, opened_on, due_on):
            line = Line(name, every, opened_on, reminded_until, due_on, _trace(trace, line), None, wished_on)
        planned[name] = line
    wished_on = None
    for name, line in lines.items():
        if name not in planned:
            planned[name] = line if line.opened_on is None else _closed(line, trace)
            if line.wished_on is not None:
                wished_on = wish_that_holds(line, facts)
    after = Schedule(customer_id, facts, standing, planned, fall)
    # The date is the customer's, whatever the level and its line are called now (F7).
    return after if wished_on is None else wish(after, "", wished_on, paces, today) or after


def wish(schedule: Schedule, name: str, wished_on: date, paces: Paces, today: date) -> Schedule | None:
    """Move the next date of a line to the one that the customer asked for, and those before it of the others with it.

    What follows from something else than the last contact stays where it is. Where the line is not owed, the earliest
    moves. None where nothing could be moved (F7).
    """
    facts, standing = schedule.facts, schedule.standing
    if facts is None or standing is None:
        return None
    lines = schedule.lines
    movable = [pace.line for pace in paces.owed(facts, standing) if pace.by_clock and pace.line in lines]
    if not movable:
        return None
    asked = name if name in movable else min(movable, key=lambda each: lines[each].due_on or date.max)
    moved = {each for each in movable if each == asked or (lines[each].due_on or date.max) < wished_on}
    after = {
        each: line._replace(wished_on=wished_on, planned_on=None) if each in moved else line
        for each, line in lines.items()
    }
    return plan(schedule._replace(lines=after), paces, today, None)


def wish_that_holds(line: Line, facts: Facts) -> date | None:
    """The date that a customer asked for, until it was reminded of, or somebody was in touch on it or later (F7)."""
    wished_on = line.wished_on
    if wished_on is None or wished_on <= (line.reminded_until or date.min):
        return None
    return wished_on if (facts.contacted_on or date.min) < wished_on else None


def _closed(line: Line, trace: str | None) -> Line:
    return Line(line.line, line.every, None, line.reminded_until, None, _trace(trace, line), line.about)


def _trace(trace: str | None, line: Line | None) -> str:
    if trace is not None:
        return trace
    return "" if line is None else line.trace
