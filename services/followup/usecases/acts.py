"""Put a reminder off, or leave a contact out (F7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from services.followup.domain.acts import Act, Request, Waiting, check_skip, check_snooze, repeats
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.schedule import Schedule
from services.followup.ports import Desk, Kept, Stores
from services.followup.usecases.organisation import scope_for
from shared.contracts.reminders import ReminderMoved, ReminderSkipped
from shared.contracts.types import Words
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy import Policy
from shared.words import Text
from shared.working_time import WorkingTime


class Held(NamedTuple):
    """A reminder that nobody else changes until the transaction ends, what was done with it, and its customer.

    `theirs` is false for whoever handed it over and may only ask what became of that.
    """

    kept: Kept
    acts: Sequence[Act]
    schedule: Schedule | None
    theirs: bool = True

    @property
    def times_snoozed(self) -> int:
        return sum(act.act == "snoozed" for act in self.acts)


@dataclass(frozen=True, slots=True)
class Hands:
    """What every act upon a reminder begins with: the customer is locked, then the reminder, then who may is asked."""

    desk: Desk
    stores: Stores

    async def hold(self, tx: Transaction, who: Principal, reminder_id: str) -> Held:
        """The reminder, held; NotPossibleError when `who` sees none of this id and did nothing with it before."""
        scope = await scope_for(tx, self.stores.people, who)
        customer_id = await self.stores.acts.customer_of(tx, reminder_id)
        # Whoever hears of contacts locks the customer first, too: the two never wait for one another.
        schedules = {} if customer_id is None else await self.stores.schedules.load(tx, {customer_id})
        kept = await self.stores.reminders.lock(tx, reminder_id)
        if kept is not None:
            acts = await self.stores.acts.of_reminder(tx, reminder_id)
            admitted = scope.admits(kept.reminder.rep, kept.reminder.department)
            # Who handed it over sees it no more, but may ask again what became of the request.
            if admitted or (acts and acts[-1].act == "handed_over" and acts[-1].person == who.person):
                return Held(kept, acts, schedules.get(kept.reminder.customer_id), admitted)
        raise unknown_reminder()

    async def note(self, tx: Transaction, held: Held, request: Request, *outgoings: Outgoing) -> None:
        """Keep what was done, and tell of it."""
        now = self.desk.clock.now()
        await self.stores.acts.add(tx, request.as_act(held.kept.reminder.reminder_id, len(held.acts) + 1, now))
        await self.desk.outbox.append(tx, outgoings, now=now)


def unknown_reminder() -> NotPossibleError:
    """For whoever sees none of this id."""
    return NotPossibleError(
        "unknown_reminder", Text(zh="您没有这条提醒", en="there is no such reminder among those you see")
    )


def refuse_ended(held: Held) -> None:
    """Raise NotPossibleError for a reminder that is with somebody else by now, or waits for nobody any more."""
    kept = held.kept
    if not held.theirs:
        raise NotPossibleError("not_yours", Text(zh="该提醒已不由您负责", en="this reminder is yours no more"))
    if kept.state == "skipped":
        raise NotPossibleError("already_skipped", Text(zh="该提醒已略过", en="this reminder was left out"))
    if kept.state == "ended":
        raise NotPossibleError("already_ended", Text(zh="该提醒已无须处理", en="nobody needs to do this any more"))
    if kept.contact_id is not None or kept.state == "done":
        raise NotPossibleError(
            "already_answered", Text(zh="该提醒的联系已登记", en="the contact of this reminder was reported before")
        )


class SnoozeReminder:
    """Lets a reminder wait for a later working day; what is planned does not change (F7)."""

    def __init__(self, hands: Hands, policy: InForce[Policy]) -> None:
        self._hands = hands
        self._policy = policy

    async def __call__(self, who: Principal, reminder_id: str, until: date, key: str | None) -> Kept:
        """The reminder as it then stands; NotPossibleError where it may not wait so long."""
        hands = self._hands
        request = Request("snoozed", who.person, {"until": until.isoformat()}, key)
        async with hands.desk.database.transaction() as tx:
            policy = await self._policy(tx)
            held = await hands.hold(tx, who, reminder_id)
            kept = held.kept
            if repeats(held.acts, request):
                return kept
            refuse_ended(held)
            if kept.snoozed_until == until:
                return kept
            check_snooze(
                Waiting(kept.reminder.kind, kept.reminder.latest_on),
                until,
                times=held.times_snoozed,
                today=hands.desk.clock.today(),
                rule=policy.desk.snooze,
                is_working=WorkingTime(policy).is_working,
            )
            await hands.stores.acts.snooze(tx, reminder_id, until)
            await hands.note(tx, held, request, _moved(kept, until, held.times_snoozed + 1, who))
        return kept._replace(snoozed_until=until, listed_on=until)


class SkipReminder:
    """Leaves one contact out; its line has been planned on when the reminder was issued (F7)."""

    def __init__(self, hands: Hands, policy: InForce[Policy]) -> None:
        self._hands = hands
        self._policy = policy

    async def __call__(self, who: Principal, reminder_id: str, reason: str, note: str | None, key: str | None) -> Kept:
        """The reminder as it then stands; NotPossibleError where it may not be left out."""
        hands = self._hands
        request = Request("skipped", who.person, {"reason": reason, "note": note}, key)
        async with hands.desk.database.transaction() as tx:
            policy = await self._policy(tx)
            held = await hands.hold(tx, who, reminder_id)
            kept = held.kept
            if repeats(held.acts, request):
                return kept
            refuse_ended(held)
            check_skip(kept.reminder.kind, reason, note, policy.desk.skip)
            await hands.stores.acts.skip(tx, reminder_id)
            skipped = ReminderSkipped(
                reminder_id=reminder_id,
                customer_id=kept.reminder.customer_id,
                rep=kept.reminder.rep,
                skipped_at=hands.desk.clock.now(),
                by=who.person,
                reason=reason,
                note=note,
            )
            await hands.note(tx, held, request, outgoing(kept, "reminder.skipped", f"{reminder_id}:skipped", skipped))
        return kept._replace(state="skipped")


def outgoing(kept: Kept, event_type: str, event_id: str, data: ReminderMoved | ReminderSkipped) -> Outgoing:
    """An event of a reminder, in the course of what it came from."""
    return Outgoing("reminders.v1", data.rep, event_type, event_id, data, trace=kept.reminder.trace or None)


def _moved(kept: Kept, until: date, times: int, who: Principal) -> Outgoing:
    reminder = kept.reminder
    data = ReminderMoved(
        reminder_id=reminder.reminder_id,
        customer_id=reminder.customer_id,
        rep=reminder.rep,
        from_on=kept.listed_on,
        to_on=until,
        reason="snoozed",
        by=who.person,
        words=Words(
            zh=f"由 {kept.listed_on} 推迟到 {until}（第 {times} 次）",
            en=f"put off from {kept.listed_on} to {until} (time {times})",
        ),
    )
    return outgoing(kept, "reminder.moved", f"{reminder.reminder_id}:moved:{times}", data)
