"""Requests to consult over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.archive.api.doors import Anybody, Paging, Reason, lawful
from services.archive.domain.deciders import Decider
from services.archive.domain.requests import Decision, Standing, Wish
from services.archive.domain.steps import WHOLE, Act, Opening, Step
from services.archive.ports.requests import RequestFilters
from services.archive.usecases import AskToConsult, DecideRequests, LookAtRequests
from services.archive.usecases.asking import Plan
from services.archive.usecases.deciding import Verdict
from services.archive.usecases.requests import OVERSEERS, Shown, Side
from shared.contracts.types import DerivedIdentifier, Identifier, Moment
from shared.http import Page

Sections = Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=100)]


class RequestBody(BaseModel):
    """What is asked for: which sections of a file ("*": all), why, until when; the original of a record, or a copy."""

    file: DerivedIdentifier
    sections: Sections = (WHOLE,)
    copy_allowed: bool = Field(default=False, alias="copy")
    original: bool = False
    why: Reason
    not_before: Moment | None = None
    until: Moment


class DecisionBody(BaseModel):
    """A decision on the step that the request waits at; `step` keeps one from deciding on another meanwhile."""

    decision: Literal["approve", "refuse"]
    reason: Reason
    step: Annotated[int, Field(ge=1, le=100)] | None = None


class WithdrawalBody(BaseModel):
    reason: Reason


class DeciderBody(BaseModel):
    """Who may take a step; on whose behalf by a written delegation, or standing in for who is not there."""

    person: str
    role: str
    on_behalf_of: str | None
    stands_in: bool


class StepBody(BaseModel):
    """A step of the chain: `number` is null where the asker is not told how many there are of its kind."""

    number: int | None
    act: Act
    roles: list[str]
    state: Literal["waiting", "to_come", "approved", "refused", "not_reached"]
    people: list[DeciderBody]
    decided_by: str | None = None
    on_behalf_of: str | None = None
    reason: str | None = None
    decided_at: datetime | None = None


class OpeningBody(BaseModel):
    """What a grant would come to."""

    hours: int
    once: bool
    reading_room: bool
    lends: bool


class PlanBody(BaseModel):
    """The way that a request would go; `opens` null where the asker is not told the file's tier."""

    file: str
    steps: list[StepBody]
    opens: OpeningBody | None


class RequestShown(BaseModel):
    """A request and how far it is."""

    request_id: str
    asker: str
    asker_role: str
    file: str
    sections: list[str]
    copy_allowed: bool = Field(serialization_alias="copy")
    original: bool
    why: str
    not_before: datetime | None
    until: datetime
    asked_at: datetime
    state: str
    ended_at: datetime | None
    ended_by: str | None
    policy_version: str
    waits_at: Act | None


class RequestInFull(RequestShown):
    """A request with its chain."""

    steps: list[StepBody]
    opens: OpeningBody | None


def requests_router(ask: AskToConsult, decide: DecideRequests, look: LookAtRequests) -> APIRouter:
    """Requests: asked by anybody for themselves, decided by whom the chain names."""
    router = APIRouter(prefix="/requests", tags=["requests"])

    @router.get("/preview")
    async def preview(
        who: Anybody,
        file: Annotated[DerivedIdentifier, Query()],
        section: Annotated[list[Identifier] | None, Query(max_length=100)] = None,
        copy: Annotated[bool, Query()] = False,
    ) -> PlanBody:
        """查阅该档案需经哪些审批。The chain that a request would take, with names."""
        with lawful():
            plan = await ask.preview(who, file, tuple(section or (WHOLE,)), copy=copy)
        return plan_body(plan)

    @router.post("", status_code=201)
    async def make(who: Anybody, body: RequestBody) -> RequestInFull:
        """申请查阅。Ask to consult a file."""
        wish = Wish(
            file=body.file,
            sections=body.sections,
            copy_allowed=body.copy_allowed,
            original=body.original,
            purpose=body.why,
            not_before=body.not_before,
            until=body.until,
        )
        with lawful():
            standing, plan = await ask.ask(who, wish)
        return in_full(standing, plan.able, plan.opening, hides=plan.hides)

    @router.get("")
    async def page(
        who: Anybody, paging: Paging, side: Side = "mine", state: Annotated[Identifier | None, Query()] = None
    ) -> Page[RequestShown]:
        """本人的、待本人审批的、本人审批过的申请。Requests: one's own, those that wait for one, those decided."""
        filters = RequestFilters(state=state, after=paging.after_moment)
        with lawful():
            found = await look.page(who, side, filters, paging.limit)
        items = [shown(one, hides=who.role not in OVERSEERS and refused_by(one) != who.person) for one in found]
        return paging.of(items, lambda item: (item.asked_at.isoformat(), item.request_id))

    @router.get("/{request_id}")
    async def one(who: Anybody, request_id: Identifier) -> RequestInFull:
        """一项申请及其审批进度。A request and how far it is."""
        with lawful():
            return of_shown(await look.one(who, request_id))

    @router.post("/{request_id}/decisions", status_code=201)
    async def decide_request(who: Anybody, request_id: Identifier, body: DecisionBody) -> RequestInFull:
        """审批当前步骤。Approve or refuse the step that it waits at."""
        with lawful():
            await decide(who, request_id, Verdict(body.decision == "approve", body.reason, body.step))
            return of_shown(await look.one(who, request_id))

    @router.post("/{request_id}/withdraw")
    async def withdraw(who: Anybody, request_id: Identifier, body: WithdrawalBody) -> RequestShown:
        """撤回本人的申请。Take one's request back."""
        with lawful():
            return shown(await ask.withdraw(who, request_id, body.reason))

    return router


