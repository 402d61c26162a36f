"""What feeds what, as a table."""

from __future__ import annotations

from services.archive.domain.entries import VIEWS
from services.archive.usecases import HearConduct, RecordFileReminders, RecordPeople, SealAudit
from services.archive.usecases.stale import REMINDERS
from shared.engine.model import Subscription
from shared.following import FollowPolicy, following


def subscriptions(
    seal_audit: SealAudit,
    record_people: RecordPeople,
    record_reminders: RecordFileReminders,
    hear_conduct: HearConduct,
    follow_policy: FollowPolicy,
) -> tuple[Subscription, ...]:
    return (
        # The chain's end is locked for a whole batch: long enough to be worth it, short enough to be waited for.
        Subscription(
            topics=("audit.v1", "tiers.v1", "customers.v1"),
            handler=seal_audit,
            max_records=2000,
            gather_ms=30,
            views=VIEWS,
        ),
        Subscription(topics=("organisation.v1",), handler=record_people, max_records=500),
        # Of reminders a few concern files, of activities a few people; both may wait, and are many.
        Subscription(
            topics=("reminders.v1",), handler=record_reminders, max_records=2000, gather_ms=100, views=REMINDERS
        ),
        Subscription(topics=("activities.v1",), handler=hear_conduct, max_records=2000, gather_ms=100),
        following(follow_policy),
    )
