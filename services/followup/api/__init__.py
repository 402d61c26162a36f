"""Followup's HTTP."""

from services.followup.api.acts import Acts, acts_router
from services.followup.api.calendar import calendar_router
from services.followup.api.capacity import capacity_router
from services.followup.api.desk import desk_router
from services.followup.api.feeds import calendar_programs_router, feeds_router
from services.followup.api.messages import messages_router
from services.followup.api.plans import plans_router
from services.followup.api.preferences import preferences_router
from services.followup.api.products import products_router
from services.followup.api.reminders import reminders_router
from services.followup.api.reports import reports_router
from services.followup.api.schedule import schedule_router
from services.followup.api.tasks import tasks_router

__all__ = [
    "Acts",
    "acts_router",
    "calendar_programs_router",
    "calendar_router",
    "capacity_router",
    "desk_router",
    "feeds_router",
    "messages_router",
    "plans_router",
    "preferences_router",
    "products_router",
    "reminders_router",
    "reports_router",
    "schedule_router",
    "tasks_router",
]
