"""F3, F7, F9 as data: what a rep may do with a reminder, and what a rep writes: plans, and the week's report."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.policy.cadence import Contact, Interval
from shared.policy.fields import Count, Name, RuleId, Section
from shared.words import Text

Words = Annotated[dict[Name, Text], Field(min_length=1, max_length=50)]
"""What may be chosen, by its code: in both languages."""


class Snooze(Section):
    """F7: a reminder is put off at most so many times, each time to a day at most so many days ahead."""

    rule: RuleId
    at_most: Count
    longest_days: Count


class NextDate(Section):
    """F7: the date that a customer asked for lies at most so many days ahead."""

    rule: RuleId
    longest_days: Count


class Skipping(Section):
    """F7: why a contact may be left out, and which kinds of reminders never are."""

    rule: RuleId
    reasons: Words
    never: tuple[Name, ...]


class Plans(Contact):
    """F3: a plan that is missing is asked for so many days ahead of the contact; after `lasts` it is asked for anew."""

    days_ahead: Count
    lasts: Interval


class WeeklyReport(Section):
    """F9: filed on the week's last working day, so many hours before work ends that day it is asked for."""

    rule: RuleId
    hours_before_closing: Annotated[int, Field(strict=True, ge=0, le=12)]


class DeskRules(Section):
    """What reps do at their desks: put off, report, leave out, plan and sum up."""

    snooze: Snooze
    next_date: NextDate
    skip: Skipping
    outcomes: Words
    plans: Plans
    weekly_report: WeeklyReport
