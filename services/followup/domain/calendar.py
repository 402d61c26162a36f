"""When people work (F8)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from shared.policy import Policy

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def work_starts(policy: Policy, day: date) -> datetime:
    """The moment (UTC) at which work starts on `day`, or on the first working day after it (F8)."""
    off = policy.working_time.days_off
    days = (day + timedelta(days=n) for n in range(len(WEEKDAYS)))
    return policy.opens_at(next((d for d in days if WEEKDAYS[d.weekday()] not in off), day))
