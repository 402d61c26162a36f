"""Scoring's numbers of the machine."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.settings import ServiceSettings


class ScoringSettings(ServiceSettings):
    """What scoring is told besides what every service is."""

    # A decision with its explanation is some 4 kB until it is committed, and 50 us of work: a transaction that moves
    # a whole company takes bounded memory and time, and the rest is decided in the next ones.
    decisions_per_transaction: Annotated[int, Field(ge=1, le=100_000)] = 4000
    # What keeps a level is found by settling a population a few times, some milliseconds for each customer: so many
    # are told before the next are looked at.
    falls_per_transaction: Annotated[int, Field(ge=1, le=10_000)] = 200
