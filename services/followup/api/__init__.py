"""Followup's HTTP."""

from services.followup.api.products import products_router
from services.followup.api.reminders import reminders_router
from services.followup.api.schedule import schedule_router

__all__ = ["products_router", "reminders_router", "schedule_router"]
