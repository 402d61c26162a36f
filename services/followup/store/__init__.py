"""The only callers of followup's SQL; rows become types here."""

from services.followup.store.acts import PostgresActs
from services.followup.store.capacity import PostgresCapacity
from services.followup.store.escalations import PostgresEscalations, PostgresWatch
from services.followup.store.feeds import PostgresFeeds
from services.followup.store.leave import PostgresLeave
from services.followup.store.messages import PostgresMessages
from services.followup.store.people import PostgresPeople
from services.followup.store.plans import PostgresPlans
from services.followup.store.preferences import PostgresPreferences
from services.followup.store.products import PostgresProducts
from services.followup.store.reminders import PostgresReminders
from services.followup.store.reports import PostgresReports
from services.followup.store.schedules import PostgresSchedules
from services.followup.store.tasks import PostgresTasks
from services.followup.store.views import PostgresViews

__all__ = [
    "PostgresActs",
    "PostgresCapacity",
    "PostgresEscalations",
    "PostgresFeeds",
    "PostgresLeave",
    "PostgresMessages",
    "PostgresPeople",
    "PostgresPlans",
    "PostgresPreferences",
    "PostgresProducts",
    "PostgresReminders",
    "PostgresReports",
    "PostgresSchedules",
    "PostgresTasks",
    "PostgresViews",
    "PostgresWatch",
]
