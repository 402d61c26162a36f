"""What scoring does by the clock."""

from __future__ import annotations

from services.scoring.usecases.passing_days import PassDays
from shared.engine.model import Job


def jobs(pass_days: PassDays) -> tuple[Job, ...]:
    # Looking whether the business date has moved costs nothing, and the first reminders of a day wait for it.
    return (Job("pass_days", every=2.0, run=pass_days),)
