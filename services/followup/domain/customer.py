"""What followup knows of a customer: a copy of the facts that its rules need, and of nothing else."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.contracts.customers import CustomerFacts
from shared.contracts.tiers import LevelDecided
from shared.contracts.types import CustomerClass, Level, SamplePhase

# Tuples, because thousands a second of these are made.


class Facts(NamedTuple):
    """The customer as of `version` of `customers.v1`. Days are business dates; `contacted_on` is that of the moment."""

    version: int
    rep: str | None
    department: str | None
    orders: int
    first_order_on: date | None
    last_order_on: date | None
    sample_phase: SamplePhase
    sample_on: date | None
    contacted_at: datetime | None
    contacted_on: date | None


class Standing(NamedTuple):
    """The customer's class and level (K1–K3) as of `sequence` of `tiers.v1`, decided on the business date `since`."""

    sequence: int
    customer_class: CustomerClass
    level: Level
    since: date


def facts_of(data: CustomerFacts, zone: ZoneInfo) -> Facts:
    """The part of a `customers.v1` event that the rules here look at; days of moments are of `zone`."""
    contacted_at = data.contacted_at
    return Facts(
        data.version,
        data.rep,
        data.department,
        data.orders,
        data.first_order_on,
        data.last_order_on,
        data.sample_phase,
        data.sample_on,
        contacted_at,
        None if contacted_at is None else contacted_at.astimezone(zone).date(),
    )


def standing_of(data: LevelDecided) -> Standing:
    """The part of a `tier.changed` event that the rules here look at."""
    return Standing(data.sequence, data.to.customer_class, data.to.level, data.since)
