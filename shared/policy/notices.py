"""What reps are told outside their lists: when, in which language, how long a message is tried, in which words."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from shared.policy.fields import Count, Name, Section, TimeOfDay, sized
from shared.words import Language, Text

Happening = Literal["reminder", "level", "escalation", "hand_over", "report"]
"""What a rep may be told of at once: a reminder issued after the day's digest, another level of a customer, a reminder
that is overdue, one that was handed over, a week's report that is due (F9)."""

TOLD: tuple[Happening, ...] = ("reminder", "escalation", "hand_over", "report")


class Digest(Section):
    """The day's list in one message; people's are spread over `spread_minutes`, since robots dislike the full hour."""

    after_opening_minutes: Annotated[int, Field(strict=True, ge=0, le=480)] = 0
    spread_minutes: Annotated[int, Field(strict=True, ge=0, le=120)] = 5
    at_most: Annotated[int, Field(strict=True, ge=1, le=500)] = 100


class Quiet(Section):
    """Hours in which nothing is sent, in the business time zone; over midnight where `until` is the earlier one."""

    begins: TimeOfDay = Field(alias="from")
    until: TimeOfDay


class Trying(Section):
    """How long a message is tried, in minutes from the first attempt on a channel, and from its making in all."""

    first_seconds: Count = 5
    longest_seconds: Count = 300
    unknown_attempts: Count = 5
    fall_back_minutes: Count = 10
    give_up_minutes: Count = 720


class Messages(Section):
    """F1–F8, F9: what is told when. Every field has a default, so that a policy written before is still read."""

    language: Language = Language.ZH
    digest: Digest = Digest()
    tell: Annotated[tuple[Happening, ...], sized(0, 5)] = TOLD
    quiet: Quiet | None = Quiet(begins=time(20), until=time(7))
    trying: Trying = Trying()
    keep_days: Count = 90
    say: dict[Name, Text] = Field(default_factory=dict)
