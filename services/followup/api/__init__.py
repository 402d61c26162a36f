"""Followup's HTTP."""

from services.followup.api.capacity import capacity_router
from services.followup.api.reminders import reminders_router
from services.followup.api.schedule import schedule_router

__all__ = ["capacity_router", "reminders_router", "schedule_router"]
