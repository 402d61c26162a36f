"""What scoring does by the clock."""

from __future__ import annotations

from services.scoring.usecases.assessing import AssessPotentials
from services.scoring.usecases.looking_ahead import LookAhead
from services.scoring.usecases.passing_days import PassDays
from services.scoring.usecases.policies import KeepPolicies
from shared.engine.model import Job


def jobs(
    pass_days: PassDays, look_ahead: LookAhead, keep_policies: KeepPolicies, assess_potentials: AssessPotentials
) -> tuple[Job, ...]:
    # Looking whether the business date has moved costs nothing, and the first reminders of a day wait for it.
    return (
        # Once it has begun, nothing.
        Job("begin_policies", every=2.0, run=keep_policies.begin),
        Job("pass_days", every=2.0, run=pass_days),
        # So long a new inquiry may wait for its level; to look is a few rows.
        Job("assess_potentials", every=2.0, run=assess_potentials),
        # When a day has begun, and now and then; whether it is time costs nothing.
        Job("look_ahead", every=5.0, run=look_ahead),
    )
