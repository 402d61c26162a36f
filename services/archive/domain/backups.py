"""A8: when a backup is due, what is known of those that were made, and which of them may go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.archive.domain.tasks import Task
from shared.policy.backups import Backups
from shared.words import Text

SUBJECT = "backup"


class Backup(NamedTuple):
    """A backup as it was made: where it lies, its file's bytes and SHA-256 (hex), and what it holds.

    `signer` names the key that signed it; None: it was made before backups were signed. `entries` and `head` (hex) are
    the audit's chain as of `made_at`, the moment that the backup shows. `noted_at` is by the same clock as the
    schedule, which a local stack may set.
    """

    backup: str
    made_at: datetime
    place: str
    size: int
    sha256: str
    signer: str | None
    rows: int
    entries: int
    head: str
    noted_at: datetime


class Drill(NamedTuple):
    """A backup came back on a server of its own, or did not; `found` says what was found."""

    backup: str
    drilled_at: datetime
    sound: bool
    found: str


class Standing(NamedTuple):
    """A backup and its newest drill, if there was one."""

    backup: Backup
    drill: Drill | None

    @property
    def sound(self) -> bool:
        """Whether it came back the last time that anybody tried."""
        return self.drill is not None and self.drill.sound


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a backup was to be made: `since` is the last such moment that has passed."""

    since: datetime
    due: bool
    overdue: bool


def schedule(standings: Iterable[Standing], rules: Backups, now: datetime, zone: ZoneInfo) -> Schedule:
    """Due as long as none that came back whole was noted on this month's day or later."""
    since = latest(rules, now, zone)
    done = any(standing.sound and standing.backup.noted_at >= since for standing in standings)
    return Schedule(since, not done, not done and now >= since + timedelta(hours=rules.overdue_hours))


def latest(rules: Backups, now: datetime, zone: ZoneInfo) -> datetime:
    """The newest moment, not after `now`, at which a backup was to be made."""
    today = now.astimezone(zone).date()
    moment = datetime.combine(today.replace(day=rules.day), time(rules.hour), zone)
    if moment > now:
        last_month = today.replace(day=1) - timedelta(days=1)
        moment = datetime.combine(last_month.replace(day=rules.day), time(rules.hour), zone)
    return moment


def removable(standings: Sequence[Standing], here: Collection[str], keep: int) -> list[str]:
    """Which of those that are `here` may go, oldest first: not the newest `keep`, nor the newest that came back.

    Of a file that no entry tells of nobody here knows what it is: it stays.
    """
    ours = sorted(
        (standing for standing in standings if standing.backup.backup in here),
        key=lambda standing: (standing.backup.noted_at, standing.backup.backup),
        reverse=True,
    )
    proved = next((standing for standing in ours if standing.sound), None)
    return [standing.backup.backup for standing in reversed(ours[keep:]) if standing is not proved]


def overdue_task(person: str, since: datetime) -> Task:
    return Task(
        person,
        "backup.overdue",
        SUBJECT,
        subject(since),
        Text(
            zh="本月备份尚未完成或未通过恢复验证：请查看 `tierline backup list`，并运行 `tierline backup make`",
            en="This month's backup was not made, or did not come back: see `tierline backup list`, then run "
            "`tierline backup make`",
        ),
    )


def failed_task(person: str, since: datetime, drill: Drill) -> Task:
    return Task(
        person,
        "backup.failed",
        SUBJECT,
        subject(since),
        Text(
            zh=f"备份 {drill.backup} 未能恢复：{drill.found}",
            en=f"The backup {drill.backup} did not come back: {drill.found}",
        ),
    )


def subject(since: datetime) -> str:
    """Of what such a task is: once for each month's backup."""
    return since.date().isoformat()
