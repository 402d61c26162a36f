"""Samples: how far the newest one has come (K2, F2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import NamedTuple

from shared.contracts.orders import SampleOrdered, SampleReceived, SampleShipped
from shared.contracts.types import SamplePhase


class Sample(NamedTuple):
    """A sample and its moments, each the latest that was told, in any order of telling."""

    customer_id: str
    sample_id: str
    ordered_at: datetime | None = None
    shipped_at: datetime | None = None
    received_at: datetime | None = None

    def begun_at(self) -> datetime:
        """When it was ordered, or the first thing known to have followed; ValueError for a sample without moments."""
        moment = self.ordered_at or self.shipped_at or self.received_at
        if moment is None:
            raise ValueError(f"nothing is known of sample {self.sample_id}")
        return moment


class Sampling(NamedTuple):
    """The phase of the newest sample and the business date on which that phase began."""

    phase: SamplePhase = "none"
    since: date | None = None


NO_SAMPLE = Sampling()


def told(data: SampleOrdered | SampleShipped | SampleReceived) -> Sample:
    """What one event tells of a sample."""
    match data:
        case SampleOrdered():
            return Sample(data.customer_id, data.sample_id, ordered_at=data.ordered_at)
        case SampleShipped():
            return Sample(data.customer_id, data.sample_id, shipped_at=data.shipped_at)
        case SampleReceived():
            return Sample(data.customer_id, data.sample_id, received_at=data.received_at)


def merge(one: Sample, other: Sample) -> Sample:
    """Both tellings of the same sample together."""
    return Sample(
        one.customer_id,
        one.sample_id,
        latest(one.ordered_at, other.ordered_at),
        latest(one.shipped_at, other.shipped_at),
        latest(one.received_at, other.received_at),
    )


def latest(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later moment of two that may be unknown."""
    if one is None or other is None:
        return one or other
    return max(one, other)


def sampling_of(samples: Iterable[Sample], business_date: Callable[[datetime], date]) -> Sampling:
    """Where the customer's newest sample stands: `confirming` until it arrived, `delivered` from then on (F2)."""
    newest = max(samples, key=lambda sample: (sample.begun_at(), sample.sample_id), default=None)
    if newest is None:
        return NO_SAMPLE
    if newest.received_at is not None:
        return Sampling("delivered", business_date(newest.received_at))
    return Sampling("confirming", business_date(newest.begun_at()))
