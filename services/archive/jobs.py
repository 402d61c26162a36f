"""What archive does by the clock."""

from __future__ import annotations

from collections.abc import Callable

from services.archive.usecases import KeepGrants, Vouch
from shared.engine.model import Job
from shared.policy.model import Policy

# How soon a checkpoint that is due is made.
LOOK_SECONDS = 2.0


def jobs(keep_grants: KeepGrants, vouch: Vouch, policy: Callable[[], Policy]) -> tuple[Job, ...]:
    # Two beats may be lost before readers refuse.
    beats = Job("grants_heartbeat", every=lambda: policy().grants.stale_after_seconds / 3, run=keep_grants.beat)
    return (beats, Job("checkpoints", every=LOOK_SECONDS, run=vouch))
