"""What a rep's calendar shows, and what a calendar program is told since it asked last."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from services.followup.api.ics import as_ics
from services.followup.domain.feeds import ENDED_SHOWN, Entry, Layout, Revision, Shown, Task, entries, revise
from services.followup.ports import Feed
from services.followup.usecases.feeds import Calendar
from shared.policy import load_policy
from shared.words import Language
from shared.working_time import DAY, WorkingTime
from tests.in_force import changed

POLICY = load_policy()
RULE = WorkingTime(POLICY)
SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 4, 0, 0, 123456, tzinfo=UTC)


def task(number: int, minutes: int = 30, due_on: date = MONDAY, escalated: int = 0) -> Task:
    return Task(
        f"r-{number:03}", f"C-{number:03}", "contract", "key", "F1", "mail", minutes, due_on, RULE.starts(due_on),
        escalated, "合同客户（重点）：尚无联系记录；按 F1 每月跟进一次。" * 3, "Contract customer, key: no contact.",
    )  # fmt: skip


def layout(today: date = MONDAY, away: frozenset[date] = frozenset(), language: Language = Language.ZH) -> Layout:
    return Layout(RULE, away, today, lambda moment: moment.astimezone(SHANGHAI).date(), language)


def starts(found: list[Entry]) -> list[str]:
    return [f"{entry.starts_at.astimezone(SHANGHAI):%d %H:%M}" for entry in found]


def calendar(revisions: list[Revision], language: Language = Language.ZH, zone: str = "Asia/Shanghai") -> bytes:
    return as_ics(Calendar(Feed("f-1", "安娜;,\\ann", language, NOW, "mia"), zone, revisions))


def unfolded(content: bytes) -> list[str]:
    """Content lines as RFC 5545 3.1 puts them together again."""
    return content.decode("utf-8").replace("\r\n ", "").split("\r\n")[:-1]


def test_a_day_is_laid_out_from_its_beginning_over_lunch() -> None:
    """8:30, one after the other; what would begin in the break begins after it."""
    found = entries([task(n, 90) for n in range(4)], layout())
    assert starts(found) == ["02 08:30", "02 10:00", "02 11:30", "02 14:00"]
    found = entries([task(n, 105) for n in range(4)], layout())
    assert starts(found) == ["02 08:30", "02 10:15", "02 13:00", "02 14:45"]


def test_one_alarm_a_day() -> None:
    """When work begins, with how many there are."""
    found = entries([task(1), task(2), task(3, due_on=MONDAY + DAY)], layout())
    assert [entry.alarm for entry in found] == ["今天要跟进 2 位客户", None, "今天要跟进 1 位客户"]
    assert [entry.alarm for entry in entries([task(1)], layout(language=Language.EN))] == ["1 follow-up today"]


def test_what_is_overdue_stands_on_today_and_says_so() -> None:
    """Or, on a Sunday or during leave, on the next day that the rep works."""
    late = [task(1, escalated=1)]
    assert starts(entries(late, layout(date(2026, 3, 5)))) == ["05 08:30"]
    assert starts(entries(late, layout(date(2026, 3, 8)))) == ["09 08:30"]
    away = frozenset({date(2026, 3, 5), date(2026, 3, 6)})
    [entry] = entries(late, layout(date(2026, 3, 5), away))
    assert f"{entry.starts_at.astimezone(SHANGHAI):%d %H:%M}" == "07 08:30"
    assert entry.summary == "【逾期】跟进 C-001（重点，邮件）"


@given(st.lists(st.integers(1, 300), min_size=1, max_size=40))
def test_every_task_is_shown_within_the_hours_of_its_day(minutes: list[int]) -> None:
    """However full the day is."""
    found = entries([task(number, length) for number, length in enumerate(minutes)], layout())
    assert len(found) == len(minutes)
    for entry in found:
        assert RULE.begins(MONDAY) <= entry.starts_at
        assert entry.starts_at + timedelta(minutes=entry.minutes) <= RULE.ends(MONDAY)
        assert entry.minutes >= 5
    assert all(earlier.starts_at <= later.starts_at for earlier, later in pairwise(found)) or sum(minutes) > 400


def shown_of(revisions: list[Revision]) -> dict[str, Shown]:
    return {revision.shown.reminder_id: revision.shown for revision in revisions}


@given(st.lists(st.sets(st.integers(1, 6)), min_size=1, max_size=8))
def test_an_event_gets_a_new_number_with_each_change_and_with_no_other(asked: list[set[int]]) -> None:
    """Numbers never fall, equal ones mean equal events, and nothing that was shown vanishes without a word."""
    known: dict[str, Shown] = {}
    contents: dict[tuple[str, int], tuple[bytes, bool]] = {}
    for minute, due in enumerate(asked):
        now = NOW + timedelta(minutes=minute)
        revisions = revise(known, entries([task(number) for number in sorted(due)], layout()), now)
        assert {revision.shown.reminder_id for revision in revisions} >= set(known)
        for shown, entry in revisions:
            before = known.get(shown.reminder_id)
            assert before is None or shown.sequence >= before.sequence
            content = (shown.digest, shown.ended_at is None)
            assert contents.setdefault((shown.reminder_id, shown.sequence), content) == content
            assert (entry is None) == (shown.ended_at is not None)
        again = revise(shown_of(revisions), entries([task(number) for number in sorted(due)], layout()), now + DAY)
        assert shown_of(again) == shown_of(revisions)
        known = shown_of(revisions)


def test_what_ended_is_shown_as_cancelled_for_a_while() -> None:
    """Long enough for a program that asks rarely, and then it goes."""
    first = revise({}, entries([task(1)], layout()), NOW)
    ended = revise(shown_of(first), [], NOW + DAY)
    [(shown, entry)] = ended
    assert (shown.sequence, shown.ended_at, entry) == (1, NOW + DAY, None)
    assert revise(shown_of(ended), [], NOW + 10 * DAY) == ended
    assert revise(shown_of(ended), [], NOW + DAY + ENDED_SHOWN) == []


def full_calendar(language: Language = Language.ZH) -> bytes:
    """Three that are due, one of them late, and one that ended."""
    known = shown_of(revise({}, entries([task(n) for n in range(4)], layout()), NOW))
    now_due = entries([task(1), task(2, escalated=2), task(3, due_on=MONDAY + 7 * DAY)], layout(language=language))
    return calendar(revise(known, now_due, NOW + DAY), language)


def test_the_file_is_as_rfc_5545_wants_it() -> None:
    """Each MUST that calendar programs hold us to, looked at in the bytes."""
    content = full_calendar()
    text = content.decode("utf-8")
    # 3.1: lines end with CRLF and hold 75 octets at most, without a break inside a character.
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")
    lines = unfolded(content)
    # 3.6: exactly one VERSION and PRODID.
    assert lines.count("VERSION:2.0") == 1
    assert sum(line.startswith("PRODID:") for line in lines) == 1
    assert lines.count("METHOD:PUBLISH") == 1
    # 3.3.11: commas, semicolons, backslashes and line breaks of texts are escaped.
    assert "X-WR-CALNAME:客户跟进 · 安娜\\;\\,\\\\ann" in lines
    assert any("\\n规则 F1" in line for line in lines)
    # RFC 7986 5.7, and the older spelling.
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT30M" in lines
    assert "X-PUBLISHED-TTL:PT30M" in lines
    parsed: Any = icalendar.Calendar.from_ical(content)
    # 3.6.5: one VTIMEZONE for each TZID that is used.
    zones = [str(component["TZID"]) for component in parsed.walk("VTIMEZONE")]
    assert zones == ["Asia/Shanghai"]
    assert set(re.findall(r"TZID=([^:;]+)", text)) == set(zones)
    uids = [str(event["UID"]) for event in parsed.walk("VEVENT")]
    assert len(uids) == len(set(uids)) == 4
    for event in parsed.walk("VEVENT"):
        # 3.6.1: UID and DTSTAMP, once; DTSTART since there is no RRULE; DTEND after it, and no DURATION beside it.
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "LAST-MODIFIED", "STATUS", "SUMMARY"} <= set(event)
        assert "DURATION" not in event
        assert event["DTEND"].dt > event["DTSTART"].dt
        # 3.8.7: DTSTAMP and LAST-MODIFIED are in UTC.
        assert event["DTSTAMP"].to_ical().endswith(b"Z")
        assert event["LAST-MODIFIED"].to_ical().endswith(b"Z")
        for alarm in event.walk("VALARM"):
            # 3.6.6: a DISPLAY alarm has an ACTION, a TRIGGER and a DESCRIPTION.
            assert {"ACTION", "TRIGGER", "DESCRIPTION"} <= set(alarm)
            assert (str(alarm["ACTION"]), alarm["TRIGGER"].dt) == ("DISPLAY", timedelta())
            assert f"{event['DTSTART'].dt:%H:%M}" == "08:30"
    assert [str(event["STATUS"]) for event in parsed.walk("VEVENT")].count("CANCELLED") == 1
    assert {event["PRIORITY"] for event in parsed.walk("VEVENT") if "PRIORITY" in event} == {1, 5}


@pytest.mark.parametrize("language", list(Language))
def test_a_calendar_program_shows_the_day(language: Language) -> None:
    """As recurring-ical-events reads it: what is on Monday, when, and in the rep's language."""
    events: Any = recurring_ical_events.of(icalendar.Calendar.from_ical(full_calendar(language))).at(MONDAY)
    told = sorted((event["DTSTART"].dt, str(event["STATUS"]), str(event["SUMMARY"])) for event in events)
    words = {
        Language.ZH: ["跟进 C-001（重点，邮件）", "【逾期】跟进 C-002（重点，邮件）"],
        Language.EN: ["Follow up C-001 (key, mail)", "OVERDUE: Follow up C-002 (key, mail)"],
    }
    confirmed = [(f"{at:%H:%M}", summary) for at, status, summary in told if status == "CONFIRMED"]
    assert confirmed == list(zip(["08:30", "09:00"], words[language], strict=True))
    assert all(at.utcoffset() == timedelta(hours=8) for at, *_ in told)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_the_zones_rules_that_are_sent_are_the_zones(zone: str) -> None:
    """A program that knows no zones at all reads every moment right, summer and winter, from the VTIMEZONE alone."""
    policy = changed(POLICY, zone, time_zone=zone)
    rule = WorkingTime(policy)
    days = [date(2026, month, 10) for month in range(1, 13)]
    tasks = [task(n)._replace(due_on=day, due_at=rule.starts(day)) for n, day in enumerate(days)]
    there = Layout(rule, (), days[0], lambda moment: moment.astimezone(policy.zone).date(), Language.EN)
    found = entries(tasks, there)
    content = calendar(revise({}, found, NOW), Language.EN, zone)
    renamed: Any = icalendar.Calendar.from_ical(content.replace(zone.encode(), f"Nowhere/{zone[::-1]}".encode()))
    read = {str(event["UID"]): event["DTSTART"].dt.astimezone(UTC) for event in renamed.walk("VEVENT")}
    assert read == {f"{entry.reminder_id}@tierline": entry.starts_at for entry in found}


def test_a_calendar_without_events_is_one_all_the_same() -> None:
    """3.6 asks for a component at least where there is one; programs take an empty calendar."""
    parsed = icalendar.Calendar.from_ical(calendar([]))
    assert parsed.walk("VEVENT") == []
