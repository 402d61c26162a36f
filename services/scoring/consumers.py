"""What feeds what, as a table."""

from __future__ import annotations

from services.scoring.usecases.deciding import DecideLevels
from services.scoring.usecases.organisation import RecordPeople
from shared.engine.lease import Lease
from shared.engine.model import Subscription


def subscriptions(decide_levels: DecideLevels, record_people: RecordPeople, lease: Lease) -> tuple[Subscription, ...]:
    # Settling costs a millisecond or two however many events it settles: long polls share it, short ones keep latency.
    return (
        Subscription(topics=("customers.v1",), handler=decide_levels, max_records=2000, gather_ms=30, lease=lease),
        # By the same lease, so that who takes over reads at once, and waits for no group to miss the one who died.
        Subscription(topics=("organisation.v1",), handler=record_people, max_records=500, lease=lease),
    )
