"""What followup does by the clock."""

from __future__ import annotations

from services.followup.usecases.dispatch import DispatchDue
from services.followup.usecases.endings import EndPast
from services.followup.usecases.products import TellOfProducts
from services.followup.usecases.replanning import ReplanContacts
from shared.engine.model import Job


def jobs(
    dispatch_due: DispatchDue,
    replan_contacts: ReplanContacts,
    tell_of_products: TellOfProducts,
    end_past: EndPast,
    *,
    dispatch_every: float,
) -> tuple[Job, ...]:
    async def dispatch() -> None:
        await dispatch_due()

    # Not once a day: the first run of a day issues its list, whenever that is, and later ones what was planned since.
    # Asking whether there is something to plan anew is one row.
    return (
        Job("replan_contacts", every=1.0, run=replan_contacts),
        Job("dispatch_due", every=dispatch_every, run=dispatch),
        Job("tell_of_products", every=dispatch_every, run=tell_of_products),
        Job("end_past", every=60.0, run=end_past),
    )
