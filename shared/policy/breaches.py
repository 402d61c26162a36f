"""N1, N3, N6–N8 as data: how breaches are found, and from when on."""

from __future__ import annotations

from shared.policy.fields import Day, Days, Section


class Breaches(Section):
    """What happened before `not_before`, or is older than `age_days` when it is found, is history: never fined."""

    not_before: Day | None = None
    age_days: Days
