"""Reminders over HTTP: the day's list, its sum, and the report of a contact made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.followup.api.doors import Contactor, IdempotencyKey, Paging, Reader, told
from services.followup.ports import Kept, Place, State
from services.followup.usecases.contact import Report, ReportContact
from services.followup.usecases.reading import Question, ReadReminders, Summary
from shared.contracts.reminders import ReminderKind
from shared.contracts.types import CustomerClass, Day, Identifier, Level, Moment, Text, Words
from shared.http import Page, PageParams, Problem


@dataclass(frozen=True, slots=True)
class ReminderQuery:
    """Which list: `day` defaults to today, `rep` is a person or a rep code, `overdue` adds what earlier days left."""

    rep: Annotated[Identifier | None, Query()] = None
    day: Annotated[date | None, Query()] = None
    state: Annotated[State | None, Query()] = None
    overdue: Annotated[bool, Query()] = False


class ReminderItem(BaseModel):
    """A contact that is owed. `due_on` is the date it was planned for, `issued_on` the day it was issued.

    `listed_on` is the day on whose list it stands: that of the issue, or `snoozed_until`. `worked` are the minutes that
    the rep reported.

    `latest_on` is the last day on which it still helps, null: any.
    `contact_id` with state `due`: the contact was reported and is on its way round.
    """

    reminder_id: str
    customer_id: str
    rep: str
    department: str | None
    rule: str
    kind: ReminderKind
    line: str
    customer_class: CustomerClass = Field(serialization_alias="class")
    level: Level
    channel: str
    template: str
    minutes: int
    plan_required: bool
    due_on: date
    due_at: datetime
    issued_on: date
    latest_on: date | None
    state: State
    why: Words
    last_order_on: date | None
    contacted_at: datetime | None
    contact_id: str | None
    done_at: datetime | None
    snoozed_until: date | None
    listed_on: date
    worked: int | None
    outcome_code: str | None


class RepCount(BaseModel):
    """How many reminders of today's list wait for a rep."""

    rep: str
    due: int


class ReminderSummary(BaseModel):
    """Today at a glance.

    `due` reminders wait on today's list; `scheduled` contacts have a next date, of which `pending` have come and are
    about to be issued.
    """

    due: int
    scheduled: int
    pending: int
    by_rep: list[RepCount]


class ContactReport(BaseModel):
    """A contact that was made (F7), now where it is not said when; `minutes` of work, `outcome` in the rep's words.

    `outcome_code` is one of `GET /reminders/choices`; `next_on` the date that the customer asked for.
    """

    made_at: Moment | None = None
    channel: Annotated[Text, Field(min_length=1)]
    minutes: Annotated[int, Field(ge=0, le=1440)] | None = None
    outcome: Text | None = None
    outcome_code: Identifier | None = None
    next_on: Day | None = None


class ContactTaken(BaseModel):
    """The contact is on its way round; the reminder is done when it has come."""

    reminder_id: str
    contact_id: str


def reminders_router(read_reminders: ReadReminders, report_contact: ReportContact) -> APIRouter:
    """Reminders: a rep's own, a manager's department with the unassigned, all for the GM and ops."""
    router = APIRouter(tags=["reminders"])

    @router.get("/reminders")
    async def list_reminders(
        who: Reader, query: Annotated[ReminderQuery, Depends()], page: Paging
    ) -> Page[ReminderItem]:
        """某天的提醒清单。A day's list, today's where none is named; with `overdue` also what earlier days left."""
        question = Question(query.day, query.rep, query.state, query.overdue)
        with told():
            found = await read_reminders.page(who, question, place_in(page), page.limit)
        return page.of(
            [reminder_item(kept) for kept in found],
            lambda item: (item.due_on.isoformat(), item.customer_id, item.reminder_id),
        )

    @router.get("/reminders/summary")
    async def summarise_reminders(who: Reader) -> ReminderSummary:
        """今日提醒概况。How many of today's reminders wait, by rep."""
        return reminder_summary(await read_reminders.summary(who))

    @router.post("/reminders/{reminder_id}/done", status_code=202)
    async def report_reminder_done(
        who: Contactor, reminder_id: Identifier, report: ContactReport, key: IdempotencyKey = None
    ) -> ContactTaken:
        """登记已完成的联系。The contact was made: it becomes `contact.made`, and the cadence goes on from it (F7)."""
        told_by_rep = Report(
            report.made_at, report.channel, report.minutes, report.outcome, report.outcome_code, report.next_on
        )
        with told():
            contact_id = await report_contact(who, reminder_id, told_by_rep, key)
        return ContactTaken(reminder_id=reminder_id, contact_id=contact_id)

    return router


def place_in(page: PageParams) -> Place:
    """The place that a cursor stands for; Problem 400 for a cursor of another list."""
    position = page.expect(str, str, str)
    if position is None:
        return Place()
    try:
        return Place(date.fromisoformat(str(position[0])), str(position[1]), str(position[2]))
    except ValueError:
        raise Problem(400, "bad_cursor", "the cursor names no day", "游标无效") from None


def reminder_item(kept: Kept) -> ReminderItem:
    known = kept.reminder._asdict()
    return ReminderItem(
        **{name: known[name] for name in ReminderItem.model_fields if name in known},
        state=kept.state,
        why=Words(zh=kept.reminder.why_zh, en=kept.reminder.why_en),
        contact_id=kept.contact_id,
        done_at=kept.done_at,
        snoozed_until=kept.snoozed_until,
        listed_on=kept.listed_on,
        worked=kept.worked,
        outcome_code=kept.outcome_code,
    )


def reminder_summary(summary: Summary) -> ReminderSummary:
    return ReminderSummary(
        due=sum(summary.due.values()),
        scheduled=summary.counts.scheduled,
        pending=summary.counts.pending,
        by_rep=[RepCount(rep=rep, due=due) for rep, due in summary.due.items()],
    )
