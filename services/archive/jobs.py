"""What archive does by the clock."""

from __future__ import annotations

from collections.abc import Callable

from services.archive.usecases import KeepGrants
from shared.engine.model import Job
from shared.policy.model import Policy


def jobs(keep_grants: KeepGrants, policy: Callable[[], Policy]) -> tuple[Job, ...]:
    # Two beats may be lost before readers refuse.
    return (Job("grants_heartbeat", every=lambda: policy().grants.stale_after_seconds / 3, run=keep_grants.beat),)
