"""What customers does by the clock."""

from __future__ import annotations

from services.customers.usecases.judge import JudgeTrade
from services.customers.usecases.retelling import RetellCustomers
from shared.engine.model import Job


def jobs(retell_customers: RetellCustomers, judge_trade: JudgeTrade) -> tuple[Job, ...]:
    return (
        # Asking whether somebody is to be told anew is one row.
        Job("retell_customers", every=1.0, run=retell_customers),
        # What is judged has waited for hours: a minute more is nothing.
        Job("judge_trade", every=60.0, run=judge_trade),
    )
