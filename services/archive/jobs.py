"""What archive does by the clock."""

from __future__ import annotations

from collections.abc import Callable

from services.archive.usecases import KeepGrants, WatchConsulting
from services.archive.usecases.destroying import DeleteObjects
from services.archive.usecases.leaving import SettleLeavings
from services.archive.usecases.seasons import KeepFiling
from shared.engine.model import Job
from shared.policy.model import Policy


def jobs(keep_grants: KeepGrants, watch: WatchConsulting, policy: Callable[[], Policy]) -> tuple[Job, ...]:
    return (
        # Two beats may be lost before readers refuse.
        Job("grants_heartbeat", every=lambda: policy().grants.stale_after_seconds / 3, run=keep_grants.beat),
        # Warnings are of minutes; looking is a few index scans over what is open.
        Job("watch_consulting", every=15.0, run=watch),
    )


def life_jobs(settle: SettleLeavings, filing: KeepFiling, delete: DeleteObjects) -> tuple[Job, ...]:
    return (
        # Grants of somebody who left end within a moment; asking whether anybody did is one row of an index.
        Job("settle_leavings", every=1.0, run=settle),
        # A season opens at midnight: nobody waits for it to the minute.
        Job("filing_seasons", every=60.0, run=filing),
        Job("delete_objects", every=10.0, run=delete),
    )
