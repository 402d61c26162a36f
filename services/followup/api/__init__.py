"""Followup's HTTP."""

from services.followup.api.calendar import calendar_router
from services.followup.api.feeds import calendar_programs_router, feeds_router
from services.followup.api.reminders import reminders_router
from services.followup.api.schedule import schedule_router

__all__ = [
    "calendar_programs_router",
    "calendar_router",
    "feeds_router",
    "reminders_router",
    "schedule_router",
]
