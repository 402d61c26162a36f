"""What is answered about days, weeks, arrears and what came of them."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from services.followup.api.reminders import ReminderItem
from shared.contracts.types import CustomerClass, Level


class TallyBody(BaseModel):
    """Reminders as they stand: `planned` = `done` + `skipped` + `open` + `ended`.

    `ended` ones nobody needed to answer any more. `late` ones were done, or still wait, on a later working day than
    that of their list. `minutes` are the policy's, `worked` those that reps reported.
    """

    planned: int
    done: int
    late: int
    skipped: int
    open: int
    ended: int
    minutes: int
    worked: int


class DayBody(TallyBody):
    """A day: its list as it stands, and the contacts planned for it that are not issued yet, with their minutes."""

    day: date
    is_working: bool
    ahead: int
    ahead_minutes: int


class DayAnswer(DayBody):
    """A day, and what is overdue today."""

    overdue: int


class WeekAnswer(BaseModel):
    """A week from Monday to Sunday, and what is overdue today."""

    week: str
    overdue: int
    days: list[DayBody]


class OverdueItem(ReminderItem):
    """A reminder that still waits, and how many working days later than it should have been done (F8)."""

    overdue_working_days: int


class AheadItem(BaseModel):
    """A contact that is planned and not issued yet; what the policy knows no more of it is null."""

    due_on: date
    customer_id: str
    line: str
    rep: str | None
    customer_class: CustomerClass = Field(serialization_alias="class")
    level: Level
    rule: str | None
    channel: str | None
    minutes: int | None
    plan_required: bool | None


class RepTally(TallyBody):
    rep: str


class LevelTally(TallyBody):
    customer_class: CustomerClass = Field(serialization_alias="class")
    level: Level


class ShareTally(LevelTally):
    rep: str


class Statistics(BaseModel):
    """What came of the reminders issued in a period: all, by rep, by level, and by both."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="until")
    total: TallyBody
    by_rep: list[RepTally]
    by_level: list[LevelTally]
    shares: list[ShareTally]
