"""What archive does by the clock."""

from __future__ import annotations

from collections.abc import Callable

from services.archive.usecases import KeepBackups, KeepGrants
from shared.engine.model import Job
from shared.policy.model import Policy


def jobs(keep_grants: KeepGrants, keep_backups: KeepBackups, policy: Callable[[], Policy]) -> tuple[Job, ...]:
    return (
        # Two beats may be lost before readers refuse.
        Job("grants_heartbeat", every=lambda: policy().grants.stale_after_seconds / 3, run=keep_grants.beat),
        Job("look_at_backups", every=60.0, run=keep_backups.look),
    )
