"""What can be wrong with the proof of the audit, and whom that calls."""

from __future__ import annotations

from datetime import datetime

from services.archive.domain.tasks import Task
from shared.words import Text

BROKEN, FORKED, AWAY = "audit_broken", "checkpoint_forked", "second_place_away"
"""The chain does not follow; the tree is not the one that was signed before; nothing can be written outside."""

SUBJECT = "alarm"
ALARMS = {
    BROKEN: Text(
        zh="审计链不衔接，已停止签名：请运行 `tierline audit verify` 查明首个问题条目",
        en="The audit chain does not follow, and nothing more is signed: `tierline audit verify` names the first bad "
        "entry",
    ),
    FORKED: Text(
        zh="审计树与已签名的树头不符，已停止签名：请运行 `tierline audit verify`；如曾恢复备份，请为第二处另指定位置",
        en="The audit is not what was signed before, and nothing more is signed: run `tierline audit verify`; after a "
        "restore, name another second place",
    ),
    AWAY: Text(
        zh="审计树头的第二处无法写入：签名照常，恢复后自动补齐；在此之前，新条目只在本库有据",
        en="The second place of the audit's checkpoints cannot be written: what is missed is brought later, and until "
        "then new entries are vouched for here only",
    ),
}


def subject_of(alarm: str, since: datetime) -> str:
    """One occurrence of an alarm: it may come again, and then calls again."""
    return f"{alarm}:{since.isoformat(timespec='seconds')}"


def alarm_in(subject: str) -> str:
    """Which alarm it is."""
    return subject.partition(":")[0]


def alarm_task(person: str, alarm: str, since: datetime) -> Task:
    return Task(person, f"alarm.{alarm}", SUBJECT, subject_of(alarm, since), ALARMS[alarm])
