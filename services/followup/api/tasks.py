"""Tasks over HTTP: what waits for the person who asks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.followup.api.doors import Paging, told
from services.followup.domain.tasks import Task
from services.followup.usecases.tasks import ReadTasks
from shared.contracts.types import Identifier, Words
from shared.http import Page, Principal, principal


class Subject(BaseModel):
    """What a task is about."""

    type: str
    id: str


class TaskItem(BaseModel):
    """Something that waits for a person; `due_at` null has no end."""

    task_id: str
    person: str
    kind: str
    file: str | None
    due_at: datetime | None
    raised_at: datetime
    words: Words
    subject: Subject


def tasks_router(read: ReadTasks) -> APIRouter:
    """Tasks: everybody's own."""
    router = APIRouter(tags=["tasks"])

    @router.get("/tasks")
    async def list_tasks(
        who: Annotated[Principal, Depends(principal)],
        page: Paging,
        person: Annotated[Identifier | None, Query()] = None,
    ) -> Page[TaskItem]:
        """待办事项（总经理可查看他人的）。What waits for one, the newest first; the GM may look at anybody's."""
        with told():
            found = await read(who, person, page.after_moment, page.limit)
        return page.of([task_item(task) for task in found], lambda item: (item.raised_at.isoformat(), item.task_id))

    return router


def task_item(task: Task) -> TaskItem:
    return TaskItem(
        task_id=task.task_id,
        person=task.person,
        kind=task.kind,
        file=task.file,
        due_at=task.due_at,
        raised_at=task.raised_at,
        words=Words(zh=task.words.zh, en=task.words.en),
        subject=Subject(type=task.subject_type, id=task.subject_id),
    )
