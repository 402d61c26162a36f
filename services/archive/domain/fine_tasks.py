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


def of_proposal(fine: Fine, human_resources: Iterable[Person]) -> Sequence[Task]:
    """The fined may explain; human resources decide, but nobody about their own (N9, N10)."""
    explain = Text(zh="有一项罚款提案，可提交说明", en="A fine is proposed against you: you may explain")
    decide = Text(zh="有一项罚款提案待处理", en="A proposed fine waits for a decision")
    return [
        _about(fine, fine.person, EXPLAIN, explain),
        *(_about(fine, each.person, DECIDE, decide) for each in human_resources if each.person != fine.person),
    ]


def of_confirmation(fine: Fine, until: datetime) -> Sequence[Task]:
    """The fined may appeal `until` then (N9)."""
    what = Text(zh="罚款已确认，可在期限内申诉", en="A fine was confirmed: you may appeal in time")
    return [_about(fine, fine.person, APPEAL, what, until)]


def of_appeal(standing: Standing, judges: Iterable[Person]) -> Sequence[Task]:
    """Whoever is free to judge is asked to."""
    what = Text(zh="有一项罚款申诉待裁定", en="An appeal against a fine waits for your decision")
    return [_about(standing.fine, each.person, JUDGE, what) for each in judges if may_judge(standing, each.person)]


def of_month(month: date, human_resources: Iterable[Person]) -> Sequence[Task]:
    """A month is over and wants to be settled (N9)."""
    name = spoken(month)
    words = Text(zh=f"{name} 的罚款结算单待关账", en=f"The statement of fines of {name} waits to be closed")
    return [Task(each.person, CLOSE, STATEMENT, name, words) for each in human_resources]


def _about(fine: Fine, person: str, kind: str, what: Text, due_at: datetime | None = None) -> Task:
    words = Text(zh=f"{what.zh}：{fine.fine_id} {fine.words_zh}", en=f"{what.en}: {fine.fine_id} {fine.words_en}")
    return Task(person, kind, FINE, fine.fine_id, words, fine.file, due_at)
