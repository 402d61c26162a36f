"""What archive does by the clock."""

from __future__ import annotations

from collections.abc import Callable

from services.archive.usecases import (
    ForgetSightings,
    JudgeFiles,
    KeepGrants,
    KeepStatements,
    ScanStorage,
    WatchConsulting,
)
from shared.engine.model import Job
from shared.policy.model import Policy


def jobs(  # noqa: PLR0913, PLR0917 - each is a timer of its own
    keep_grants: KeepGrants,
    watch_consulting: WatchConsulting,
    keep_statements: KeepStatements,
    forget_sightings: ForgetSightings,
    judge_files: JudgeFiles,
    scan_storage: ScanStorage,
    policy: Callable[[], Policy],
) -> tuple[Job, ...]:
    return (
        # Two beats may be lost before readers refuse.
        Job("grants_heartbeat", every=lambda: policy().grants.stale_after_seconds / 3, run=keep_grants.beat),
        # Warnings are of minutes; looking is a few index scans over what is open.
        Job("watch_consulting", every=15.0, run=watch_consulting),
        # A month is over within the hour for those who settle it.
        Job("statement_reminder", every=3600.0, run=keep_statements.remind),
        Job("forget_sightings", every=3600.0, run=forget_sightings),
        # Days pass once a day; which of them is over, the table says.
        Job("judge_files", every=600.0, run=judge_files),
        Job("scan_storage", every=600.0, run=scan_storage),
    )
