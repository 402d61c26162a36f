"""What followup does by the clock."""

from __future__ import annotations

from services.followup.usecases.dispatch import DispatchDue
from services.followup.usecases.replanning import ReplanContacts
from shared.engine.model import Job


def jobs(dispatch_due: DispatchDue, replan_contacts: ReplanContacts, *, dispatch_every: float) -> tuple[Job, ...]:
    async def dispatch() -> None:
        await dispatch_due()

    # Not once a day: the first run of a day issues its list, whenever that is, and later ones what was planned since.
    # Asking whether there is something to plan anew is one row.
    return (
        Job("replan_contacts", every=1.0, run=replan_contacts),
        Job("dispatch_due", every=dispatch_every, run=dispatch),
    )
