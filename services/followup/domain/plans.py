"""Written plans for important contacts (F3): what one says, and when one is missing."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from services.followup.domain.cadence import Pace, Paces
from services.followup.domain.customer import Facts, Standing
from services.followup.domain.reminders import Reminder, reminder_id
from shared.contracts.reminders import UNASSIGNED
from shared.words import Text

SUFFIX = ".plan"
"""Makes of the name of a line that of the sequence of plans asked for ahead of its contacts."""


class Step(NamedTuple):
    """What is to be done next, and by when."""

    what: str
    by: date | None = None


class Draft(NamedTuple):
    """What a plan says."""

    body: str
    goals: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


class Plan(NamedTuple):
    """One version of a customer's plan, from 1 on; `written_on` is the business date."""

    customer_id: str
    version: int
    author: str
    written_at: datetime
    written_on: date
    draft: Draft


class Missing(NamedTuple):
    """A contact that needs a plan, by its line and its due date, of a customer that has none."""

    customer_id: str
    line: str
    contact_on: date


def lines_with_plan(paces: Paces) -> frozenset[str]:
    """The lines whose contacts ask for a plan first."""
    groups = (*paces.by_level.values(), *paces.by_phase.values())
    return frozenset(pace.line for group in groups for pace in group if pace.cadence.plan_required)


def expired_on(paces: Paces, today: date) -> date:
    """The latest date of a plan that is none any more today: `lasts` has passed since."""
    lasts = paces.policy.desk.plans.lasts
    # Months differ in length, so the day is looked for: from the longest that the interval can be.
    day = date.fromordinal(today.toordinal() - (lasts.days or 31 * (lasts.months or 0)))
    while lasts.after(date.fromordinal(day.toordinal() + 1)) <= today:
        day = date.fromordinal(day.toordinal() + 1)
    return day


def ask_for_plan(missing: Missing, pace: Pace, customer: tuple[Facts, Standing], paces: Paces, today: date) -> Reminder:
    """The reminder that asks for the plan; there is one at a time, so that its day tells it from others."""
    rule = paces.policy.desk.plans
    facts, standing = customer
    words = _why(missing, pace)
    return Reminder(
        reminder_id=reminder_id(missing.customer_id, missing.line + SUFFIX, today),
        customer_id=missing.customer_id,
        line=missing.line + SUFFIX,
        rule=rule.rule,
        rep=facts.rep or UNASSIGNED,
        department=facts.department,
        customer_class=standing.customer_class,
        level=standing.level,
        channel=rule.channel,
        template=rule.template,
        minutes=rule.minutes,
        plan_required=False,
        due_on=today,
        due_at=paces.work_starts(today),
        issued_on=today,
        answered_after=today,
        last_order_on=facts.last_order_on,
        contacted_at=facts.contacted_at,
        why_zh=words.zh,
        why_en=words.en,
        trace="",
        kind="plan",
    )


def _why(missing: Missing, pace: Pace) -> Text:
    rule = pace.cadence.rule
    return Text(
        zh=f"按 {rule} 联系前须有书面跟进方案；下次联系在 {missing.contact_on}，尚无有效方案。",
        en=f"{rule} asks for a written plan before the contact on {missing.contact_on}, and there is none in force.",
    )
