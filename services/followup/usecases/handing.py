"""Hand a reminder to another rep, or the customer itself, and let open reminders follow their customer (P6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from services.followup.domain.acts import Request, check_receiver, repeats
from services.followup.domain.customer import Facts
from services.followup.domain.people import Person
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.reminders import OpenReminder
from services.followup.domain.schedule import Schedule
from services.followup.ports import Given, Handover, Kept, PeopleStore
from services.followup.usecases.acts import Hands, refuse_ended
from services.followup.usecases.organisation import scope_for
from shared.audit import AuditTrail, Deed
from shared.contracts.activities import CustomerProfiled, ProfileFields
from shared.contracts.reminders import UNASSIGNED, ReminderHandedOver
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal
from shared.logs import current_traceparent
from shared.roles import Role
from shared.words import Text

ON_ITS_WAY = timedelta(days=1)
"""For so long a customer that was given away may still be told of as the old rep's."""
CHANGED_HANDS = "客户已移交 · the customer changed hands"


class Receiving(NamedTuple):
    """Who is to take over, and why."""

    to_rep: str
    reason: str


class HandOverReminder:
    """Lets another rep of the same department make this one contact; the customer stays where it is."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    async def __call__(self, who: Principal, reminder_id: str, to: Receiving, key: str | None) -> Kept:
        """The reminder as it then stands; NotPossibleError where nobody of that name may take it."""
        hands = self._hands
        people = hands.stores.people
        request = Request("handed_over", who.person, {"to": to.to_rep, "reason": to.reason}, key)
        async with hands.desk.database.transaction() as tx:
            held = await hands.hold(tx, who, reminder_id)
            kept, reminder = held.kept, held.kept.reminder
            if repeats(held.acts, request):
                return kept
            refuse_ended(held)
            found = await somebody(tx, people, to.to_rep)
            department = await department_of(tx, people, who, (reminder.rep, reminder.department), found)
            receiver = check_receiver(found, department, reminder.rep)
            rep = name_of(receiver)
            await hands.stores.acts.give(tx, [Given(reminder_id, rep, receiver.department)])
            event = handed_over(
                OpenReminder(reminder_id, reminder.customer_id, reminder.rep, reminder.answered_after, None),
                rep,
                f"{reminder_id}:handed:{len(held.acts) + 1}",
                hands.desk.clock.now(),
                (who.person, to.reason),
            )
            await hands.note(tx, held, request, event)
        return kept._replace(reminder=reminder._replace(rep=rep, department=receiver.department))


class HandOverCustomer:
    """Tells customers that another rep of the same department has the customer; its open reminders follow (P6)."""

    def __init__(self, hands: Hands, trail: AuditTrail) -> None:
        self._hands = hands
        self._trail = trail

    async def __call__(self, who: Principal, customer_id: str, to: Receiving) -> Handover:
        """The hand-over, on its way; NotPossibleError for a customer or a rep of another department."""
        hands = self._hands
        desk, people = hands.desk, hands.stores.people
        async with desk.database.transaction() as tx:
            scope = await scope_for(tx, people, who)
            schedule = (await hands.stores.schedules.load(tx, {customer_id})).get(customer_id)
            facts = None if schedule is None else schedule.facts
            if facts is None or not scope.admits(facts.rep, facts.department):
                raise NotPossibleError(
                    "unknown_customer",
                    Text(zh="您的客户中没有这一位", en="there is no such customer among those you look after"),
                )
            last = await hands.stores.acts.last_handover(tx, customer_id)
            receiver = await somebody(tx, people, to.to_rep)
            if last is not None and (last.person, last.reason) == (who.person, to.reason) and receiver is not None:
                # Sent twice: whether or not it has come round. What somebody else has undone since is asked for anew.
                on_its_way = last.from_rep == facts.rep and desk.clock.now() - last.given_at < ON_ITS_WAY
                if last.to_rep == name_of(receiver) and (on_its_way or last.to_rep == facts.rep):
                    return last
            department = await department_of(tx, people, who, (facts.rep, facts.department), receiver)
            rep = name_of(check_receiver(receiver, department, facts.rep))
            now = desk.clock.now()
            number = 1 if last is None else last.number + 1
            handover = Handover(customer_id, number, facts.rep, rep, who.person, now, to.reason)
            await hands.stores.acts.add_handover(tx, handover)
            profiled = CustomerProfiled(
                customer_id=customer_id, profiled_at=now, fields=ProfileFields(rep=rep, department=department)
            )
            event_id = f"handover:{customer_id}:{number}"
            event = Outgoing(
                "activities.v1", customer_id, "customer.profiled", event_id, profiled, trace=current_traceparent()
            )
            await desk.outbox.append(tx, [event], now=now)
            deed = Deed("decision.made", "customer.handed_over", f"customer:{customer_id}", reason="own_department")
            await self._trail.append(tx, who, deed)
        return handover


def follow_owner(
    before: Facts, after: Facts, waiting: Sequence[OpenReminder], version: int, now: datetime
) -> tuple[list[Given], list[Outgoing]]:
    """What becomes of a customer's open reminders when it changes hands: the old owner's follow it.

    A contact that was handed over by itself stays with whoever took it.
    """
    old, new = before.rep or UNASSIGNED, after.rep or UNASSIGNED
    moved = [reminder for reminder in waiting if reminder.rep == old]
    given = [Given(reminder.reminder_id, new, after.department) for reminder in moved]
    return given, [
        handed_over(reminder, new, f"{reminder.reminder_id}:follows:{version}", now, (None, CHANGED_HANDS))
        for reminder in moved
    ]


def changed_hands(known: Schedule | None, rep: str | None) -> bool:
    """Whether a customer that was known is somebody else's now."""
    return known is not None and known.facts is not None and known.facts.rep != rep


def handed_over(
    reminder: OpenReminder, to_rep: str, event_id: str, now: datetime, said: tuple[str | None, str]
) -> Outgoing:
    """The event; `said` is by whom, and why."""
    by, reason = said
    data = ReminderHandedOver(
        reminder_id=reminder.reminder_id,
        customer_id=reminder.customer_id,
        from_rep=reminder.rep,
        to_rep=to_rep,
        at=now,
        by=by,
        reason=reason,
    )
    return Outgoing("reminders.v1", to_rep, "reminder.handed_over", event_id, data)


async def somebody(tx: Transaction, people: PeopleStore, name: str) -> Person | None:
    """Whoever goes by a name, as an id before as a rep code; those who work here before those who left."""
    found = await people.namesakes(tx, name)
    return min(found, key=lambda person: (not person.active, person.person != name), default=None)


async def id_of(tx: Transaction, people: PeopleStore, name: str) -> str:
    """The id of whoever goes by a name; the name itself where nobody is known by it."""
    person = await somebody(tx, people, name)
    return name if person is None else person.person


def name_of(person: Person) -> str:
    """Under which name customers and reminders are a rep's."""
    return person.rep_code or person.person


async def department_of(
    tx: Transaction,
    people: PeopleStore,
    who: Principal,
    owner: tuple[str | None, str | None],
    receiver: Person | None,
) -> str | None:
    """In which department something is: its own, else its rep's, else its manager's; the GM gives to any of them.

    `owner` is its rep and its department.
    """
    rep, department = owner
    if department is not None:
        return department
    holder = None if rep is None else await somebody(tx, people, rep)
    if holder is not None and holder.department is not None:
        return holder.department
    if who.role is Role.GM:
        return None if receiver is None else receiver.department
    me = await people.find(tx, who.person)
    return who.department if me is None else me.department
