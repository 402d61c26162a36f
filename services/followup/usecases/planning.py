"""Plan contacts from facts and levels (F1–F5), and end the reminders that a contact answers (F7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from services.followup.domain.cadence import Paces
from services.followup.domain.customer import facts_of, fall_of, standing_of
from services.followup.domain.endings import may_be_over, may_end_with_an_order, over, reminded_since
from services.followup.domain.notices import Notice
from services.followup.domain.reminders import OpenReminder, answers
from services.followup.domain.schedule import Schedule, amend, foresee, restand
from services.followup.ports import Clock, Done, Ended, Given, Stores
from services.followup.usecases.endings import reminder_ended
from services.followup.usecases.handing import changed_hands, follow_owner
from services.followup.usecases.happening import TellLevels
from services.followup.usecases.intake import Intake, tells_of_the_past
from shared.contracts.customers import CustomerFacts
from shared.contracts.reminders import ReminderDone
from shared.contracts.tiers import LevelDecided, TierDropAhead
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction
from shared.in_force import InForce

FACTS = frozenset({"trade.recorded", "profile.recorded"})

BY_ORDERS = ("purchase", "fall")
"""Lines whose reminders an order ends."""


@dataclass(slots=True)
class Planning:
    """Schedules during a batch: as they were, and as they are after the events decided so far."""

    paces: Paces
    today: date
    before: dict[str, Schedule]
    after: dict[str, Schedule]
    waiting: dict[str, list[OpenReminder]]
    done: list[Done] = field(default_factory=list)
    given: dict[str, Given] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)
    history: bool = False
    tell_levels: bool = False
    notices: list[Notice] = field(default_factory=list)


class PlanContacts(BatchHandler):
    """Use case over `customers.v1` and `tiers.v1`, which have no order between them."""

    def __init__(
        self, stores: Stores, paces: InForce[Paces], clock: Clock, intake: Intake, tell_levels: TellLevels
    ) -> None:
        self._schedules = stores.schedules
        self._reminders = stores.reminders
        self._acts = stores.acts
        self._escalations = stores.escalations
        self._paces = paces
        self._clock = clock
        self._intake = intake
        self._tell_levels = tell_levels

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Planning:
        paces = await self._paces(tx)
        before = await self._schedules.load(tx, {event.data.customer_id for event in events})
        concerned = _concerned(events, before) | _fulfilled(events, before)
        # A contact ends reminders, another owner moves them, and what they ask for may come about by itself: most
        # batches of trade do not look.
        waiting = await self._reminders.open_of(tx, concerned) if concerned else {}
        work = Planning(paces, self._clock.today(), before, dict(before), waiting)
        work.tell_levels = self._tell_levels.wanted(paces.policy)
        return work

    def decide(self, work: Planning, event: Event, now: datetime) -> Sequence[Outgoing]:
        # By name: asking pydantic's classes for instances costs as much as planning a line.
        if event.type in FACTS:
            return self._hear_facts(work, event, event.data, now)
        if event.type == "tier.changed":
            return self._hear_standing(work, event, event.data, now)
        if event.type == "tier.drop_ahead":
            self._hear_fall(work, event, event.data)
        return ()

    async def save(self, tx: Transaction, work: Planning) -> None:
        await self._schedules.save(tx, work.before, work.after)
        if work.notices:
            await self._tell_levels.note(tx, work.notices)
        if work.given:
            await self._acts.give(tx, work.given.values())
            await self._escalations.count_anew(tx, work.given, work.today)
        if work.done:
            await self._reminders.finish(tx, work.done)
        if work.ended:
            await self._reminders.end(tx, work.ended)

    def committed(self, work: Planning) -> None:
        if work.history:
            self._intake.history_was_read(self._clock.now())

    def _hear_standing(self, work: Planning, event: Event, data: LevelDecided, now: datetime) -> Sequence[Outgoing]:
        known = work.after.get(data.customer_id) or Schedule(data.customer_id)
        stood = restand(known, standing_of(data), work.paces, work.today, event.trace)
        if work.tell_levels and stood is not known:
            notice = self._tell_levels.of(known, data, work.today)
            work.notices += () if notice is None else (notice,)
        work.after[data.customer_id] = stood
        return self._end_over(work, stood, now) if data.customer_id in work.waiting else ()

    def _hear_fall(self, work: Planning, event: Event, data: TierDropAhead) -> None:
        fall, known = fall_of(data, work.today), work.after.get(data.customer_id)
        # Scoring tells the level first; of somebody whose level is not known, nothing can be kept.
        if fall is not None and known is not None:
            work.after[data.customer_id] = foresee(known, fall, work.paces, work.today, event.trace)

    def _hear_facts(self, work: Planning, event: Event, data: CustomerFacts, now: datetime) -> Sequence[Outgoing]:
        customer_id = data.customer_id
        known = work.after.get(customer_id) or Schedule(customer_id)
        amended = amend(known, facts_of(data, work.paces.policy.zone), work.paces, work.today, event.trace)
        work.after[customer_id] = amended
        if not work.history:
            work.history = tells_of_the_past(event, work.today)
        if customer_id in work.waiting and amended is not known:
            followed = self._follow_owner(work, known, amended, now)
            answered = self._end_answered(work, amended, data)
            return [*followed, *answered, *self._end_over(work, amended, now)]
        return ()

    def _follow_owner(self, work: Planning, before: Schedule, after: Schedule, now: datetime) -> list[Outgoing]:
        old, new = before.facts, after.facts
        if old is None or new is None or old.rep == new.rep:
            return []
        waiting = work.waiting[after.customer_id]
        given, outgoings = follow_owner(old, new, waiting, new.version, now)
        work.given.update((each.reminder_id, each) for each in given)
        work.waiting[after.customer_id] = [
            reminder._replace(rep=work.given[reminder.reminder_id].rep)
            if reminder.reminder_id in work.given
            else reminder
            for reminder in waiting
        ]
        return outgoings

    def _end_answered(self, work: Planning, schedule: Schedule, data: CustomerFacts) -> list[Outgoing]:
        facts, customer_id = schedule.facts, schedule.customer_id
        if facts is None or facts.contacted_at is None:
            return []
        contact_id = data.cause.id if data.cause.type == "contact.made" else None
        outgoings, still_waiting = [], []
        for reminder in work.waiting[customer_id]:
            # Whoever was asked has answered, also in the holder's place (O2).
            reported = contact_id is not None and contact_id == reminder.contact_id
            if not reported and not answers(facts, reminder):
                still_waiting.append(reminder)
                continue
            done = Done(reminder.reminder_id, contact_id or reminder.contact_id or data.cause.id, facts.contacted_at)
            work.done.append(done)
            outgoings.append(_reminder_done(customer_id, reminder.rep, done))
        work.waiting[customer_id] = still_waiting
        return outgoings

    def _end_over(self, work: Planning, schedule: Schedule, now: datetime) -> list[Outgoing]:
        """End what came about without a contact, or needs nobody's doing any more."""
        outgoings, still_waiting = [], []
        for reminder in work.waiting[schedule.customer_id]:
            reason = over(schedule, reminder)
            if reason is None:
                still_waiting.append(reminder)
                continue
            ended = Ended(reminder.reminder_id, reason, now)
            work.ended.append(ended)
            outgoings.append(reminder_ended(reminder, ended))
        work.waiting[schedule.customer_id] = still_waiting
        return outgoings


