"""What scoring does by the clock."""

from __future__ import annotations

from services.scoring.usecases.assessing import AssessPotentials
from services.scoring.usecases.passing_days import PassDays
from shared.engine.model import Job


def jobs(pass_days: PassDays, assess_potentials: AssessPotentials) -> tuple[Job, ...]:
    # Looking whether the business date has moved costs nothing, and the first reminders of a day wait for it.
    return (
        Job("pass_days", every=2.0, run=pass_days),
        # So long a new inquiry may wait for its level; to look is two rows.
        Job("assess_potentials", every=2.0, run=assess_potentials),
    )
