"""The one table that binds topic, key, event types, writers and readers.

From it come AsyncAPI, the JSON Schemas, the compatibility check, the topics of the broker and its access rights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.contracts import (
    activities,
    archive,
    audit,
    checkpoints,
    customers,
    grants,
    orders,
    organisation,
    policy,
    reminders,
    tiers,
)
from shared.contracts.types import EventData

ORDER_SYSTEM = "order_system"
CRM = "crm"
HR_SYSTEM = "hr_system"
AUDITOR = "auditor"

SERVICES = ("customers", "scoring", "followup", "archive")
"""Our own services; every other writer or reader is outside."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A row of the registry.

    `key` names the attribute of the data whose value is the record's key; `keyless` is the key of events that have no
    such value. `title` says in a line what the topic carries.
    """

    name: str
    title: str
    key: str
    types: Mapping[str, type[EventData]]
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    keyless: str = "*"
    partitions: int = 12
    compacted: bool = False

    def key_of(self, data: EventData) -> str:
        """The record key of an event with this data."""
        return getattr(data, data.key_field or self.key, None) or self.keyless


_ROWS = (
    Topic(
        name="orders.v1",
        title="Trade, as the order system tells it",
        key="customer_id",
        types={
            "order.placed": orders.OrderPlaced,
            "order.completed": orders.OrderCompleted,
            "order.cancelled": orders.OrderCancelled,
            "order.returned": orders.OrderReturned,
            "payment.received": orders.PaymentReceived,
            "sample.ordered": orders.SampleOrdered,
            "sample.shipped": orders.SampleShipped,
            "sample.received": orders.SampleReceived,
        },
        writers=(ORDER_SYSTEM,),
        readers=("customers",),
    ),
    Topic(
        name="activities.v1",
        title="What people do with customers, and how they conduct themselves (keyed by the person then)",
        key="customer_id",
        types={
            "customer.registered": activities.CustomerRegistered,
            "customer.profiled": activities.CustomerProfiled,
            "inquiry.received": activities.InquiryReceived,
            "inquiry.judged": activities.InquiryJudged,
            "contact.made": activities.ContactMade,
            "conduct.reported": activities.ConductReported,
        },
        writers=("customers", "followup", CRM),
        readers=("customers", "archive"),
    ),
    Topic(
        name="organisation.v1",
        title="People, their roles, departments and managers, when they are away, and the stations they work at",
        key="person",
        types={
            "person.recorded": organisation.PersonRecorded,
            "person.departed": organisation.PersonDeparted,
            "leave.recorded": organisation.LeaveRecorded,
            "leave.cancelled": organisation.LeaveCancelled,
            "station.recorded": organisation.StationRecorded,
        },
        writers=("customers", HR_SYSTEM),
        readers=SERVICES,
    ),
    Topic(
        name="customers.v1",
        title="What is known of a customer, each event with the customer's own growing version",
        key="customer_id",
        types={
            "trade.recorded": customers.TradeRecorded,
            "profile.recorded": customers.ProfileRecorded,
        },
        writers=("customers",),
        readers=("scoring", "followup", "archive"),
    ),
    Topic(
        name="tiers.v1",
        title="Levels, and why",
        key="customer_id",
        types={
            "tier.changed": tiers.TierChanged,
            "tier.drop_ahead": tiers.TierDropAhead,
        },
        writers=("scoring",),
        readers=("followup", "customers", "archive"),
    ),
    Topic(
        name="reminders.v1",
        title="Contacts that reps owe",
        key="rep",
        types={
            "reminder.due": reminders.ReminderDue,
            "reminder.done": reminders.ReminderDone,
            "reminder.moved": reminders.ReminderMoved,
            "reminder.skipped": reminders.ReminderSkipped,
            "reminder.handed_over": reminders.ReminderHandedOver,
            "report.due": reminders.ReportDue,
            "report.filed": reminders.ReportFiled,
            "report.passed_on": reminders.ReportPassedOn,
            "reminder.escalated": reminders.ReminderEscalated,
            "reminder.ended": reminders.ReminderEnded,
        },
        writers=("followup",),
        readers=("followup",),
        keyless=reminders.UNASSIGNED,
    ),
    Topic(
        name="audit.v1",
        title="Facts of access to files, and rules found broken",
        key="file",
        types={
            "file.read": audit.FileRead,
            "file.searched": audit.FileSearched,
            "file.exported": audit.FileExported,
            "access.denied": audit.AccessDenied,
            "decision.made": audit.DecisionMade,
            "login.failed": audit.LoginFailed,
            "breach.found": audit.BreachFound,
        },
        writers=SERVICES,
        readers=("archive",),
    ),
    Topic(
        name="grants.v1",
        title="Who may read which file until when, and archive's heartbeat",
        key="file",
        types={
            "grant.given": grants.GrantGiven,
            "grant.revoked": grants.GrantRevoked,
            "grants.heartbeat": grants.GrantsHeartbeat,
        },
        writers=("archive",),
        readers=("customers",),
    ),
    Topic(
        name="archive.v1",
        title="What archive proposes and decides, and what waits for whom (keyed by the person then)",
        key="file",
        types={
            "fine.proposed": archive.FineProposed,
            "task.raised": archive.TaskRaised,
            "task.cleared": archive.TaskCleared,
        },
        writers=("archive",),
        readers=("followup",),
    ),
    Topic(
        name="checkpoints.v1",
        title="The audit's signed tree heads, for those who keep them elsewhere",
        key="log",
        types={"checkpoint.signed": checkpoints.CheckpointSigned},
        writers=("archive",),
        readers=(AUDITOR,),
    ),
    Topic(
        name="policy.v1",
        title="The active policy, whole",
        key="",
        types={"policy.activated": policy.PolicyActivated},
        writers=("scoring",),
        readers=SERVICES,
        keyless="policy",
        compacted=True,
    ),
)

TOPICS: Mapping[str, Topic] = MappingProxyType({row.name: row for row in _ROWS})
"""Topic name to its row, in the order of an event's way through the system."""


def key_of(topic: str, data: EventData) -> str:
    """The record key under which `data` travels on `topic`; KeyError for a topic not in the registry."""
    return TOPICS[topic].key_of(data)


def topics_read_by(service: str) -> tuple[Topic, ...]:
    return tuple(topic for topic in TOPICS.values() if service in topic.readers)


def topics_written_by(service: str) -> tuple[Topic, ...]:
    return tuple(topic for topic in TOPICS.values() if service in topic.writers)


def dead_letter_topic(topic: str, service: str) -> str:
    """Where `service` puts what it could not take from `topic`."""
    return f"{topic}.{service}.dlq"


def dead_letter_topics() -> tuple[str, ...]:
    """Every dead-letter topic: one for each topic and each of our services that reads it."""
    return tuple(
        dead_letter_topic(topic.name, reader)
        for topic in TOPICS.values()
        for reader in topic.readers
        if reader in SERVICES
    )
