"""What customers does by the clock."""

from __future__ import annotations

from services.customers.usecases.retelling import RetellCustomers
from shared.engine.model import Job


def jobs(retell_customers: RetellCustomers) -> tuple[Job, ...]:
    # Asking whether somebody is to be told anew is one row.
    return (Job("retell_customers", every=1.0, run=retell_customers),)
