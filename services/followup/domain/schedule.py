"""The schedule of a customer: its facts, its level and the lines that follow from both, whichever came first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from services.followup.domain.cadence import Paces, Progress
from services.followup.domain.customer import Facts, Standing


class Line(NamedTuple):
    """A contact owed again and again (see `Pace`).

    `opened_on` is None while the line is closed: its customer has another level or phase now. `due_on` is the next
    contact's business date, None while none is owed; `trace` that of the event which last moved it. `wished_on` is the
    date that the customer asked for (F7).
    """

    line: str
    every: str
    opened_on: date | None
    reminded_until: date | None
    due_on: date | None
    trace: str
    wished_on: date | None = None


class Schedule(NamedTuple):
    """All that is planned for a customer. Lines appear once both facts and level are known."""

    customer_id: str
    facts: Facts | None = None
    standing: Standing | None = None
    lines: Mapping[str, Line] = {}


def amend(schedule: Schedule, facts: Facts, paces: Paces, today: date, trace: str) -> Schedule:
    """The schedule with newer facts; the same object when `facts` are not newer."""
    known = schedule.facts
    if known is not None and facts.version <= known.version:
        return schedule
    # Rep and department come before the facts that dates depend on.
    moved = known is None or known[3:] != facts[3:]
    amended = Schedule(schedule.customer_id, facts, schedule.standing, schedule.lines)
    return plan(amended, paces, today, trace) if moved else amended


def restand(schedule: Schedule, standing: Standing, paces: Paces, today: date, trace: str) -> Schedule:
    """The schedule at a newer level (K6: cadence moves with it); the same object when `standing` is not newer."""
    known = schedule.standing
    if known is not None and standing.sequence <= known.sequence:
        return schedule
    return plan(Schedule(schedule.customer_id, schedule.facts, standing, schedule.lines), paces, today, trace)


def plan(schedule: Schedule, paces: Paces, today: date, trace: str | None) -> Schedule:
    """Bring every line in step with facts, level and policy; lines that stay as they are stay the same objects.

    `trace` is that of the event that asks for it; None leaves each line the one that it has.

    A line that is new, comes back or has another interval than before counts from `today`; what it owed earlier is
    spread from there (F7). What was reminded of stays so, whatever closes and opens the line in between.
    """
    customer_id, facts, standing, lines = schedule
    if facts is None or standing is None:
        return schedule
    planned: dict[str, Line] = {}
    for pace in paces.owed(facts, standing):
        name, every = pace.line, pace.every
        line = lines.get(name)
        wished_on = None
        if line is None:
            opened_on, reminded_until = today, None
        else:
            if line.wished_on is not None:
                wished_on = wish_that_holds(line, facts)
            reminded_until = line.reminded_until
            opened_on = line.opened_on if line.opened_on is not None and line.every == every else today
        due_on = wished_on or paces.next_due(pace, facts, standing, Progress(opened_on, reminded_until), customer_id)
        if line is None or (line.every, line.opened_on, line.due_on) != (every, opened_on, due_on):
            line = Line(name, every, opened_on, reminded_until, due_on, _trace(trace, line), wished_on)
        planned[name] = line
    for name, line in lines.items():
        if name not in planned:
            planned[name] = line if line.opened_on is None else _closed(line, trace)
    return Schedule(customer_id, facts, standing, planned)


def wish(schedule: Schedule, name: str, wished_on: date, paces: Paces, today: date) -> Schedule | None:
    """Move the next date of a line to the one that the customer asked for, and those before it of the others with it.

    The contact ahead of the usual purchase stays where it is. None where nothing is left that could be moved (F7).
    """
    facts, standing = schedule.facts, schedule.standing
    if facts is None or standing is None:
        return None
    lines = schedule.lines
    movable = [pace.line for pace in paces.owed(facts, standing) if pace.span != "ahead" and pace.line in lines]
    if not movable:
        return None
    asked = name if name in movable else min(movable, key=lambda each: lines[each].due_on or date.max)
    moved = {each for each in movable if each == asked or (lines[each].due_on or date.max) < wished_on}
    after = {each: line._replace(wished_on=wished_on) if each in moved else line for each, line in lines.items()}
    return plan(Schedule(schedule.customer_id, facts, standing, after), paces, today, None)


def wish_that_holds(line: Line, facts: Facts) -> date | None:
    """The date that a customer asked for, until it was reminded of, or somebody was in touch on it or later (F7)."""
    wished_on = line.wished_on
    if wished_on is None or wished_on <= (line.reminded_until or date.min):
        return None
    return wished_on if (facts.contacted_on or date.min) < wished_on else None


def _closed(line: Line, trace: str | None) -> Line:
    return Line(line.line, line.every, None, line.reminded_until, None, _trace(trace, line))


def _trace(trace: str | None, line: Line | None) -> str:
    if trace is not None:
        return trace
    return "" if line is None else line.trace
