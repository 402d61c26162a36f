"""A rep's reminders as a calendar shows them, and what a calendar program is to be told since it asked last."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from services.followup.domain.words import LEVELS
from shared.words import Language, Text
from shared.working_time import WorkingTime

# A bar shorter than this cannot be read in a day's view.
SHORTEST = timedelta(minutes=5)
# A calendar program that asks once a day, and was off for two weeks, still hears of what ended.
ENDED_SHOWN = timedelta(days=15)

CHANNELS = {
    "mail": Text(zh="邮件", en="mail"),
    "phone": Text(zh="电话", en="phone"),
    "visit": Text(zh="拜访", en="visit"),
}


class Task(NamedTuple):
    """A reminder that waits, as far as a calendar shows it."""

    reminder_id: str
    customer_id: str
    customer_class: str
    level: str
    rule: str
    channel: str
    minutes: int
    due_on: date
    due_at: datetime
    escalated: int
    why_zh: str
    why_en: str


class Entry(NamedTuple):
    """One event of the calendar; `alarm` is what is said when it starts, None: nothing."""

    reminder_id: str
    starts_at: datetime
    minutes: int
    summary: str
    description: str
    urgent: bool
    alarm: str | None

    @property
    def digest(self) -> bytes:
        """Of all that is shown: another digest, another revision."""
        return sha256(repr(self).encode()).digest()


class Shown(NamedTuple):
    """An event as it was shown last; `ended_at` is None while it is due."""

    reminder_id: str
    sequence: int
    digest: bytes
    starts_at: datetime
    minutes: int
    summary: str
    modified_at: datetime
    ended_at: datetime | None


class Revision(NamedTuple):
    """What to show now: `entry` is None for an event that ended."""

    shown: Shown
    entry: Entry | None


class Layout(NamedTuple):
    """By what entries are laid out: the rep's working days less leave, from today on."""

    working_time: WorkingTime
    away: Collection[date]
    today: date
    date_of: Callable[[datetime], date]
    language: Language


def entries(tasks: Iterable[Task], layout: Layout) -> list[Entry]:
    """One after the other from the day's beginning on, over lunch, in the order of the due dates.

    What is overdue stands on today, or on the next day that the rep works. One alarm a day rings, when work begins:
    thirty at once would teach to switch them off.
    """
    days: dict[date, list[Task]] = {}
    for task in sorted(tasks, key=lambda task: (task.due_on, task.customer_id, task.reminder_id)):
        day = max(layout.date_of(task.due_at), layout.today)
        days.setdefault(layout.working_time.on_or_after(day, layout.away), []).append(task)
    return [entry for day in sorted(days) for entry in _day(day, days[day], layout)]


def revise(known: Mapping[str, Shown], now_due: Sequence[Entry], now: datetime) -> list[Revision]:
    """Each event with its number: the same while nothing changed, one more when something did, or when it ended."""
    revisions = []
    for entry in now_due:
        was, digest = known.get(entry.reminder_id), entry.digest
        if was is None or was.digest != digest or was.ended_at is not None:
            sequence = 0 if was is None else was.sequence + 1
            was = Shown(entry.reminder_id, sequence, digest, entry.starts_at, entry.minutes, entry.summary, now, None)
        revisions.append(Revision(was, entry))
    due = {entry.reminder_id for entry in now_due}
    for was in sorted(known.values()):
        if was.reminder_id in due or (was.ended_at is not None and was.ended_at <= now - ENDED_SHOWN):
            continue
        if was.ended_at is None:
            was = was._replace(sequence=was.sequence + 1, modified_at=now, ended_at=now)  # noqa: PLW2901
        revisions.append(Revision(was, None))
    return revisions


def _day(day: date, tasks: Sequence[Task], layout: Layout) -> Iterable[Entry]:
    rule, language = layout.working_time, layout.language
    cursor, closes = rule.begins(day), rule.ends(day)
    for number, task in enumerate(tasks):
        length = max(timedelta(minutes=task.minutes), SHORTEST)
        # A day that is too full ends in a heap; putting off is not the calendar's business.
        starts_at = min(rule.resumes(cursor), closes - length)
        yield Entry(
            reminder_id=task.reminder_id,
            starts_at=starts_at,
            minutes=length // timedelta(minutes=1),
            summary=_summary(task).in_(language),
            description=_description(task).in_(language),
            urgent=task.escalated > 0,
            alarm=_alarm(len(tasks)).in_(language) if number == 0 else None,
        )
        cursor = rule.plus_time(starts_at, length)


def _summary(task: Task) -> Text:
    level = LEVELS[task.level]
    channel = CHANNELS.get(task.channel, Text(zh=task.channel, en=task.channel))
    late = Text(zh="【逾期】", en="OVERDUE: ") if task.escalated else Text(zh="", en="")
    return Text(
        zh=f"{late.zh}跟进 {task.customer_id}（{level.zh}，{channel.zh}）",
        en=f"{late.en}Follow up {task.customer_id} ({level.en}, {channel.en})",
    )


def _description(task: Task) -> Text:
    return Text(
        zh=f"{task.why_zh}\n规则 {task.rule}，约 {task.minutes} 分钟。",
        en=f"{task.why_en}\nRule {task.rule}, about {task.minutes} min.",
    )


def _alarm(tasks: int) -> Text:
    return Text(zh=f"今天要跟进 {tasks} 位客户", en=f"{tasks} follow-up{'' if tasks == 1 else 's'} today")
