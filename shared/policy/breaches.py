"""N1, N3, N6–N8 as data: how breaches are found, and from when on; what they cost is the catalogue's."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.policy.fields import Count, Day, Days, Name, Section, Share, refuse, sized
from shared.policy.fines import FineKind
from shared.roles import Role

Word = Annotated[str, Field(min_length=1, max_length=100)]
Words = Annotated[tuple[Word, ...], sized(0, 200)]
Hours = Annotated[int, Field(strict=True, ge=0, le=24 * 31)]
Minutes = Annotated[int, Field(strict=True, ge=0, le=7 * 24 * 60)]


def _network(written: str) -> str:
    try:
        ip_network(written)
    except ValueError:
        raise refuse(
            f"a network is written 10.1.0.0/16, not {written!r}", f"网段写作 10.1.0.0/16，现为 {written!r}"
        ) from None
    return written


Network = Annotated[str, AfterValidator(_network)]


class Showroom(Section):
    """O3–O5: orders of these `channels` are a showroom's, whose staff are of these `departments`.

    An order is judged `settle_hours` after its last telling. City and trade of a customer are the fields of its file
    that are named here; a word counts wherever it stands in them.
    """

    channels: Words
    departments: Words
    settle_hours: Hours
    margin: Share
    signed_by: tuple[Role, ...]
    city_field: Name
    home_cities: Words
    trade_field: Name
    gift_trades: Words
    passed_to: Words


class Returns(Section):
    """N8: the reasons of a return that are the rep's own error."""

    reasons: Words


class Journey(Section):
    """How long the way between two places takes at least."""

    between: Annotated[tuple[Word, ...], sized(2, 2)]
    minutes: Minutes


class Accounts(Section):
    """N3: one account in two places, sooner after one another than anybody can travel.

    `travel_minutes` is the least between any two known places that `journeys` does not name, `stations_minutes` that
    between two stations of one place. Addresses of no known station tell no place: to and fro between such networks
    `changes` times within `within_minutes` is listed, and never fined. Those of `roaming` networks say nothing at all.
    Where an account was is kept `kept_days`, for what comes late.
    """

    travel_minutes: Minutes
    stations_minutes: Minutes
    journeys: tuple[Journey, ...]
    changes: Annotated[int, Field(strict=True, ge=2, le=100)]
    within_minutes: Annotated[int, Field(strict=True, ge=1, le=24 * 60)]
    roaming: tuple[Network, ...]
    kept_days: Days

    @cached_property
    def ways(self) -> dict[frozenset[str], timedelta]:
        """The journeys by their two ends."""
        return {frozenset(way.between): timedelta(minutes=way.minutes) for way in self.journeys}


class StaleFiles(Section):
    """N1: how long after the last day that a reminder named."""

    grace_days: Annotated[int, Field(strict=True, ge=0, le=366)]


class Storage(Section):
    """N5: how long after one round through all attachments began the next one does."""

    every_hours: Count


class Conduct(Section):
    """N7: what may be reported of a person, and by whom; a department's manager reports its people only.

    Reports of the kinds `with_amount` name the sum in question.
    """

    kinds: tuple[FineKind, ...]
    reported_by: tuple[Role, ...]
    with_amount: tuple[FineKind, ...]


class Breaches(Section):
    """What happened before `not_before`, or is older than `age_days` when it is found, is history: never fined."""

    not_before: Day | None = None
    age_days: Days
    showroom: Showroom
    returns: Returns
    accounts: Accounts
    stale_files: StaleFiles
    storage: Storage
    conduct: Conduct