def plan_body(plan: Plan) -> PlanBody:
    steps = [
        step_body(step, None, "to_come" if step.number > 1 else "waiting", able)
        for step, able in zip(plan.chain, plan.able, strict=True)
    ]
    return PlanBody(
        file=plan.found.subject.file,
        steps=veiled(steps) if plan.hides else steps,
        opens=None if plan.hides else opening_body(plan.opening),
    )


def of_shown(it: Shown) -> RequestInFull:
    return in_full(it.standing, it.able, it.opening, hides=it.hides)


def in_full(
    standing: Standing, able: tuple[tuple[Decider, ...], ...], opening: Opening, *, hides: bool
) -> RequestInFull:
    done = len(standing.decisions)
    left = dict(zip((step.number for step in standing.request.steps[done:]), able, strict=False))
    steps = []
    for step in standing.request.steps:
        decision = standing.decisions[step.number - 1] if step.number <= done else None
        steps.append(step_body(step, decision, state_of(standing, step, decision), left.get(step.number, ())))
    return RequestInFull(
        **shown(standing, hides=hides).model_dump(),
        steps=veiled(steps) if hides else steps,
        opens=None if hides else opening_body(opening),
    )


def state_of(
    standing: Standing, step: Step, decision: Decision | None
) -> Literal["waiting", "to_come", "approved", "refused", "not_reached"]:
    if decision is not None:
        return "approved" if decision.approved else "refused"
    if standing.ended is not None:
        return "not_reached"
    return "waiting" if step == standing.step else "to_come"


def refused_by(standing: Standing) -> str | None:
    """Who refused a consent: their name tells whose file it is."""
    last = standing.decisions[-1] if standing.decisions else None
    if last is None or last.approved or standing.request.steps[last.step - 1].act != "consent":
        return None
    return last.decided_by


def shown(standing: Standing, *, hides: bool = False) -> RequestShown:
    request, wish, ended = standing.request, standing.request.wish, standing.ended
    unnamed = hides and refused_by(standing) is not None
    return RequestShown(
        request_id=request.request_id,
        asker=request.asker,
        asker_role=request.asker_role,
        file=wish.file,
        sections=list(request.subject.sections),
        copy_allowed=wish.copy_allowed,
        original=wish.original,
        why=wish.purpose,
        not_before=wish.not_before,
        until=wish.until,
        asked_at=request.asked_at,
        state=standing.state,
        ended_at=None if ended is None else ended.at,
        ended_by=None if ended is None or unnamed else ended.by,
        policy_version=request.policy_version,
        waits_at=None if standing.step is None else standing.step.act,
    )


def step_body(
    step: Step,
    decision: Decision | None,
    state: Literal["waiting", "to_come", "approved", "refused", "not_reached"],
    able: tuple[Decider, ...],
) -> StepBody:
    people = [
        DeciderBody(person=d.person, role=d.role, on_behalf_of=d.on_behalf_of, stands_in=d.stands_in) for d in able
    ]
    body = StepBody(
        number=step.number, act=step.act, roles=[str(role) for role in step.roles], state=state, people=people
    )
    if decision is None:
        return body
    return body.model_copy(
        update={
            "decided_by": decision.decided_by,
            "on_behalf_of": decision.on_behalf_of,
            "reason": decision.reason,
            "decided_at": decision.decided_at,
        }
    )


def veiled(steps: list[StepBody]) -> list[StepBody]:
    """The chain for who may not know the file: one consent without names, whatever the tier asks for.

    Whether that is one person's or two, and whose, would tell the tier and the keeper of a file that may not even be.
    """
    seen: list[StepBody] = []
    consents = [step for step in steps if step.act == "consent"]
    for step in steps:
        if step.act != "consent":
            seen.append(step.model_copy(update={"number": None}))
        elif step is consents[0]:
            states = {each.state for each in consents}
            state = states.pop() if len(states) == 1 else "refused" if "refused" in states else "waiting"
            seen.append(StepBody(number=None, act="consent", roles=[], state=state, people=[]))
    return seen


def opening_body(opening: Opening) -> OpeningBody:
    return OpeningBody(hours=opening.hours, once=opening.once, reading_room=opening.reading_room, lends=opening.lends)
