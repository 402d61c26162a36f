"""When people work (F8): working days, working hours, and deadlines counted in both."""

from shared.working_time.calendars import DayInfo
from shared.working_time.rule import DAY, WEEKDAYS, WorkingTime

__all__ = ["DAY", "WEEKDAYS", "DayInfo", "WorkingTime"]
