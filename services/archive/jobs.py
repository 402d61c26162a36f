"""What archive does by the clock."""

from __future__ import annotations

from collections.abc import Callable

from services.archive.usecases import KeepGrants, Vouch, WatchConsulting
from shared.engine.model import Job
from shared.policy.model import Policy

# How soon a checkpoint that is due is made.
LOOK_SECONDS = 2.0


def jobs(
    keep_grants: KeepGrants, watch: WatchConsulting, vouch: Vouch, policy: Callable[[], Policy]
) -> tuple[Job, ...]:
    return (
        # Two beats may be lost before readers refuse.
        Job("grants_heartbeat", every=lambda: policy().grants.stale_after_seconds / 3, run=keep_grants.beat),
        # Warnings are of minutes; looking is a few index scans over what is open.
        Job("watch_consulting", every=15.0, run=watch),
        Job("checkpoints", every=LOOK_SECONDS, run=vouch),
    )
