"""Schedules over HTTP: what is planned for a customer, and from what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.followup.api.doors import Reader, told
from services.followup.domain.cadence import Pace
from services.followup.domain.schedule import Line, Schedule
from services.followup.usecases.reading import ReadSchedule
from shared.contracts.reminders import ReminderKind
from shared.contracts.types import CustomerClass, Identifier, Level, SamplePhase


class ScheduleLine(BaseModel):
    """A contact owed again and again, `every` as an ISO 8601 duration, empty for what has a date of its own."""

    line: str
    kind: ReminderKind
    rule: str
    every: str
    due_on: date | None
    reminded_until: date | None
    channel: str
    template: str
    minutes: int
    plan_required: bool


class CustomerSchedule(BaseModel):
    """What is planned for a customer, and from what; class and level are null until scoring has decided."""

    customer_id: str
    customer_class: CustomerClass | None = Field(serialization_alias="class")
    level: Level | None
    since: date | None
    rep: str | None
    department: str | None
    last_order_on: date | None
    contacted_at: datetime | None
    sample_phase: SamplePhase | None
    sample_on: date | None
    next_due_on: date | None
    lines: list[ScheduleLine]


def schedule_router(read_schedule: ReadSchedule) -> APIRouter:
    """Schedules of customers."""
    router = APIRouter(tags=["schedule"])

    @router.get("/schedule/{customer_id}")
    async def show_schedule(who: Reader, customer_id: Identifier) -> CustomerSchedule:
        """某客户的跟进计划。What is planned for a customer, and from what."""
        with told():
            schedule, paces = await read_schedule(who, customer_id)
        return customer_schedule(schedule, paces)

    return router


def customer_schedule(schedule: Schedule, paces: Mapping[str, Pace]) -> CustomerSchedule:
    facts, standing = schedule.facts, schedule.standing
    lines = [schedule_line(line, paces[name]) for name, line in schedule.lines.items() if name in paces]
    return CustomerSchedule(
        customer_id=schedule.customer_id,
        customer_class=standing.customer_class if standing else None,
        level=standing.level if standing else None,
        since=standing.since if standing else None,
        rep=facts.rep if facts else None,
        department=facts.department if facts else None,
        last_order_on=facts.last_order_on if facts else None,
        contacted_at=facts.contacted_at if facts else None,
        sample_phase=facts.sample_phase if facts else None,
        sample_on=facts.sample_on if facts else None,
        next_due_on=min((line.due_on for line in lines if line.due_on is not None), default=None),
        lines=sorted(lines, key=lambda line: (line.due_on or date.max, line.line)),
    )


def schedule_line(line: Line, pace: Pace) -> ScheduleLine:
    cadence = pace.cadence
    return ScheduleLine(
        line=line.line,
        kind=pace.kind,
        rule=cadence.rule,
        every=pace.every,
        due_on=line.due_on,
        reminded_until=line.reminded_until,
        channel=cadence.channel,
        template=cadence.template,
        minutes=cadence.minutes,
        plan_required=cadence.plan_required,
    )
