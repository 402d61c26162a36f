"""Moments as the clock on the wall shows them: services speak in UTC, people type `--until` by their own clock."""

from __future__ import annotations

from datetime import datetime

TO_THE_MINUTE = "%Y-%m-%d %H:%M"
# How a time is typed; without the T as it is shown.
CLOCK = ["%Y-%m-%dT%H:%M", TO_THE_MINUTE]


def local(moment: str | None) -> str:
    """A moment of a service (RFC 3339) in this machine's time zone, to the minute; empty where there is none."""
    return "" if moment is None else datetime.fromisoformat(moment).astimezone().strftime(TO_THE_MINUTE)


def local_day(moment: str | None) -> str:
    """The day of a moment in this machine's time zone; empty where there is none."""
    return local(moment).partition(" ")[0]
