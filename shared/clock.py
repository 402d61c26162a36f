"""Time as the services see it: moments in UTC, days in the business time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


class Clock:
    """The time now and the business date, which a local stack may set (`--today`).

    With `today` set, the clock runs a whole number of days off: the wall time stays, time flows on and the
    business day changes at local midnight. `set_on` is the real business date on which `today` was chosen (default:
    this one), so that a process started again after midnight agrees with those that kept running.
    """

    def __init__(self, zone: ZoneInfo | str, today: date | None = None, set_on: date | None = None) -> None:
        self.zone = ZoneInfo(zone) if isinstance(zone, str) else zone
        self._shift = timedelta(0)
        if today is not None:
            self._shift = today - (set_on or self._real().astimezone(self.zone).date())

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        # Adding days to a local time keeps its wall time across a change to summer time; adding hours would not.
        return (self._real().astimezone(self.zone) + self._shift).astimezone(UTC) if self._shift else self._real()

    def today(self) -> date:
        """The business date: the calendar date now in the business time zone."""
        return self.date_of(self.now())

    def date_of(self, moment: datetime) -> date:
        """The business date on which `moment` falls; ValueError for a moment without an offset."""
        if moment.tzinfo is None:
            raise ValueError(f"a moment needs an offset from UTC: {moment.isoformat()}")
        return moment.astimezone(self.zone).date()

    def _real(self) -> datetime:
        return datetime.now(UTC)


class FrozenClock(Clock):
    """A clock for tests: it stands still until it is set or advanced."""

    def __init__(self, moment: datetime, zone: ZoneInfo | str = "Asia/Shanghai") -> None:
        self._moment = moment.astimezone(UTC)
        super().__init__(zone)

    def set(self, moment: datetime) -> None:
        """Jump to `moment`, forwards or backwards."""
        self._moment = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Let `by` pass."""
        self._moment += by

    def _real(self) -> datetime:
        return self._moment
