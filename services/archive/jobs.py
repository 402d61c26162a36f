"""What archive does by the clock."""

from __future__ import annotations

from collections.abc import Callable

from services.archive.usecases import KeepGrants, KeepStatements
from shared.engine.model import Job
from shared.policy.model import Policy


def jobs(keep_grants: KeepGrants, keep_statements: KeepStatements, policy: Callable[[], Policy]) -> tuple[Job, ...]:
    return (
        # Two beats may be lost before readers refuse.
        Job("grants_heartbeat", every=lambda: policy().grants.stale_after_seconds / 3, run=keep_grants.beat),
        # A month is over within the hour for those who settle it.
        Job("statement_reminder", every=3600, run=keep_statements.remind),
    )
