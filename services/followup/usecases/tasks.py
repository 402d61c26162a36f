"""Keep what archive asks of people, and tell each person of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.followup.domain.notices import Notice
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.tasks import Task, notice_of, task_of
from services.followup.ports import Clock, Desk
from services.followup.ports.messages import Company, MessageStore
from services.followup.ports.tasks import TaskStore
from shared.contracts.archive import TaskCleared, TaskRaised
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction
from shared.identity import Principal
from shared.roles import Role
from shared.words import Text


@dataclass(slots=True)
class Tasks:
    """What a batch says: tasks raised, with the event that told it, and tasks that wait no more."""

    raised: dict[str, Task] = field(default_factory=dict)
    cleared: dict[str, datetime] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


class RecordTasks(BatchHandler):
    """Use case over `archive.v1`; a task that was done before anybody was told of it is told to nobody."""

    def __init__(self, tasks: TaskStore, messages: MessageStore, company: Company, clock: Clock) -> None:
        self._tasks = tasks
        self._messages = messages
        self._company = company
        self._clock = clock

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Tasks:
        return Tasks()

    def decide(self, work: Tasks, event: Event, now: datetime) -> Sequence[Outgoing]:
        match event.data:
            case TaskRaised() as told:
                task = task_of(told)
                work.raised[task.task_id] = task
                if self._company.channels:
                    work.notices.append(notice_of(task, event.id))
            case TaskCleared() as told:
                work.cleared[told.task_id] = told.at
        return ()

    async def save(self, tx: Transaction, work: Tasks) -> None:
        new = await self._tasks.save(tx, work.raised, work.cleared)
        wanted = new - work.cleared.keys()
        waiting = [notice for notice in work.notices if notice.item.reminder_id in wanted]
        await self._messages.note(tx, waiting)
        await self._tasks.withdraw(tx, work.cleared, self._clock.now())


class ReadTasks:
    """One's own tasks; anybody's for the GM, who answers for what is left undone."""

    def __init__(self, desk: Desk, tasks: TaskStore) -> None:
        self._desk = desk
        self._tasks = tasks

    async def __call__(
        self, who: Principal, person: str | None, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Task]:
        """What waits, the newest first; NotPossibleError for another's."""
        if person not in {None, who.person} and who.role is not Role.GM:
            raise NotPossibleError("not_yours", Text(zh="只能查看本人的待办", en="you may see your own tasks only"))
        async with self._desk.database.transaction() as tx:
            return await self._tasks.page(tx, person or who.person, after, limit)