def _fulfilled(events: Sequence[Event], known: dict[str, Schedule]) -> set[str]:
    """Customers of whom a reminder may wait that an event ends without a contact; of orders, most can end none."""
    return {
        event.data.customer_id
        for event in events
        if (
            reminded_since(known.get(event.data.customer_id), BY_ORDERS)
            if event.type == "trade.recorded"
            else may_be_over(known.get(event.data.customer_id))
        )
        or may_end_with_an_order(known.get(event.data.customer_id))
    }


def _concerned(events: Sequence[Event], known: dict[str, Schedule]) -> set[str]:
    """Customers who by one of the events were in touch later than was known, or are somebody else's."""
    concerned = set()
    for event in events:
        data = event.data
        contacted_at = getattr(data, "contacted_at", None)
        if contacted_at is None and event.type not in FACTS:
            continue
        schedule = known.get(data.customer_id)
        last = None if schedule is None or schedule.facts is None else schedule.facts.contacted_at
        later = contacted_at is not None and (last is None or contacted_at > last)
        if later or (event.type in FACTS and changed_hands(schedule, data.rep)):
            concerned.add(data.customer_id)
    return concerned


def _reminder_done(customer_id: str, rep: str, done: Done) -> Outgoing:
    data = ReminderDone(
        reminder_id=done.reminder_id,
        customer_id=customer_id,
        rep=rep,
        done_at=done.done_at,
        contact_id=done.contact_id,
    )
    return Outgoing("reminders.v1", rep, "reminder.done", f"{done.reminder_id}:done", data)
