"""A request to consult: asked, decided step by step, ended once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.archive.domain.deciders import Decider
from services.archive.domain.people import UnlawfulError
from services.archive.domain.steps import Step, Subject
from shared.words import Text

Way = Literal["api", "message"]
"""How a decision was taken: at the desk, or by the link in a personal message."""

End = Literal["released", "refused", "withdrawn", "lapsed"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for: to view or to copy which sections, why, until when, the original lent or not."""

    file: str
    sections: tuple[str, ...]
    copy_allowed: bool
    original: bool
    purpose: str
    not_before: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """A wish with whose it is, what it is about as known then, and the chain that the policy demanded then."""

    request_id: str
    asker: str
    asker_role: str
    asker_department: str | None
    wish: Wish
    subject: Subject
    steps: tuple[Step, ...]
    asked_at: datetime
    policy_version: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided on a step, and why; `on_behalf_of` by a delegation (A4)."""

    step: int
    approved: bool
    decided_by: str
    on_behalf_of: str | None
    delegation_id: str | None
    reason: str
    decided_at: datetime
    way: Way


@dataclass(frozen=True, slots=True)
class Ended:
    """How a request ended, by whom (None: by the clock), why and when."""

    end: End
    by: str | None
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A request with what was decided so far, in the order of its steps."""

    request: Request
    decisions: tuple[Decision, ...] = ()
    ended: Ended | None = None

    @property
    def state(self) -> str:
        """`waiting`, or how it ended."""
        return "waiting" if self.ended is None else self.ended.end

    @property
    def step(self) -> Step | None:
        """The step that is to be taken next; None when it has ended."""
        if self.ended is not None or len(self.decisions) >= len(self.request.steps):
            return None
        return self.request.steps[len(self.decisions)]

    @property
    def approver(self) -> str | None:
        """Who approved; the same person does not release."""
        by_step = {decision.step: decision.decided_by for decision in self.decisions}
        return next((by_step[s.number] for s in self.request.steps if s.act == "approve" and s.number in by_step), None)

    def barred(self, step: Step) -> frozenset[str]:
        """Who may not take a step besides the asker: what one approved another releases."""
        if step.act != "release" or self.approver is None:
            return frozenset()
        return frozenset({self.approver})


def check_wish(wish: Wish, *, lends: bool, now: datetime) -> None:
    """Allow what is asked for, or raise `UnlawfulError`."""
    if wish.until <= max(wish.not_before or now, now):
        raise UnlawfulError(
            "ended_before_it_began",
            Text(zh="截止时间须晚于现在和起始时间", en="it must end after now and after it begins"),
        )
    if wish.original and not lends:
        raise UnlawfulError("not_lent", Text(zh="该档案的原件不外借", en="originals of this rank are not lent"))


def decide(  # noqa: PLR0913 - a decision is all of these
    standing: Standing, number: int, deciders: Collection[Decider], by: str, *,
    approved: bool, reason: str, way: Way, now: datetime,
) -> Decision:  # fmt: skip
    """The next decision on a request, or `UnlawfulError`: nobody on their own, no step twice, none skipped."""
    if by == standing.request.asker:
        raise UnlawfulError(
            "own_request", Text(zh="任何人不得批准自己的查阅申请", en="nobody decides on their own request")
        )
    step = standing.step
    if step is None:
        raise ended(standing)
    mine = next((decider for decider in deciders if decider.person == by), None)
    if mine is None:
        raise UnlawfulError("not_your_step", Text(zh="这一步不由您决定", en="this step is not yours to take"))
    if step.number != number:
        raise UnlawfulError(
            "another_step", Text(zh=f"现在等待第 {step.number} 步", en=f"it waits at step {step.number} now")
        )
    if approved and standing.request.wish.until <= now:
        raise UnlawfulError(
            "too_late", Text(zh="申请的截止时间已过，只能退回", en="what was asked for is over: it can only be refused")
        )
    return Decision(step.number, approved, by, mine.on_behalf_of, mine.delegation_id, reason, now, way)


def after(standing: Standing, decision: Decision) -> Standing:
    """The request with one more decision; a refusal ends it, and so does the last step."""
    decisions = (*standing.decisions, decision)
    end: Ended | None = None
    if not decision.approved:
        end = Ended("refused", decision.decided_by, decision.reason, decision.decided_at)
    elif len(decisions) == len(standing.request.steps):
        end = Ended("released", decision.decided_by, decision.reason, decision.decided_at)
    return Standing(standing.request, decisions, end)


def withdraw(standing: Standing, by: str, reason: str, now: datetime) -> Ended:
    """The asker wants it no more."""
    if by != standing.request.asker:
        raise UnlawfulError("not_yours", Text(zh="只能撤回本人的申请", en="you may withdraw your own requests only"))
    if standing.ended is not None:
        raise ended(standing)
    return Ended("withdrawn", by, reason, now)


ENDS = {
    "released": Text(zh="申请已放行", en="the request was released already"),
    "refused": Text(zh="申请已被退回", en="the request was refused already"),
    "withdrawn": Text(zh="申请已撤回", en="the request was withdrawn already"),
    "lapsed": Text(zh="申请已过期，请重新申请", en="the request has lapsed: ask again"),
}


def ended(standing: Standing) -> UnlawfulError:
    """It has ended before."""
    return UnlawfulError("ended_before", ENDS[standing.state])


def still_as_asked(request: Request, found: Subject | None) -> bool:
    """Whether the file is still what the chain was computed for: of the same tier or rank, and there."""
    asked = request.subject
    return found is not None and (found.tier, found.rank, found.department) == (
        asked.tier,
        asked.rank,
        asked.department,
    )


def first_without(steps: Sequence[Step], able: Sequence[Collection[Decider]]) -> Step | None:
    """The first step that nobody could take."""
    return next((step for step, deciders in zip(steps, able, strict=True) if not deciders), None)
