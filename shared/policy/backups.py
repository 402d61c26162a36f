"""A8: when everything is backed up, and how many backups are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.policy.fields import Count, Section


class Backups(Section):
    """A8: on `day` of each month, in the business time zone from `hour` on; the newest `keep` stay.

    Whoever operates the system is asked to look when `overdue_hours` later none has been made and has come back.
    """

    day: Annotated[int, Field(strict=True, ge=1, le=28)]
    hour: Annotated[int, Field(strict=True, ge=0, le=23)]
    keep: Annotated[int, Field(strict=True, ge=2, le=1000)]
    overdue_hours: Count
