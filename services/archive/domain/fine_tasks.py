"""What fines ask of people: to explain, to decide, to appeal in time, to judge an appeal, to close a month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from services.archive.domain.fines import Fine, Standing
from services.archive.domain.months import spoken
from services.archive.domain.people import Person
from services.archive.domain.settling import may_judge
from services.archive.domain.tasks import Task
from shared.words import Text

FINE: Final = "fine"
STATEMENT: Final = "statement"
EXPLAIN: Final = "fine.explain"
DECIDE: Final = "fine.decide"
APPEAL: Final = "fine.appeal"
JUDGE: Final = "fine.judge"
CLOSE: Final = "statement.close"


def subject_of(fine: Fine, back: int = 0) -> str:
    """What tasks about a fine are raised under; `back` is the step with which it came back, and asks anew."""
    return f"{fine.fine_id}/{back}" if back else fine.fine_id


def of_proposal(fine: Fine, human_resources: Iterable[Person], *, back: int = 0) -> Sequence[Task]:
    """The fined may explain; human resources decide, but nobody about their own (N9, N10)."""
    explain = Text(zh="有一项罚款提案，可提交说明", en="A fine is proposed against you: you may explain")
    return [
        _about(fine, fine.person, EXPLAIN, explain, back=back),
        *of_answer(fine, human_resources, back=back),
    ]


def of_answer(fine: Fine, human_resources: Iterable[Person], *, back: int = 0) -> Sequence[Task]:
    """Explained or not, human resources decide."""
    decide = Text(zh="有一项罚款提案待处理", en="A proposed fine waits for a decision")
    people = [each.person for each in human_resources if each.person != fine.person]
    return [_about(fine, person, DECIDE, decide, back=back) for person in people]


def of_confirmation(fine: Fine, until: datetime, *, back: int = 0) -> Sequence[Task]:
    """The fined may appeal `until` then (N9)."""
    what = Text(zh="罚款已确认，可在期限内申诉", en="A fine was confirmed: you may appeal in time")
    return [_about(fine, fine.person, APPEAL, what, until, back=back)]


def of_appeal(standing: Standing, judges: Iterable[Person], *, back: int = 0) -> Sequence[Task]:
    """Whoever is free to judge is asked to."""
    what = Text(zh="有一项罚款申诉待裁定", en="An appeal against a fine waits for your decision")
    free = [each.person for each in judges if may_judge(standing, each.person)]
    return [_about(standing.fine, person, JUDGE, what, back=back) for person in free]


def of_month(month: date, human_resources: Iterable[Person]) -> Sequence[Task]:
    """A month is over and wants to be settled (N9)."""
    name = spoken(month)
    words = Text(zh=f"{name} 的罚款结算单待关账", en=f"The statement of fines of {name} waits to be closed")
    return [Task(each.person, CLOSE, STATEMENT, name, words) for each in human_resources]


def _about(  # noqa: PLR0913 - who is asked what, until when, for which time
    fine: Fine, person: str, kind: str, what: Text, due_at: datetime | None = None, *, back: int = 0
) -> Task:
    words = Text(zh=f"{what.zh}：{fine.fine_id} {fine.words_zh}", en=f"{what.en}: {fine.fine_id} {fine.words_en}")
    return Task(person, kind, FINE, subject_of(fine, back), words, fine.file, due_at)
