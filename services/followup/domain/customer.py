"""What followup knows of a customer: a copy of the facts that its rules need, and of nothing else."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.contracts.customers import CustomerFacts
from shared.contracts.tiers import LevelDecided, TierDropAhead
from shared.contracts.types import CustomerClass, Level, SamplePhase

# Tuples, because thousands a second of these are made.

ALL_GAPS = ("*",)
"""Nothing was ever stated: whatever the policy requires is missing."""


class Dossier(NamedTuple):
    """The customer's file and its keeping (P2, O2); days are business dates.

    `gaps` are names of required fields, None while followup was told nothing of them; `improved_on` None: never;
    `given_on` the first day on which the present rep was named; `reported_on` that of the rep's own last contact.
    """

    country: str | None = None
    improved_on: date | None = None
    gaps: tuple[str, ...] | None = None
    given_on: date | None = None
    reported_on: date | None = None


NO_DOSSIER = Dossier()
UNTOUCHED = Dossier(gaps=ALL_GAPS)
"""One for all customers that only their orders made known."""


class Facts(NamedTuple):
    """The customer as of `version` of `customers.v1`. Days are business dates; `contacted_on` is that of the moment.

    The rhythm is of the last `purchases` days of purchase: the usual interval and its spread, in days (F1).
    """

    version: int
    rep: str | None
    department: str | None
    orders: int
    last_order_on: date | None
    sample_phase: SamplePhase
    sample_on: date | None
    contacted_at: datetime | None
    purchases: int | None
    usual_interval: int | None
    usual_spread: int | None
    contacted_on: date | None
    dossier: Dossier = NO_DOSSIER


class Standing(NamedTuple):
    """The customer's class and level (K1–K3) as of `sequence` of `tiers.v1`, decided on the business date `since`."""

    sequence: int
    customer_class: CustomerClass
    level: Level
    since: date


class Fall(NamedTuple):
    """K6: without an order by `act_by` the level of `sequence` is lost, as foreseen when `last_order_on` was the last.

    The words say what would keep it.
    """

    sequence: int
    last_order_on: date
    foreseen_on: date
    act_by: date
    words_zh: str
    words_en: str


def facts_of(data: CustomerFacts, zone: ZoneInfo) -> Facts:
    """The part of a `customers.v1` event that the rules here look at; days of moments are of `zone`."""
    contacted_at = data.contacted_at
    return Facts(
        data.version,
        data.rep,
        data.department,
        data.orders,
        data.last_order_on,
        data.sample_phase,
        data.sample_on,
        contacted_at,
        data.purchases,
        data.usual_interval,
        data.usual_spread,
        None if contacted_at is None else contacted_at.astimezone(zone).date(),
        dossier_of(data),
    )


def dossier_of(data: CustomerFacts) -> Dossier:
    upkeep, country = data.upkeep, data.country
    if upkeep is None:
        return NO_DOSSIER if country is None else Dossier(country)
    gaps = upkeep.gaps
    if gaps is None and country is None and upkeep.given_on is None:
        return UNTOUCHED
    return Dossier(country, upkeep.improved_on, ALL_GAPS if gaps is None else gaps, upkeep.given_on, upkeep.reported_on)


def standing_of(data: LevelDecided) -> Standing:
    """The part of a `tier.changed` event that the rules here look at."""
    return Standing(data.sequence, data.to.customer_class, data.to.level, data.since)


def fall_of(data: TierDropAhead, today: date) -> Fall | None:
    """The part of a `tier.drop_ahead` event that the rules here look at; None of one that does not say which level."""
    if data.sequence is None:
        return None
    foreseen_on = data.foreseen_on or today
    return Fall(data.sequence, data.last_order_on or foreseen_on, foreseen_on, data.date, data.words.zh, data.words.en)
