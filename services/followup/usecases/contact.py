"""Take a rep's word that a contact was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.reminders import Reminder, check_report
from services.followup.ports import Desk, Kept, Stores
from services.followup.usecases.organisation import scope_for
from shared.contracts.activities import ContactMade
from shared.contracts.reminders import UNASSIGNED
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Report:
    """A contact as the rep tells it; `minutes` of work."""

    made_at: datetime
    channel: str
    minutes: int | None = None
    outcome: str | None = None


class ReportContact:
    """Publishes `contact.made`; the reminder is done once customers has taken it and told everybody (F7)."""

    def __init__(self, desk: Desk, stores: Stores) -> None:
        self._desk = desk
        self._reminders = stores.reminders
        self._people = stores.people

    async def __call__(self, who: Principal, reminder_id: str, report: Report) -> str:
        """Publish and return the contact's id; NotPossibleError when there is nothing to answer or it was answered."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            kept = await self._answerable(tx, who, reminder_id)
            check_report(kept.reminder, report.made_at, self._desk.clock.date_of(report.made_at), now)
            # Of the reminder alone: a report that is sent again is the same contact.
            contact_id = f"reminder:{reminder_id}"
            await self._reminders.note_contact(tx, reminder_id, contact_id)
            await self._desk.outbox.append(tx, [_contact_made(contact_id, kept.reminder, who, report)], now=now)
        return contact_id

    async def _answerable(self, tx: Transaction, who: Principal, reminder_id: str) -> Kept:
        scope = await scope_for(tx, self._people, who)
        kept = await self._reminders.lock(tx, reminder_id)
        if kept is None or not scope.admits(kept.reminder.rep, kept.reminder.department):
            raise NotPossibleError(
                "unknown_reminder", Text(zh="您没有这条提醒", en="there is no such reminder among those you see")
            )
        if kept.contact_id is not None or kept.state != "due":
            raise NotPossibleError(
                "already_answered", Text(zh="该提醒的联系已登记", en="the contact of this reminder was reported before")
            )
        return kept


def _contact_made(contact_id: str, reminder: Reminder, who: Principal, report: Report) -> Outgoing:
    data = ContactMade(
        contact_id=contact_id,
        customer_id=reminder.customer_id,
        rep=who.person if reminder.rep == UNASSIGNED else reminder.rep,
        made_at=report.made_at,
        channel=report.channel,
        minutes=report.minutes,
        outcome=report.outcome,
    )
    return Outgoing(
        "activities.v1", reminder.customer_id, "contact.made", contact_id, data, trace=reminder.trace or None
    )
