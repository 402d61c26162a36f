"""What a policy's cadences ask of a rep: reminders and minutes a month for each customer of a level (F1–F5)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from services.scoring.domain.customers import Tier
from shared.contracts.types import Level
from shared.policy.cadence import Cadence, Cadences, Interval, SampleCadences

DAYS_A_MONTH = Fraction(1461, 48)
DAYS_A_YEAR = 365


class Load(NamedTuple):
    """Contacts and minutes a month."""

    reminders: Fraction
    minutes: Fraction

    def __add__(self, other: object) -> Load:
        if not isinstance(other, Load):
            return NotImplemented
        return Load(self.reminders + other.reminders, self.minutes + other.minutes)

    def __mul__(self, customers: object) -> Load:
        if not isinstance(customers, int):
            return NotImplemented
        return Load(self.reminders * customers, self.minutes * customers)


NO_LOAD = Load(Fraction(0), Fraction(0))


class Workload:
    """The cadences of one policy as loads.

    A contract customer's contact ahead of its purchase is left out: it takes the place of the monthly one, or comes
    once a purchase, whatever the level. A sample customer counts with the mean month of its first year after the
    sample arrived, because scoring does not know where in it a customer stands.
    """

    def __init__(self, cadences: Cadences) -> None:
        contract, potential = cadences.contract, cadences.potential
        self._sample = sampled(cadences.sample)
        self._levels: Mapping[tuple[str, Level], Load] = {
            ("contract", "key"): regular(contract.key),
            ("contract", "ordinary"): regular(contract.ordinary),
            ("contract", "lapsed"): regular(contract.lapsed),
            ("potential", "high"): regular(potential.high),
            ("potential", "moderate"): regular(potential.moderate),
            ("potential", "none"): regular(potential.none),
        }

    def of(self, tier: Tier) -> Load:
        """What a customer of this class and level asks for."""
        return self._levels.get((tier.customer_class, tier.level), self._sample)


def regular(cadence: Cadence) -> Load:
    reminders = 1 / months(cadence.every)
    return Load(reminders, reminders * cadence.minutes)


def sampled(cadences: SampleCadences) -> Load:
    """F2 day by day: a reminding mail takes the place of the ordinary one, and from the quiet time on both end."""
    delivered, reminding, quiet = (
        round(months(each.every) * DAYS_A_MONTH) for each in (cadences.delivered, cadences.reminding, cadences.quiet)
    )
    reminders = minutes = 0
    for day in range(1, DAYS_A_YEAR + 1):
        if day > cadences.quiet_after_days:
            owed = cadences.quiet if (day - cadences.quiet_after_days) % quiet == 0 else None
        elif day % reminding == 0:
            owed = cadences.reminding
        else:
            owed = cadences.delivered if day % delivered == 0 else None
        if owed is not None:
            reminders += 1
            minutes += owed.minutes
    return Load(Fraction(reminders, 12), Fraction(minutes, 12))


def months(every: Interval) -> Fraction:
    """The interval in months, 30 days and a half to each."""
    return Fraction(every.months) if every.months is not None else Fraction(every.days or 1) / DAYS_A_MONTH
