"""The week's report of a rep, and the roll-up of a department (F9): what was done, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from services.followup.domain.figures import Done, Figures, Upcoming
from services.followup.domain.weeks import Week
from services.followup.domain.words import CLASSES, LEVELS
from shared.words import Text

ReportState = Literal["draft", "due", "missing", "filed"]
"""Not asked for yet, asked for, not filed by closing, filed."""


class Report(NamedTuple):
    """A rep's report on a week; `summary` and `plan` are the rep's own words, None while the drafted ones stand.

    `figures` are those of the moment of filing. `asked_at` is None until `report.due` was published.
    """

    rep: str
    week: str
    department: str | None
    due_on: date
    due_at: datetime
    asked_at: datetime | None = None
    summary: str | None = None
    plan: str | None = None
    filed_at: datetime | None = None
    filed_by: str | None = None
    figures: Figures | None = None

    def state(self, now: datetime) -> ReportState:
        if self.filed_at is not None:
            return "filed"
        if self.asked_at is None:
            return "draft"
        return "missing" if now >= self.due_at else "due"


class Drafted(NamedTuple):
    """What a report says until the rep says otherwise."""

    summary: Text
    plan: Text


class PassedOn(NamedTuple):
    """A department's week, as its manager passed it on."""

    department: str
    week: str
    person: str
    passed_on_at: datetime
    note: str | None
    figures: Figures
    filed: int
    missing: int


class RollUp(NamedTuple):
    """A department's week: each rep's report with its figures, and the sum of them all."""

    department: str
    week: str
    reports: Sequence[tuple[Report, Figures]]
    passed_on: PassedOn | None

    @property
    def total(self) -> Figures:
        total = Figures()
        for _, figures in self.reports:
            total = total.plus(figures)
        return total

    @property
    def filed(self) -> int:
        return sum(report.filed_at is not None for report, _ in self.reports)


def drafted(week: Week, done: Done, ahead: Sequence[Upcoming], figures: Figures, overdue: int) -> Drafted:
    """Summary and plan as far as they follow from what was done and what is planned."""
    summary = [
        Text(
            zh=f"{week.name}：联系 {figures.contacts} 次，用时 {figures.minutes} 分钟",
            en=f"{week.name}: {figures.contacts} contacts, {figures.minutes} minutes",
        ),
        Text(
            zh=f"本周提醒 {figures.planned} 条，完成 {figures.done}，逾期 {figures.late}，略过 {figures.skipped}",
            en=f"of {figures.planned} reminders {figures.done} done, {figures.late} late, {figures.skipped} left out",
        ),
        Text(zh=f"{done.ordered} 位客户下单", en=f"{done.ordered} customers ordered"),
        *([_levels(done.levels)] if done.levels else []),
    ]
    plan = [
        Text(
            zh=f"{week.next().name}：计划联系 {figures.next_contacts} 次，约 {figures.next_minutes} 分钟",
            en=f"{week.next().name}: {figures.next_contacts} contacts planned, about {figures.next_minutes} minutes",
        ),
        *([_days(ahead)] if ahead else []),
        Text(zh=f"另有逾期 {overdue} 条", en=f"besides, {overdue} overdue"),
    ]
    return Drafted(_sentence(summary), _sentence(plan))


def _levels(levels: Mapping[tuple[str, str], int]) -> Text:
    named = [(CLASSES[each[0]], LEVELS[each[1]], count) for each, count in levels.items()]
    return Text(
        zh="定级：" + "、".join(f"{kind.zh}（{level.zh}）{count} 位" for kind, level, count in named),
        en="levels decided: " + ", ".join(f"{count} {kind.en.lower()}, {level.en}" for kind, level, count in named),
    )


def _days(ahead: Sequence[Upcoming]) -> Text:
    by_day = dict[date, int]()
    for each in ahead:
        by_day[each.due_on] = by_day.get(each.due_on, 0) + each.contacts
    return Text(
        zh="、".join(f"{day:%m-%d} {count} 次" for day, count in sorted(by_day.items())),
        en=", ".join(f"{count} on {day:%m-%d}" for day, count in sorted(by_day.items())),
    )


def _sentence(parts: Sequence[Text]) -> Text:
    return Text(zh="；".join(part.zh for part in parts) + "。", en="; ".join(part.en for part in parts) + ".")
