"""What archive does by the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.archive.usecases import (
    ForgetSightings,
    JudgeFiles,
    KeepBackups,
    KeepGrants,
    KeepStatements,
    ScanStorage,
    Vouch,
    WatchConsulting,
)
from services.archive.usecases.destroying import DeleteObjects
from services.archive.usecases.leaving import SettleLeavings
from services.archive.usecases.reclassifying import Reclassify
from services.archive.usecases.seasons import KeepFiling
from shared.engine.model import Job
from shared.policy.model import Policy

# How soon a checkpoint that is due is made.
LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Chores:
    """The use cases that nobody asks for."""

    vouch: Vouch
    keep_grants: KeepGrants
    keep_backups: KeepBackups
    keep_statements: KeepStatements
    watch_consulting: WatchConsulting
    forget_sightings: ForgetSightings
    judge_files: JudgeFiles
    scan_storage: ScanStorage


def jobs(chores: Chores, policy: Callable[[], Policy]) -> tuple[Job, ...]:
    return (
        # Two beats may be lost before readers refuse.
        Job("grants_heartbeat", every=lambda: policy().grants.stale_after_seconds / 3, run=chores.keep_grants.beat),
        Job("checkpoints", every=LOOK_SECONDS, run=chores.vouch),
        Job("look_at_backups", every=60.0, run=chores.keep_backups.look),
        # A month is over within the hour for those who settle it.
        Job("statement_reminder", every=3600.0, run=chores.keep_statements.remind),
        # Warnings are of minutes; looking is a few index scans over what is open.
        Job("watch_consulting", every=15.0, run=chores.watch_consulting),
        Job("forget_sightings", every=3600.0, run=chores.forget_sightings),
        # Days pass once a day; which of them is over, the table says.
        Job("judge_files", every=600.0, run=chores.judge_files),
        Job("scan_storage", every=600.0, run=chores.scan_storage),
    )


def life_jobs(
    settle: SettleLeavings, filing: KeepFiling, delete: DeleteObjects, reclassify: Reclassify
) -> tuple[Job, ...]:
    return (
        # Grants of somebody who left end within a moment; asking whether anybody did is one row of an index.
        Job("settle_leavings", every=1.0, run=settle),
        # A season opens at midnight: nobody waits for it to the minute.
        Job("filing_seasons", every=60.0, run=filing),
        Job("delete_objects", every=10.0, run=delete),
        # Somebody delegates to whom nobody has said yet that something waits.
        Job("watch_reclassifications", every=15.0, run=reclassify.watch),
    )
