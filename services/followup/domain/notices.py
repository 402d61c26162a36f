"""What a rep is told, before anybody decides in which words or over which channel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Literal, NamedTuple
from zlib import crc32

from services.followup.domain.reminders import NO_CONTACT, Reminder
from shared.contracts.types import CustomerClass, Level
from shared.words import Text

Topic = Literal["digest", "reminder", "falling", "level", "escalation", "hand_over", "report", "task", "test"]
"""What a message is about; `falling` is a reminder that a customer's level is about to fall (K6), `report` the
week's report (F9), whose items are weeks instead of customers, `task` what archive asks, whose items are files."""

URGENCY: dict[Topic, int] = {
    "test": 0,
    "falling": 1,
    "escalation": 1,
    "task": 1,
    "hand_over": 2,
    "report": 2,
    "digest": 3,
    "reminder": 4,
    "level": 5,
}
"""Which goes first where a robot's limit makes them queue."""


class Also(NamedTuple):
    """Another reminder that the same contact with the customer answers."""

    rule: str
    reminder_id: str


class Item(NamedTuple):
    """One customer in a message; both languages travel along, because the reader's is looked up when it is sent.

    `about` is the person of the other side: whose overdue reminder it is, or who handed it over. `overdue` counts
    working days of an escalation, and days since the reminder was put on the list in a digest. `also` are other
    reminders of the customer, which the same contact answers. Of a task `reminder_id` is its id, and `asks` what a
    personal link may decide on.
    """

    customer_id: str
    why: Text
    reminder_id: str | None = None
    customer_class: CustomerClass | None = None
    level: Level | None = None
    rule: str | None = None
    by: str | None = None
    template: str | None = None
    minutes: int = 0
    plan_required: bool = False
    due_on: date | None = None
    last_order_on: date | None = None
    kind: str = "contact"
    overdue: int = 0
    about: str | None = None
    level_before: Level | None = None
    also: tuple[Also, ...] = ()
    asks: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The item as JSON values, what is empty left out."""
        packed: dict[str, Any] = {}
        for name, value in zip(self._fields, self, strict=True):
            if isinstance(value, Text):
                packed[name] = [value.zh, value.en]
            elif isinstance(value, date):
                packed[name] = value.isoformat()
            elif value:
                packed[name] = value
        return packed

    @classmethod
    def of_json(cls, packed: dict[str, Any]) -> Item:
        """The item that `as_json` wrote."""
        given = dict(packed)
        given["why"] = Text(*given["why"])
        for name in ("due_on", "last_order_on"):
            if given.get(name) is not None:
                given[name] = date.fromisoformat(given[name])
        given["also"] = tuple(Also(*each) for each in given.get("also", ()))
        return cls(**given)


class Notice(NamedTuple):
    """Something that happened and concerns a rep (a person or a rep code); `notice_id` is that of the event."""

    notice_id: str
    rep: str
    topic: Topic
    item: Item


class Message(NamedTuple):
    """What one person is told on a business day; `more` customers were left out of it."""

    message_id: str
    person: str
    topic: Topic
    day: date
    items: tuple[Item, ...]
    more: int = 0


def item_of(reminder: Reminder, today: date) -> Item:
    """A reminder as a message tells it."""
    return Item(
        customer_id=reminder.customer_id,
        why=Text(zh=reminder.why_zh, en=reminder.why_en),
        reminder_id=reminder.reminder_id,
        customer_class=reminder.customer_class,
        level=reminder.level,
        rule=reminder.rule,
        by=reminder.channel,
        template=reminder.template,
        minutes=reminder.minutes,
        plan_required=reminder.plan_required,
        due_on=reminder.due_on,
        last_order_on=reminder.last_order_on,
        kind=reminder.kind,
        overdue=max(0, (today - reminder.issued_on).days),
    )


def digest(person: str, day: date, items: Iterable[Item], at_most: int) -> Message:
    """The day's list of a person, each customer once; its id says person and day, so that it is made once."""
    urgent = sorted(items, key=lambda item: (item.kind != "falling", -item.overdue, item.due_on or day, item[0]))
    ordered = once_each(urgent)
    return Message(
        _id("digest", person, str(day)), person, "digest", day, tuple(ordered[:at_most]), max(0, len(ordered) - at_most)
    )


def once_each(items: Iterable[Item]) -> list[Item]:
    """One item for each customer, in the order of the most urgent; what no contact answers stays by itself."""
    first: dict[str, int] = {}
    told: list[Item] = []
    for item in items:
        at = first.get(item.customer_id)
        if item.kind in NO_CONTACT or item.reminder_id is None or item.rule is None:
            told.append(item)
        elif at is None:
            first[item.customer_id] = len(told)
            told.append(item)
        else:
            kept = told[at]
            told[at] = kept._replace(
                also=(*kept.also, Also(item.rule, item.reminder_id)),
                minutes=max(kept.minutes, item.minutes),
                plan_required=kept.plan_required or item.plan_required,
            )
    return told


def bundles(person: str, day: date, notices: Iterable[Notice], at_most: int) -> list[Message]:
    """What has just happened, a message for each topic: ten reminders that come at once are one message."""
    by_topic: dict[Topic, dict[str, Item]] = {}
    for notice in notices:
        by_topic.setdefault(notice.topic, {})[notice.notice_id] = notice.item
    return [
        Message(
            _id(topic, person, *sorted(told)),
            person,
            topic,
            day,
            tuple(told[name] for name in sorted(told))[:at_most],
            max(0, len(told) - at_most),
        )
        for topic, told in by_topic.items()
    ]


def send_from(opens: datetime, person: str, spread_seconds: int) -> datetime:
    """When a person's digest goes out: within the spread, each day at the same moment of it."""
    return opens + timedelta(seconds=crc32(person.encode()) % spread_seconds if spread_seconds else 0)


def _id(*parts: str) -> str:
    # Identifiers have no control characters, so no two messages are spelled alike.
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
