"""How fines look over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.archive.api.doors import Reason
from services.archive.domain.fines import FineState, Standing
from services.archive.domain.months import spoken
from services.archive.ports.fines import Step
from services.archive.usecases.fines import Whole
from shared.contracts.types import DerivedIdentifier, ExactAmount, Identifier, Words
from shared.money import to_text
from shared.policy.fines import FineKind

Paid = Annotated[Decimal, PlainSerializer(to_text, return_type=str)]
"""Money, in plain digits with at least two decimals, none rounded away."""
Month = Annotated[str, Field(pattern=r"^(199\d|[2-9]\d{3})-(0[1-9]|1[0-2])$", examples=["2026-03"])]


class FineBody(BaseModel):
    """A fine and where it stands.

    `amount` null is a breach that is only recorded, or a measure other than a sum; `sum` is the one in question, from
    which the amount followed. `proposed_by` null is a rule.
    """

    fine_id: str
    kind: str
    rule: str
    person: str
    file: str | None
    order_id: str | None
    occurred_on: date
    sum: Paid | None
    amount: Paid | None
    currency: str
    dismissal: bool
    evidence: dict[Literal["entry", "event"], int | str]
    proposed_by: str | None
    proposed_at: datetime
    reason: str | None
    policy_version: str
    words: Words
    state: FineState
    decided_by: str | None
    decision_reason: str | None
    decided_at: datetime | None


class StepBody(BaseModel):
    """One decision about a fine; `decided_by` null is a rule."""

    model_config = ConfigDict(from_attributes=True)

    step: int
    state: FineState
    decided_by: str | None
    reason: str
    decided_at: datetime


class PostingBody(BaseModel):
    """What a step put into a month's statement; `due` is below zero for a reversal."""

    step: int
    month: str
    due: Paid
    currency: str
    posted_at: datetime


class WholeBody(FineBody):
    """A fine with every step, and with what it put into the statements."""

    steps: list[StepBody]
    postings: list[PostingBody]


class GapBody(BaseModel):
    """A breach for which no fine could be proposed: the `missing` fact has to be found first (N9)."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    entry: int
    missing: str
    found_at: datetime


class DismissalBody(BaseModel):
    """A gap that somebody let be, and why."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    entry: int
    dismissed_by: str
    reason: str
    dismissed_at: datetime


class EntryNamed(BaseModel):
    entry: Annotated[int, Field(ge=1, lt=2**63)]


class EventNamed(BaseModel):
    event: DerivedIdentifier


class ReportBody(BaseModel):
    """A breach as somebody reports it, with the audit entry, or the event of that file, that shows it (N9).

    `amount` is the sum in question, or what is to be paid where the rule leaves that to the reporter (N7).
    """

    kind: FineKind
    person: Identifier
    file: DerivedIdentifier | None = None
    order_id: Identifier | None = None
    amount: ExactAmount | None = None
    evidence: EntryNamed | EventNamed
    reason: Reason


class CountedBody(BaseModel):
    """A breach that was counted in its month: there are too few of them yet to cost anything (N7)."""

    counted: Literal[True] = True
    kind: FineKind
    person: str


class DecisionBody(BaseModel):
    """What becomes of a fine, and why (N9, N10)."""

    state: Literal[FineState.EXPLAINED, FineState.WAIVED, FineState.CONFIRMED]
    reason: Reason


class JudgementBody(BaseModel):
    """What becomes of an appeal, and why (N9)."""

    state: Literal[FineState.UPHELD, FineState.LIFTED]
    reason: Reason


class WordsBody(BaseModel):
    """What the fined person says."""

    reason: Reason


def shown_fine(standing: Standing) -> FineBody:
    return FineBody(**_fields(standing))


def shown_whole(whole: Whole) -> WholeBody:
    return WholeBody(
        **_fields(whole.standing),
        steps=[shown_step(step) for step in whole.steps],
        postings=[
            PostingBody(
                step=each.step, month=spoken(each.month), due=each.due, currency=each.currency, posted_at=each.posted_at
            )
            for each in whole.postings
        ],
    )


def shown_step(step: Step) -> StepBody:
    return StepBody.model_validate(step)


def _fields(standing: Standing) -> dict[str, Any]:
    fine = standing.fine
    told = {name: value for name, value in fine._asdict().items() if name in FineBody.model_fields}
    return told | {
        "evidence": {"entry": fine.entry} if fine.event is None else {"entry": fine.entry, "event": fine.event},
        "words": Words(zh=fine.words_zh, en=fine.words_en),
        "state": standing.state,
        "decided_by": standing.decided_by,
        "decision_reason": standing.decision_reason,
        "decided_at": standing.decided_at,
    }
