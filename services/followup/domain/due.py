"""A line whose day has come, before it becomes a reminder."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from services.followup.domain.cadence import Pace
from services.followup.domain.customer import Facts, Standing
from services.followup.domain.matters import Matter
from services.followup.domain.schedule import Line


class Due(NamedTuple):
    """A line of a customer whose day has come; without a matter of its own, the clock since the last contact says so.

    Of the dates that went by meanwhile this is the last, `covers`; `latest_on` as in the reminder.
    """

    customer_id: str
    facts: Facts
    standing: Standing
    line: Line
    pace: Pace
    due_on: date
    covers: date
    matter: Matter | None = None
    latest_on: date | None = None

    @property
    def key(self) -> date | str:
        """What tells it from all others of its line; a matter that has a name is known by that, whenever it is due."""
        if self.pace.span == "product":
            return "news"
        return (self.matter and self.matter.key) or self.due_on

    def comes_too_late(self, today: date) -> bool:
        """Whether nobody is served by a reminder any more: the holiday is over, the customer has fallen."""
        matter = self.matter
        return matter is not None and matter.expires and matter.latest_on is not None and matter.latest_on < today
