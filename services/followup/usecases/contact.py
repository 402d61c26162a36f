"""Take a rep's word that a contact was made, and when the customer would like the next one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from services.followup.domain.acts import Request, check_next_date, check_outcome, repeats
from services.followup.domain.cadence import Paces
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.reminders import Reminder, check_report
from services.followup.domain.schedule import wish
from services.followup.usecases.acts import Hands, Held, refuse_ended
from shared.contracts.activities import ContactMade
from shared.contracts.reminders import UNASSIGNED
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Report:
    """A contact as the rep tells it, just made where it does not say when; `minutes` of work.

    `outcome` is in the rep's words, `outcome_code` one of the policy's, `next_on` the date that the customer asked for
    (F7).
    """

    made_at: datetime | None
    channel: str
    minutes: int | None = None
    outcome: str | None = None
    outcome_code: str | None = None
    next_on: date | None = None

    def as_request(self, person: str, key: str | None) -> Request:
        asked = {
            "made_at": None if self.made_at is None else self.made_at.isoformat(),
            "channel": self.channel,
            "minutes": self.minutes,
            "outcome": self.outcome,
            "outcome_code": self.outcome_code,
            "next_on": None if self.next_on is None else self.next_on.isoformat(),
        }
        return Request("done", person, asked, key)


class ReportContact:
    """Publishes `contact.made`; the reminder is done once customers has taken it and told everybody (F7)."""

    def __init__(self, hands: Hands, paces: InForce[Paces]) -> None:
        self._hands = hands
        self._paces = paces

    async def __call__(self, who: Principal, reminder_id: str, report: Report, key: str | None = None) -> str:
        """Publish and return the contact's id, the same when it is sent again.

        NotPossibleError when there is nothing to answer, or another answer came before.
        """
        hands, clock = self._hands, self._hands.desk.clock
        # Of the reminder alone: a report that is sent again is the same contact.
        contact_id = f"reminder:{reminder_id}"
        request = report.as_request(who.person, key)
        async with hands.desk.database.transaction() as tx:
            paces = await self._paces(tx)
            held = await hands.hold(tx, who, reminder_id)
            reminder = held.kept.reminder
            if repeats(held.acts, request):
                return contact_id
            refuse_ended(held)
            if reminder.kind == "plan":
                raise NotPossibleError(
                    "plan_wanted",
                    Text(zh="请填写跟进方案，填写后自动完成", en="write the plan, which ends this reminder"),
                )
            made_at = report.made_at or clock.now()
            made_on = clock.date_of(made_at)
            check_report(reminder, made_at, made_on, clock.now())
            check_outcome(report.outcome_code, report.outcome, paces.policy.desk)
            if report.next_on is not None:
                check_next_date(report.next_on, made_on, clock.today(), paces.policy.desk.next_date)
                await self._move(tx, held, report.next_on, paces)
            reminders = hands.stores.reminders
            await reminders.note_contact(tx, reminder_id, contact_id, report.minutes, report.outcome_code)
            await hands.note(
                tx, held, request, _contact_made(contact_id, reminder, who, replace(report, made_at=made_at))
            )
        return contact_id

    async def _move(self, tx: Transaction, held: Held, next_on: date, paces: Paces) -> None:
        """The line's next date is the customer's."""
        schedule, name = held.schedule, held.kept.reminder.line
        moved = None if schedule is None else wish(schedule, name, next_on, paces, self._hands.desk.clock.today())
        if schedule is None or moved is None:
            raise NotPossibleError(
                "nothing_to_move",
                Text(zh="该客户暂无后续跟进可调整", en="nothing is planned for this customer to be moved"),
            )
        customer_id = schedule.customer_id
        await self._hands.stores.schedules.save(tx, {customer_id: schedule}, {customer_id: moved})


def _contact_made(contact_id: str, reminder: Reminder, who: Principal, report: Report) -> Outgoing:
    data = ContactMade(
        contact_id=contact_id,
        customer_id=reminder.customer_id,
        rep=who.person if reminder.rep == UNASSIGNED else reminder.rep,
        made_at=report.made_at,
        channel=report.channel,
        minutes=report.minutes,
        outcome=report.outcome,
        outcome_code=report.outcome_code,
    )
    return Outgoing(
        "activities.v1", reminder.customer_id, "contact.made", contact_id, data, trace=reminder.trace or None
    )
