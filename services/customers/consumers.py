"""What feeds what, as a table."""

from __future__ import annotations

from services.customers.usecases.record_copies import RecordGrants, RecordLevel, RecordPeople
from services.customers.usecases.record_trade import RecordTrade
from shared.contracts.tiers import LevelDecided
from shared.engine.model import Subscription
from shared.following import FollowPolicy, following


def subscriptions(
    record_trade: RecordTrade,
    record_level: RecordLevel,
    record_grants: RecordGrants,
    record_people: RecordPeople,
    follow_policy: FollowPolicy,
) -> tuple[Subscription, ...]:
    return (
        # Both topics are keyed by customer and fold into the same rows, so one poll takes from both.
        Subscription(topics=("orders.v1", "activities.v1"), handler=record_trade, max_records=2000, gather_ms=30),
        Subscription(
            topics=("tiers.v1",),
            handler=record_level,
            max_records=2000,
            gather_ms=30,
            views={"tier.changed": LevelDecided},
        ),
        # A revocation must not wait behind anything: it has a poll of its own.
        Subscription(topics=("grants.v1",), handler=record_grants, max_records=500),
        Subscription(topics=("organisation.v1",), handler=record_people, max_records=500),
        following(follow_policy),
    )
