"""Note what happens to reminders and levels, until it is put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from services.followup.domain.notices import Item, Notice, Topic, item_of
from services.followup.domain.schedule import Schedule
from services.followup.ports import Clock
from services.followup.ports.messages import Company, MessageStore
from services.followup.usecases.intake import NEWS, Intake
from shared.contracts.reminders import UNASSIGNED, ReminderDue
from shared.contracts.tiers import LevelDecided
from shared.engine.model import BatchHandler, Event, Outgoing, Transaction
from shared.in_force import InForce
from shared.policy import Policy
from shared.policy.notices import Happening
from shared.words import Text

# What ends a reminder, or puts it off: nobody need be told of it any more, or the digest of another day will.
ENDED = frozenset({"reminder.done", "reminder.skipped", "reminder.ended", "reminder.moved"})


class Concern(NamedTuple):
    """Somebody is concerned with a reminder that was issued earlier."""

    notice_id: str
    rep: str
    topic: Topic
    reminder_id: str
    about: str | None
    overdue: int


@dataclass(slots=True)
class Happenings:
    """What a batch says: reminders issued, reminders that concern somebody anew, ended or with another rep."""

    told: frozenset[Happening]
    notices: list[Notice] = field(default_factory=list)
    concerns: list[Concern] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)


class NoteHappenings(BatchHandler):
    """Use case over `reminders.v1`; without a channel there is nobody to tell, and nothing is noted."""

    def __init__(self, messages: MessageStore, company: Company, in_force: InForce[Policy], clock: Clock) -> None:
        self._messages = messages
        self._company = company
        self._in_force = in_force
        self._clock = clock

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Happenings:
        policy = await self._in_force(tx)
        return Happenings(frozenset(policy.messages.tell))

    def decide(self, work: Happenings, event: Event, now: datetime) -> Sequence[Outgoing]:
        if not self._company.channels:
            return ()
        data = event.data
        if event.type == "reminder.due":
            self._hear_due(work, event.id, data)
        elif event.type == "reminder.escalated":
            self._hear_escalated(work, event.id, data)
        elif event.type == "reminder.handed_over":
            work.moved[data.reminder_id] = data.from_rep
            if "hand_over" in work.told:
                work.concerns.append(Concern(event.id, data.to_rep, "hand_over", data.reminder_id, data.from_rep, 0))
        elif event.type == "report.due" and "report" in work.told:
            words = Text(zh=data.words.zh, en=data.words.en)
            work.notices.append(Notice(event.id, data.rep, "report", Item(data.week, words, due_on=data.due_on)))
        elif event.type in ENDED:
            work.ended.add(data.reminder_id)
        return ()

    async def save(self, tx: Transaction, work: Happenings) -> None:
        notices = [notice for notice in work.notices if notice.item.reminder_id not in work.ended]
        concerns = [concern for concern in work.concerns if concern.reminder_id not in work.ended]
        if concerns:
            known = await self._messages.reminders(tx, {concern.reminder_id for concern in concerns})
            today = self._clock.today()
            notices += [
                Notice(
                    concern.notice_id,
                    concern.rep,
                    concern.topic,
                    item_of(known[concern.reminder_id], today)._replace(overdue=concern.overdue, about=concern.about),
                )
                for concern in concerns
                if concern.reminder_id in known
            ]
        await self._messages.note(tx, notices)
        # What is still to be put into words for the rep before is nothing to that rep any more.
        await self._messages.spare(tx, work.moved)
        await self._messages.withdraw(tx, work.ended, self._clock.now())

    def _hear_due(self, work: Happenings, event_id: str, data: ReminderDue) -> None:
        falling = data.kind == "falling"
        if data.rep == UNASSIGNED or not (falling or "reminder" in work.told):
            return
        work.notices.append(Notice(event_id, data.rep, "falling" if falling else "reminder", _item(data)))

    def _hear_escalated(self, work: Happenings, event_id: str, data: Any) -> None:
        # A step that names nobody is told nobody: it stands in the lists.
        whom = data.to or (data.rep if data.to_role == "rep" else None)
        if "escalation" not in work.told or whom is None or whom == UNASSIGNED:
            return
        about = None if whom == data.rep else data.rep
        work.concerns.append(Concern(event_id, whom, "escalation", data.reminder_id, about, data.overdue_working_days))


class TellLevels:
    """Notes the changes of customers' levels where the policy wants reps told of them (K6)."""

    def __init__(self, messages: MessageStore, company: Company, intake: Intake, clock: Clock) -> None:
        self._messages = messages
        self._company = company
        self._intake = intake
        self._clock = clock

    def wanted(self, policy: Policy) -> bool:
        """Whether anybody is to be told: not of the past, which an import tells in thousands."""
        if not self._company.channels or "level" not in policy.messages.tell:
            return False
        return self._intake.is_settled(self._clock.now())

    def of(self, known: Schedule, data: LevelDecided, today: date) -> Notice | None:
        """What a decision is to the customer's rep; None where nobody is to be told."""
        before, rep = data.from_, data.rep or (None if known.facts is None else known.facts.rep)
        if before is None or rep is None or data.since < today - NEWS:
            return None
        item = Item(
            data.customer_id,
            Text(zh=f"{data.since} 起生效", en=f"in force since {data.since}"),
            customer_class=data.to.customer_class,
            level=data.to.level,
            level_before=before.level,
        )
        return Notice(f"level:{data.customer_id}:{data.sequence}", rep, "level", item)

    async def note(self, tx: Transaction, notices: Sequence[Notice]) -> None:
        """Keep them, in the transaction that heard of them."""
        await self._messages.note(tx, notices)


def _item(data: ReminderDue) -> Item:
    return Item(
        customer_id=data.customer_id,
        why=Text(zh=data.why.zh, en=data.why.en),
        reminder_id=data.reminder_id,
        customer_class=data.customer_class,
        level=data.level,
        rule=data.rule,
        by=data.channel,
        template=data.template,
        minutes=data.minutes,
        plan_required=data.plan_required,
        due_on=data.due_on,
        last_order_on=data.last_order_on,
        kind=data.kind,
    )
