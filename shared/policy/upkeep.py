"""P2, O2, K6 as data: what a rep is reminded of before it costs a fine, a protected prospect or a level."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.policy.cadence import Contact, Interval
from shared.policy.fields import Section


class Ahead(Contact):
    """A reminder so many days before a date; less where the interval itself is shorter."""

    days_before: Annotated[int, Field(strict=True, ge=1, le=27)]


class Progress(Ahead):
    """O2: what the rep reports `every` so often of a protected prospect."""

    every: Interval


class Protection(Ahead):
    """O2: how long a prospect stays its rep's without an order of intent."""

    lasts: Interval


class Upkeep(Section):
    """`file` goes by the interval that the fine for a stale file allows (P2, N1); `fall` is reminded of at once."""

    file: Ahead
    progress: Progress
    protection: Protection
    fall: Contact
