"""What archive asks of people: one task for each person, kind and subject, whoever finds that it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from shared.contracts.archive import TaskCleared, TaskRaised, TaskSubject
from shared.contracts.types import Words
from shared.engine.model import Outgoing
from shared.words import Text

TOPIC = "archive.v1"


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for `person`.

    `kind` says what is to be done (`request.sign`), `subject_type` and `subject_id` of what. What may come up again
    (a season, a month) has that in its subject's id: a task that was raised once is never raised again.
    """

    person: str
    kind: str
    subject_type: str
    subject_id: str
    words: Text
    file: str | None = None
    due_at: datetime | None = None

    @property
    def task_id(self) -> str:
        """The same for the same person, kind and subject, on every machine and for ever."""
        # Identifiers have no control characters, so no two tasks are spelled alike.
        spelled = f"{self.person}\n{self.kind}\n{self.subject_type}\n{self.subject_id}"
        return blake2b(spelled.encode(), digest_size=16).hexdigest()


def task_raised(task: Task, now: datetime) -> Outgoing:
    data = TaskRaised(
        task_id=task.task_id,
        person=task.person,
        kind=task.kind,
        file=task.file,
        due_at=task.due_at,
        raised_at=now,
        words=Words(zh=task.words.zh, en=task.words.en),
        subject=TaskSubject(type=task.subject_type, id=task.subject_id),
    )
    return Outgoing(TOPIC, task.person, "task.raised", f"{task.task_id}:raised", data)


def task_cleared(task_id: str, person: str, now: datetime) -> Outgoing:
    data = TaskCleared(task_id=task_id, person=person, at=now)
    return Outgoing(TOPIC, person, "task.cleared", f"{task_id}:cleared", data)
