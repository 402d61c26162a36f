"""What happens to a reminder that nobody answers, as data: whom it goes to, after how many working days."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.contracts.reminders import Rung
from shared.contracts.types import Level
from shared.policy.fields import Finding, Section, report, sized
from shared.words import Text


class Step(Section):
    """`after` so many working days overdue the reminder goes `to` somebody."""

    after: Annotated[int, Field(strict=True, ge=1, le=250)]
    to: Rung


def _in_order(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    report(_faults(steps))
    return steps


def _faults(steps: tuple[Step, ...]) -> Iterator[Finding]:
    for index, (earlier, later) in enumerate(pairwise(steps), start=1):
        if later.after <= earlier.after:
            yield Finding(
                Text(
                    zh=f"各步应由早到晚：{later.after} 不大于 {earlier.after}",
                    en=f"steps come one after the other: {later.after} is not above {earlier.after}",
                ),
                (index, "after"),
            )
        if later.to in {step.to for step in steps[:index]}:
            yield Finding(Text(zh=f"{later.to} 已有一步", en=f"there is a step to {later.to} already"), (index, "to"))


Steps = Annotated[tuple[Step, ...], sized(0, 3), AfterValidator(_in_order)]


class Escalation(Section):
    """The steps of an overdue reminder, and those of levels that have other ones; no steps: it only waits."""

    steps: Steps
    levels: dict[Level, Steps]

    def of(self, level: str) -> tuple[Step, ...]:
        """The steps of a customer of this level."""
        return self.levels.get(level, self.steps)  # type: ignore[call-overload,no-any-return]
