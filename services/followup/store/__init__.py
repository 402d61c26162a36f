"""The only callers of followup's SQL; rows become types here."""

from services.followup.store.messages import PostgresMessages
from services.followup.store.people import PostgresPeople
from services.followup.store.preferences import PostgresPreferences
from services.followup.store.reminders import PostgresReminders
from services.followup.store.schedules import PostgresSchedules

__all__ = ["PostgresMessages", "PostgresPeople", "PostgresPreferences", "PostgresReminders", "PostgresSchedules"]
