"""Filing seasons (A6): which one is open, what of which period is due in it, and from which department."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.archive.domain.tasks import Task
from shared.policy.life import Filing
from shared.words import Text


class OpenSeason(NamedTuple):
    """A month in which the records of a period are handed in; `kind` is `quarterly` or `yearly`."""

    kind: str
    period: str
    opens: date
    closes: date


class Due(NamedTuple):
    """A class of records that a department hands in for a period."""

    period: str
    department: str
    record_class: str
    due_on: date


class DueState(NamedTuple):
    """Something due and what came of it: how many records, or the reason why there is nothing to file."""

    due: Due
    filed: int
    nothing: str | None
    declared_by: str | None

    @property
    def settled(self) -> bool:
        return self.filed > 0 or self.nothing is not None


class Owing(NamedTuple):
    """What a department still owes of a period; its manager is asked for it."""

    period: str
    department: str
    due_on: date
    classes: tuple[str, ...]


def seasons_on(filing: Filing, today: date) -> list[OpenSeason]:
    """The seasons that are open on a day, the quarter's before the year's."""
    opens = today.replace(day=1)
    closes = today.replace(day=monthrange(today.year, today.month)[1])
    found = []
    if today.month in filing.quarterly_months:
        last = opens - timedelta(days=1)
        found.append(OpenSeason("quarterly", f"{last.year}-Q{(last.month - 1) // 3 + 1}", opens, closes))
    if today.month == filing.yearly_month:
        found.append(OpenSeason("yearly", str(today.year - 1), opens, closes))
    return found


def due_in(filing: Filing, season: OpenSeason, departments: Collection[str]) -> list[Due]:
    """What is due from whom in a season; `departments` are those that have a manager."""
    return sorted(
        {
            Due(season.period, department, owed.record_class, season.closes)
            for owed in filing.owed
            if owed.season == season.kind
            for department in (owed.departments or departments)
        }
    )


def owing(states: Iterable[DueState]) -> list[Owing]:
    """What is still missing, by period and department."""
    missing: dict[tuple[str, str, date], list[str]] = {}
    for state in states:
        due = state.due
        classes = missing.setdefault((due.period, due.department, due.due_on), [])
        if not state.settled:
            classes.append(due.record_class)
    return [Owing(*key, tuple(sorted(classes))) for key, classes in sorted(missing.items())]


def stages(owing: Owing, filing: Filing, today: date) -> list[str]:
    """Which askings have come: at the season's beginning, some days before its end, and after it."""
    reached = ["filing.due"]
    if today > owing.due_on - timedelta(days=filing.remind_before_days):
        reached.append("filing.closing")
    if today > owing.due_on:
        reached.append("filing.overdue")
    return reached


def asked(owing: Owing, person: str, kind: str, names: Mapping[str, Text], due_at: datetime) -> Task:
    """The task for the department's manager, or for the archivist once it is overdue."""
    zh = "、".join(names[name].zh if name in names else name for name in owing.classes)
    en = ", ".join(names[name].en if name in names else name for name in owing.classes)
    when = owing.due_on.isoformat()
    heads = {
        "filing.due": Text(zh=f"{owing.department} {owing.period} 归档，{when} 前交", en=f"by {when}"),
        "filing.closing": Text(zh=f"{owing.department} {owing.period} 归档将于 {when} 截止", en=f"due soon, by {when}"),
        "filing.overdue": Text(
            zh=f"{owing.department} {owing.period} 归档已逾期（{when}）", en=f"overdue since {when}"
        ),
    }
    head = heads[kind]
    words = Text(zh=f"{head.zh}：{zh}", en=f"{owing.department} files for {owing.period}, {head.en}: {en}")
    return Task(person, kind, "filing", subject_of(owing.period, owing.department), words, due_at=due_at)


def subject_of(period: str, department: str) -> str:
    return f"{period}:{department}"
