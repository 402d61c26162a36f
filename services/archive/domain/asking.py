"""The tasks that requests, grants and loans raise, in words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from services.archive.domain.deciders import Decider
from services.archive.domain.grants import Grant
from services.archive.domain.requests import Standing
from services.archive.domain.steps import Act, Step
from services.archive.domain.tasks import Task
from shared.words import Text

STEP = "request_step"
"""Subject of a decision that waits: `<request_id>/<step>`, so that each step's tasks are its own."""

REQUEST = "request"
GRANT = "grant"

ACTS: dict[Act, Text] = {
    "sign": Text(zh="签批", en="sign"),
    "consent": Text(zh="同意", en="consent to"),
    "approve": Text(zh="批准", en="approve"),
    "release": Text(zh="放行", en="release"),
}


def step_subject(request_id: str, step: int) -> str:
    """How a step is called in tasks and links."""
    return f"{request_id}/{step}"


def tasks_of_step(standing: Standing, step: Step, deciders: Collection[Decider]) -> list[Task]:
    """One task for each who may take the step."""
    request, act = standing.request, ACTS[step.act]
    words = Text(
        zh=f"请{act.zh} {request.asker} 对 {request.wish.file} 的查阅申请：{request.wish.purpose}",
        en=f"Please {act.en} the request of {request.asker} to consult {request.wish.file}: {request.wish.purpose}",
    )
    subject = step_subject(request.request_id, step.number)
    return [
        Task(decider.person, f"request.{step.act}", STEP, subject, words, request.wish.file, request.wish.until)
        for decider in deciders
    ]


def task_of_end(standing: Standing) -> Task:
    """What the asker is told of a request that came to nothing."""
    request, ended = standing.request, standing.ended
    reason = "" if ended is None or ended.reason is None else ended.reason
    zh = {"refused": "被退回", "lapsed": "已过期失效"}.get(standing.state, "已结束")
    words = Text(
        zh=f"您对 {request.wish.file} 的查阅申请{zh}" + (f"：{reason}" if reason else ""),
        en=f"Your request to consult {request.wish.file} is {standing.state}" + (f": {reason}" if reason else ""),
    )
    return Task(request.asker, f"request.{standing.state}", REQUEST, request.request_id, words, request.wish.file)


def task_of_grant(grant: Grant, shown: Text) -> Task:
    """What the reader may do now; `shown` is the end as the business's clock shows it."""
    once_zh, once_en = ("，仅限一次", ", once") if grant.uses == 1 else ("", "")
    room_zh, room_en = ("，须在阅览室", ", in the reading room") if grant.reading_room else ("", "")
    lent_zh, lent_en = ("；原件请按时归还", "; return the original in time") if grant.original else ("", "")
    words = Text(
        zh=f"{grant.file} 可查阅至 {shown.zh}{once_zh}{room_zh}{lent_zh}",
        en=f"You may consult {grant.file} until {shown.en}{once_en}{room_en}{lent_en}",
    )
    return Task(grant.person, "grant.open", GRANT, grant.grant_id, words, grant.file, grant.until)


def task_of_ending(grant: Grant, shown: Text) -> Task:
    """The warning before the end."""
    words = Text(
        zh=f"{grant.file} 的查阅授权将于 {shown.zh} 到期" + ("，请归还原件" if grant.original else ""),
        en=f"What you were granted of {grant.file} ends at {shown.en}"
        + ("; please return the original" if grant.original else ""),
    )
    return Task(grant.person, "grant.ends_soon", GRANT, grant.grant_id, words, grant.file, grant.until)


def tasks_of_overdue(grant: Grant, archivists: Collection[str], due_at: datetime, shown: Text) -> list[Task]:
    """An original that should be back: the borrower returns it, the archivist asks for it."""
    loan = f"{grant.grant_id}/loan"
    words = Text(
        zh=f"{grant.person} 借阅的 {grant.file} 原件应于 {shown.zh} 归还，已逾期",
        en=f"The original of {grant.file}, lent to {grant.person}, was due back at {shown.en}",
    )
    people = dict.fromkeys((grant.person, *archivists))
    return [Task(person, "loan.overdue", "loan", loan, words, grant.file, due_at) for person in people]
