"""How long a record is kept: as long as anything ever said that it is, and while anybody holds it (A7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from services.archive.domain.files import Record
from services.archive.domain.records import retained
from shared.policy.records import RetentionClass


def later(one: date | None, other: date | None) -> date | None:
    """The later of two last days; None, for ever, is the latest."""
    return None if one is None or other is None else max(one, other)


def kept_until(record: Record, classes: Mapping[str, RetentionClass], filed_on: date) -> date | None:
    """The last day by what was promised when it was filed or since, or by the policy, whichever is later.

    So a policy that keeps a class for longer counts at once for what is there, and one that keeps it for a shorter time
    does not. A class that the policy has no more is kept as promised.
    """
    its = classes.get(record.record_class)
    return record.retain_until if its is None else later(record.retain_until, retained(its, record.period, filed_on))


def is_over(until: date | None, today: date) -> bool:
    """Whether the time that a record is kept is over."""
    return until is not None and until < today
