"""What feeds what, as a table."""

from __future__ import annotations

from services.followup.usecases.happening import NoteHappenings
from services.followup.usecases.organisation import RecordPeople
from services.followup.usecases.planning import PlanContacts
from services.followup.usecases.tasks import RecordTasks
from shared.contracts.tiers import LevelDecided
from shared.engine.model import Subscription
from shared.following import FollowPolicy, following


def subscriptions(
    plan_contacts: PlanContacts,
    record_people: RecordPeople,
    follow_policy: FollowPolicy,
    note_happenings: NoteHappenings,
    record_tasks: RecordTasks,
) -> tuple[Subscription, ...]:
    return (
        Subscription(
            topics=("customers.v1", "tiers.v1"),
            handler=plan_contacts,
            max_records=2000,
            gather_ms=30,
            views={"tier.changed": LevelDecided},
        ),
        Subscription(topics=("organisation.v1",), handler=record_people, max_records=500),
        Subscription(topics=("reminders.v1",), handler=note_happenings, max_records=2000, gather_ms=100),
        Subscription(topics=("archive.v1",), handler=record_tasks, max_records=500),
        following(follow_policy),
    )
