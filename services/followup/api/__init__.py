"""Followup's HTTP."""

from services.followup.api.messages import messages_router
from services.followup.api.preferences import preferences_router
from services.followup.api.reminders import reminders_router
from services.followup.api.schedule import schedule_router

__all__ = ["messages_router", "preferences_router", "reminders_router", "schedule_router"]
