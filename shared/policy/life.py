"""A6, A7 and P6 as data: what is filed when, who lets it be destroyed, and how people leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.policy.fields import Count, Finding, Name, Section, report, sized
from shared.roles import Role
from shared.words import Text

Season = Literal["quarterly", "yearly"]
Month = Annotated[int, Field(strict=True, ge=1, le=12)]


class Owed(Section):
    """Records of a class that are filed each season, by the managers of `departments` (none named: of all)."""

    record_class: Name = Field(alias="class")
    season: Season
    departments: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=128)], ...], sized(0, 500)] = ()


def _months(months: tuple[int, ...]) -> tuple[int, ...]:
    report(_faulty_months(months))
    return months


def _faulty_months(months: tuple[int, ...]) -> Iterator[Finding]:
    for index, month in enumerate(months):
        if month % 3 != 1:
            yield Finding(
                Text(
                    zh=f"季度归档月应为 1、4、7、10 月，现为 {month}",
                    en=f"a quarter is filed in the month after it, 1, 4, 7 or 10, not {month}",
                ),
                (index,),
            )
        elif month in months[:index]:
            yield Finding(Text(zh=f"{month} 月重复", en=f"month {month} stands twice"), (index,))


class Filing(Section):
    """A6: when the managers hand in the records of the quarter or the year before, and of which classes."""

    quarterly_months: Annotated[tuple[Month, ...], sized(0, 4), AfterValidator(_months)]
    yearly_month: Month
    remind_before_days: Annotated[int, Field(strict=True, ge=0, le=27)]
    owed: Annotated[tuple[Owed, ...], sized(0, 200)]


class Destruction(Section):
    """A7: who asks for a destruction, who reviews it, who approves it, and who names the witness.

    An approval that nobody carries out within `execute_within_days`, and a witness's word older than
    `witness_within_hours`, are worth nothing.
    """

    requested_by: Role
    reviewed_by: Role
    classified_by: Role
    others_by: Role
    witness_named_by: Annotated[tuple[Role, ...], sized(1)]
    hold_set_by: Annotated[tuple[Role, ...], sized(1)]
    execute_within_days: Count
    witness_within_hours: Count


class Leaving(Section):
    """P6: how far back what a leaver read, searched and exported is listed for review, and what is due when."""

    review_weeks: Annotated[int, Field(strict=True, ge=1, le=104)]
    review_within_days: Count
    hand_over_within_days: Count
    introduce_within_days: Count
