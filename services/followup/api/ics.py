"""A rep's calendar as RFC 5545 writes it, the way Outlook, Apple, Google, WeCom and DingTalk subscribe to it.

Events and not to-dos: none of them shows a VTODO of a subscription.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from services.followup.domain.feeds import Revision
from services.followup.usecases.feeds import Calendar
from shared.words import Language, Text

# How often a program should ask again; Google asks when it likes.
REFRESH = timedelta(minutes=30)
PRODID = {Language.ZH: "-//Tierline//Follow-up//ZH", Language.EN: "-//Tierline//Follow-up//EN"}
URGENT, ORDINARY = 1, 5
YEAR = timedelta(days=366)


def as_ics(calendar: Calendar) -> bytes:
    """The calendar as a file, the same bytes as long as nothing changed."""
    feed, zone = calendar.feed, ZoneInfo(calendar.zone)
    name = Text(zh=f"客户跟进 · {feed.person}", en=f"Follow-up · {feed.person}").in_(feed.language)
    ics = icalendar.Calendar()
    ics.add("version", "2.0")
    ics.add("prodid", PRODID[feed.language])
    ics.add("calscale", "GREGORIAN")
    ics.add("method", "PUBLISH")
    # What kind of value these have the library does not know, and would leave a semicolon, or write 0:30:00.
    ics.add("name", icalendar.vText(name))
    ics.add("x-wr-calname", icalendar.vText(name))
    ics.add("x-wr-timezone", calendar.zone)
    ics.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    ics.add("x-published-ttl", icalendar.vDuration(REFRESH))
    for revision in calendar.revisions:
        ics.add_component(_event(revision, zone))
    days = sorted(revision.shown.starts_at.astimezone(zone).date() for revision in calendar.revisions)
    if days:
        # The zone's rules as far as the events reach, not of seventy years.
        ics.add_missing_timezones(_january(days[0] - YEAR), _january(days[-1] + 2 * YEAR))
    content: bytes = ics.to_ical()
    return content


def _january(day: date) -> date:
    """Of the day's year, so that the file does not change from day to day."""
    return day.replace(month=1, day=1)


def _event(revision: Revision, zone: ZoneInfo) -> icalendar.Event:
    shown, entry = revision
    starts_at = shown.starts_at.astimezone(zone)
    event = icalendar.Event()
    event.add("uid", f"{shown.reminder_id}@tierline")
    event.add("dtstamp", _whole(shown.modified_at))
    event.add("last-modified", _whole(shown.modified_at))
    event.add("sequence", shown.sequence)
    event.add("dtstart", starts_at)
    event.add("dtend", (shown.starts_at + timedelta(minutes=shown.minutes)).astimezone(zone))
    event.add("summary", shown.summary)
    event.add("class", "PRIVATE")
    # It is work to be fitted in, and keeps nobody from being invited.
    event.add("transp", "TRANSPARENT")
    if entry is None:
        event.add("status", "CANCELLED")
        return event
    event.add("status", "CONFIRMED")
    event.add("description", entry.description)
    event.add("priority", URGENT if entry.urgent else ORDINARY)
    if entry.alarm is not None:
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", timedelta())
        alarm.add("description", entry.alarm)
        event.add_component(alarm)
    return event


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
