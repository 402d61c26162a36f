"""What followup does by the clock."""

from __future__ import annotations

from services.followup.usecases.dispatch import DispatchDue
from shared.engine.model import Job


def jobs(dispatch_due: DispatchDue, *, dispatch_every: float) -> tuple[Job, ...]:
    async def dispatch() -> None:
        await dispatch_due()

    # Not once a day: the first run of a day issues its list, whenever that is, and later ones what was planned since.
    return (Job("dispatch_due", every=dispatch_every, run=dispatch),)
