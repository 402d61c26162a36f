"""Followup's HTTP."""

from services.followup.api.reminders import reminders_router
from services.followup.api.schedule import schedule_router

__all__ = ["reminders_router", "schedule_router"]
