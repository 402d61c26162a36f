"""Acts upon reminders over HTTP: put off, leave out, hand over, and what was done so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.followup.api.doors import Contactor, IdempotencyKey, Manager, Reader, told
from services.followup.api.reminders import ReminderItem, reminder_item
from services.followup.domain.acts import Act, ActKind
from services.followup.ports import Handover
from services.followup.usecases.acts import SkipReminder, SnoozeReminder
from services.followup.usecases.handing import HandOverCustomer, HandOverReminder, Receiving
from services.followup.usecases.looking import LookAtReminder
from shared.contracts.types import Day, Identifier, Text, Words
from shared.http.noting import no_file
from shared.policy.desk import DeskRules
from shared.words import Text as BothWords

Reason = Annotated[Text, Field(min_length=1, max_length=1000)]


class SnoozeBody(BaseModel):
    """A working day to wait for."""

    until: Day


class SkipBody(BaseModel):
    """Why the contact is left out: one of `GET /reminders/choices`; "other" asks for a note."""

    reason: Identifier
    note: Annotated[Text, Field(max_length=1000)] | None = None


class HandOverBody(BaseModel):
    """Who takes the contact over, by id or rep code, and why."""

    to: Identifier
    reason: Reason


class CustomerHandOverBody(HandOverBody):
    """Which customer goes to whom, and why."""

    customer_id: Identifier


class CustomerHandedOver(BaseModel):
    """The hand-over is on its way round; the customer's open reminders follow when it has come."""

    customer_id: str
    from_rep: str | None
    to_rep: str
    by: str
    at: datetime
    reason: str


class ActItem(BaseModel):
    """What somebody did with a reminder, as asked for."""

    act: ActKind
    by: str
    at: datetime
    asked: dict[str, Any]


class ReminderHistory(BaseModel):
    """A reminder and all that was done with it, in its order."""

    reminder: ReminderItem
    acts: list[ActItem]


class Choices(BaseModel):
    """What may be chosen, by its code, and how far a reminder may be put off."""

    outcomes: dict[str, Words]
    skip_reasons: dict[str, Words]
    never_skipped: list[str]
    snooze_at_most: int
    snooze_longest_days: int
    next_date_longest_days: int


@dataclass(frozen=True, slots=True)
class Acts:
    """The use cases behind these routes."""

    snooze: SnoozeReminder
    skip: SkipReminder
    hand_over: HandOverReminder
    hand_over_customer: HandOverCustomer
    look: LookAtReminder


def acts_router(acts: Acts) -> APIRouter:
    """A rep's own reminders, a manager's department, everybody's for the GM."""
    router = APIRouter(tags=["reminders"])

    @router.get("/reminders/choices", openapi_extra=no_file("words to choose from"))
    async def list_choices(_: Reader) -> Choices:
        """可选的结果与理由。Outcomes, reasons for leaving a contact out, and limits, as the policy has them."""
        return choices(await acts.look.rules())

    @router.get("/reminders/{reminder_id}")
    async def show_reminder(who: Contactor, reminder_id: Identifier) -> ReminderHistory:
        """提醒及其处理记录。One reminder, and what was done with it."""
        with told():
            kept, done = await acts.look(who, reminder_id)
        return ReminderHistory(reminder=reminder_item(kept), acts=[act_item(act) for act in done])

    @router.post("/reminders/{reminder_id}/snooze")
    async def snooze_reminder(
        who: Contactor, reminder_id: Identifier, body: SnoozeBody, key: IdempotencyKey = None
    ) -> ReminderItem:
        """推迟到之后的某个工作日。Put a reminder off to a later working day (F7)."""
        with told():
            return reminder_item(await acts.snooze(who, reminder_id, body.until, key))

    @router.post("/reminders/{reminder_id}/skip")
    async def skip_reminder(
        who: Contactor, reminder_id: Identifier, body: SkipBody, key: IdempotencyKey = None
    ) -> ReminderItem:
        """略过本次，下次照常。Leave this contact out; the next one comes at the usual interval (F7)."""
        with told():
            return reminder_item(await acts.skip(who, reminder_id, body.reason, body.note, key))

    @router.post("/reminders/{reminder_id}/hand-over")
    async def hand_over_reminder(
        who: Contactor, reminder_id: Identifier, body: HandOverBody, key: IdempotencyKey = None
    ) -> ReminderItem:
        """移交本次联系给同部门业务员。Let another rep of the same department make this contact (P6)."""
        with told():
            return reminder_item(await acts.hand_over(who, reminder_id, Receiving(body.to, body.reason), key))

    @router.post("/handovers", status_code=202)
    async def hand_over_customer(who: Manager, body: CustomerHandOverBody) -> CustomerHandedOver:
        """部门经理移交客户。Give a customer to another rep of the same department (P6)."""
        with told():
            handover = await acts.hand_over_customer(who, body.customer_id, Receiving(body.to, body.reason))
        return customer_handed_over(handover)

    return router


def act_item(act: Act) -> ActItem:
    asked = {name: value for name, value in act.asked.items() if value is not None}
    return ActItem(act=act.act, by=act.person, at=act.acted_at, asked=asked)


def customer_handed_over(handover: Handover) -> CustomerHandedOver:
    return CustomerHandedOver(
        customer_id=handover.customer_id,
        from_rep=handover.from_rep,
        to_rep=handover.to_rep,
        by=handover.person,
        at=handover.given_at,
        reason=handover.reason,
    )


def choices(rules: DeskRules) -> Choices:
    return Choices(
        outcomes=in_words(rules.outcomes),
        skip_reasons=in_words(rules.skip.reasons),
        never_skipped=list(rules.skip.never),
        snooze_at_most=rules.snooze.at_most,
        snooze_longest_days=rules.snooze.longest_days,
        next_date_longest_days=rules.next_date.longest_days,
    )


def in_words(listed: Mapping[str, BothWords]) -> dict[str, Words]:
    return {code: Words(zh=words.zh, en=words.en) for code, words in listed.items()}
