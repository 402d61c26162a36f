"""The only callers of followup's SQL; rows become types here."""

from services.followup.store.escalations import PostgresEscalations, PostgresWatch
from services.followup.store.feeds import PostgresFeeds
from services.followup.store.leave import PostgresLeave
from services.followup.store.people import PostgresPeople
from services.followup.store.reminders import PostgresReminders
from services.followup.store.schedules import PostgresSchedules

__all__ = [
    "PostgresEscalations",
    "PostgresFeeds",
    "PostgresLeave",
    "PostgresPeople",
    "PostgresReminders",
    "PostgresSchedules",
    "PostgresWatch",
]
