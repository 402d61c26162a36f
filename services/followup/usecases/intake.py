"""Whether followup is still being told of the past."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from shared.engine.model import Event

# Yesterday's evening is told today, and a sender's clock may be in another zone.
NEWS = timedelta(days=2)


class Intake:
    """Holds the dispatch back while history is read in, as in an import or after an outage.

    A customer whose newest known order is a year old may turn out to have ordered yesterday: a reminder issued in
    between could not be called back. One process's view, so several dispatchers may differ by the quiet time.
    """

    def __init__(self, began: datetime, *, quiet: timedelta, longest: timedelta) -> None:
        """Take the start of the process as the beginning of a stretch: what waited meanwhile is read first."""
        self._quiet = quiet
        self._longest = longest
        self._began = began
        self._last = began

    def history_was_read(self, now: datetime) -> None:
        """Note that a batch told of the past."""
        if not timedelta(0) <= now - self._last < self._quiet:
            self._began = now
        self._last = now

    def is_settled(self, now: datetime) -> bool:
        """Whether reminders may be issued: nothing old came for the quiet time, or it has come for too long."""
        # A clock that was set back must not hold reminders until it has caught up.
        quiet_for = abs(now - self._last)
        return quiet_for >= self._quiet or abs(now - self._began) >= self._longest


def tells_of_the_past(event: Event, today: date) -> bool:
    """Whether an event of `customers.v1` is history: its order, or else what happened, is older than news are."""
    entry = event.data.entry if event.type == "trade.recorded" else None
    dated: date = event.data.occurred_at.date() if entry is None else entry.dated
    return dated <= today - NEWS
