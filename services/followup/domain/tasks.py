"""What archive asks of people, as followup keeps and tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from services.followup.domain.notices import Item, Notice
from shared.contracts.archive import TaskRaised
from shared.words import Text

DECIDED_BY_LINK: Final = "request_step"
"""The subjects that archive lets people decide on by a link in a personal message."""


class Task(NamedTuple):
    """Something that waits for `person`; `words` say what, `subject_type` and `subject_id` about what."""

    task_id: str
    person: str
    kind: str
    file: str | None
    due_at: datetime | None
    raised_at: datetime
    words: Text
    subject_type: str
    subject_id: str


def task_of(data: TaskRaised) -> Task:
    """A task as it was told."""
    return Task(
        data.task_id,
        data.person,
        data.kind,
        data.file,
        data.due_at,
        data.raised_at,
        Text(zh=data.words.zh, en=data.words.en),
        data.subject.type,
        data.subject.id,
    )


def notice_of(task: Task, event_id: str) -> Notice:
    """What its person is told at once."""
    item = Item(
        customer_id=task.file or task.subject_id,
        why=task.words,
        reminder_id=task.task_id,
        kind=task.kind,
        asks=task.subject_id if task.subject_type == DECIDED_BY_LINK else None,
    )
    return Notice(event_id, task.person, "task", item)
