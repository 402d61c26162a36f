"""Months, each by its first day: what is counted, paid and settled by the month."""

from __future__ import annotations

from datetime import date, timedelta


def month_of(day: date) -> date:
    """The month of a day."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """The next month."""
    return (month + timedelta(days=31)).replace(day=1)


def month_before(month: date) -> date:
    """The month before."""
    return month_of(month - timedelta(days=1))


def spoken(month: date) -> str:
    """A month as people write it, `2026-03`."""
    return f"{month.year:04}-{month.month:02}"
