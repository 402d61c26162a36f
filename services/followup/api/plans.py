"""Plans over HTTP (F3): written, read, and every version kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from services.followup.api.doors import Contactor, told
from services.followup.domain.plans import Draft, Plan, Step
from services.followup.usecases.plans import KeepPlans
from shared.contracts.types import Day, Identifier, Text

CustomerId = Annotated[Identifier, Path()]
Short = Annotated[Text, Field(min_length=1, max_length=500)]


class StepBody(BaseModel):
    """What is to be done next, and by when."""

    what: Short
    by: Day | None = None


class PlanBody(BaseModel):
    """What the plan says. `based_on` is the version that it was written over: a newer one is not overwritten unread."""

    text: Annotated[Text, Field(min_length=1)]
    goals: Annotated[list[Short], Field(max_length=50)] = []
    next_steps: Annotated[list[StepBody], Field(max_length=50)] = []
    based_on: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class VersionItem(BaseModel):
    """Who wrote a version, and when."""

    version: int
    author: str
    written_at: datetime


class StepItem(BaseModel):
    what: str
    by: date | None


class PlanAnswer(VersionItem):
    """A plan, and who wrote each of its last 200 versions."""

    customer_id: str
    text: str
    goals: list[str]
    next_steps: list[StepItem]
    versions: list[VersionItem]


class PlanWritten(VersionItem):
    """The version that stands now."""

    customer_id: str


def plans_router(plans: KeepPlans) -> APIRouter:
    """Plans for customers that the asker looks after; every reading and writing is in the audit."""
    router = APIRouter(prefix="/plans", tags=["plans"])

    @router.get("/{customer_id:path}")
    async def read_plan(
        who: Contactor,
        customer_id: CustomerId,
        version: Annotated[int | None, Query(ge=1, lt=2**31, description="As it stood. 某一版本。")] = None,
    ) -> PlanAnswer:
        """客户跟进方案。The plan for a customer (F3), as it stands or stood."""
        with told():
            plan, versions = await plans.read(who, customer_id, version)
        return plan_answer(plan, [version_item(each) for each in versions])

    @router.put("/{customer_id:path}")
    async def write_plan(who: Contactor, customer_id: CustomerId, body: PlanBody) -> PlanWritten:
        """填写方案，旧版本保留。Write the plan anew; the same text again is the same version."""
        steps = tuple(Step(step.what, step.by) for step in body.next_steps)
        with told():
            plan = await plans.write(who, customer_id, Draft(body.text, tuple(body.goals), steps), body.based_on)
        return PlanWritten(
            customer_id=plan.customer_id, version=plan.version, author=plan.author, written_at=plan.written_at
        )

    return router


def version_item(plan: Plan) -> VersionItem:
    return VersionItem(version=plan.version, author=plan.author, written_at=plan.written_at)


def plan_answer(plan: Plan, versions: list[VersionItem]) -> PlanAnswer:
    return PlanAnswer(
        customer_id=plan.customer_id,
        version=plan.version,
        author=plan.author,
        written_at=plan.written_at,
        text=plan.draft.body,
        goals=list(plan.draft.goals),
        next_steps=[StepItem(what=step.what, by=step.by) for step in plan.draft.steps],
        versions=versions,
    )
