"""N3: an account in two places at once, and what phones may do without anybody crying wolf."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.accounts import (
    Map,
    Sighting,
    Trail,
    conceivable,
    shared_account,
    sighting_of,
)
from services.archive.domain.stations import Station, Stations
from shared.clock import Clock
from shared.contracts.audit import CALENDAR, Access
from shared.policy import load_policy
from tests.in_force import changed

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
DATE_OF = Clock("Asia/Shanghai").date_of
RULES = changed(
    load_policy(None), "x", breaches__accounts__journeys=[{"between": ["linyi", "jinan"], "minutes": 120}]
).breaches.accounts


def station(name: str, place: str, *networks: str) -> Station:
    return Station(name, networks, place, reading_room=False, active=True, as_of=NOW)


MAP = Map.of(
    Stations([
        station("office", "linyi", "10.1.0.0/16"),
        station("reading", "linyi", "10.1.9.9/32"),
        station("store", "linyi-north", "10.2.0.0/16"),
        station("branch", "jinan", "2001:db8:1::/48"),
    ]),
    RULES,
)  # fmt: skip
OFFICE, READING, STORE, BRANCH = "10.1.0.7", "10.1.9.9", "10.2.0.7", "2001:db8:1::7"
HOME, PHONE, CARRIER = "203.0.113.5", "198.51.100.9", "100.64.3.3"


def seen(at: datetime, address: str, person: str = "li") -> Sighting:
    data = Access(file="*", actor=person, role="rep", action="x", outcome="allowed", station=address, at=at,
                  service="customers", needs_grant=False)  # fmt: skip
    sighting = sighting_of(data, f"e-{at.isoformat()}-{address}", "/s", "file.read")
    assert sighting is not None
    return sighting


def found(*sightings: Sighting) -> set[tuple[str, str | None]]:
    """All that comes to light while they arrive, by day and what is missing; each must have been conceivable."""
    trails: dict[str, Trail] = {}
    ids: dict[str, tuple[str, str | None]] = {}
    expected: set[str] = set()
    for sighting in sightings:
        expected |= conceivable(sighting, RULES, DATE_OF)
        trail = trails.setdefault(sighting.person, Trail())
        if trail.add(sighting):
            for shared in shared_account(trail, sighting, MAP, DATE_OF):
                ids[shared.breach_id] = (shared.day.isoformat(), shared.missing)
    assert ids.keys() <= expected
    return set(ids.values())


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


LENT, LISTED = {("2026-03-02", None)}, {("2026-03-02", "place")}


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ([(0, OFFICE), (1, OFFICE)], set()),
        ([(0, OFFICE), (10, STORE)], LENT),  # 20 minutes by the policy's rule for all places
        ([(0, OFFICE), (21, STORE)], set()),
        ([(0, OFFICE), (100, BRANCH)], LENT),  # two hours by the journey that is named
        ([(0, OFFICE), (121, BRANCH)], set()),
        ([(0, OFFICE), (0.5, READING)], LENT),  # two stations of one place at once
        ([(0, OFFICE), (2, READING)], set()),
        ([(0, OFFICE), (0.1, PHONE)], set()),  # the desk and the telephone
        ([(0, HOME), (0.1, PHONE)], set()),  # out of the door
        ([(0, HOME), (1, PHONE), (2, HOME)], set()),  # and back for the umbrella
        ([(0, HOME), (1, PHONE), (2, HOME), (3, PHONE), (4, HOME)], LISTED),
        ([(0, HOME), (10, PHONE), (20, HOME), (30, PHONE), (40, HOME)], set()),  # in no hurry
        ([(0, OFFICE), (1, PHONE), (2, OFFICE), (3, PHONE), (4, OFFICE)], LISTED),
        ([(0, OFFICE), (1, CARRIER), (2, OFFICE), (3, CARRIER), (4, OFFICE)], set()),
        ([(0, "203.0.113.5"), (1, "203.0.113.77"), (2, "203.0.113.5"), (3, "203.0.113.9"), (4, "203.0.113.5")], set()),
    ],
)
def test_where_an_account_may_have_been(
    way: Sequence[tuple[float, str]], expected: set[tuple[str, str | None]]
) -> None:
    """Only two known places make a breach; networks of no station are listed at most."""
    assert found(*[seen(after(minutes), address) for minutes, address in way]) == expected


def test_two_people_are_two_accounts() -> None:
    """Whoever else is elsewhere."""
    assert found(seen(NOW, OFFICE, "li"), seen(NOW, STORE, "wang")) == set()


def test_who_has_no_whereabouts_is_not_seen() -> None:
    """A machine, a failed login, a name that is no address."""

    def access(**said: str) -> Access:
        data = {"file": "*", "actor": "li", "role": "rep", "action": "x", "outcome": "allowed", "station": OFFICE,
                "at": NOW, "service": "customers", "needs_grant": False}  # fmt: skip
        return Access.model_validate(data | said)

    assert sighting_of(access(role="order_system"), "e", "/s", "file.read") is None
    assert sighting_of(access(role=CALENDAR), "e", "/s", "file.searched") is None
    assert sighting_of(access(), "e", "/s", "login.failed") is None
    assert sighting_of(access(station="testclient"), "e", "/s", "file.read") is None
    mapped = sighting_of(access(station="::ffff:10.1.0.7"), "e", "/s", "file.read")
    assert mapped is not None
    assert mapped.address == OFFICE


sightings = st.builds(
    seen,
    # Around midnight in Shanghai, so that a pair may lie on two days.
    st.integers(0, 60 * 60).map(lambda second: datetime(2026, 3, 2, 15, 30, tzinfo=UTC) + timedelta(seconds=second)),
    st.sampled_from([OFFICE, READING, STORE, BRANCH, HOME, PHONE, CARRIER]),
    st.sampled_from(["li", "wang"]),
)


@given(st.lists(sightings, max_size=14), st.data())
def test_no_order_of_arrival_finds_anything_else(told: list[Sighting], data: st.DataObject) -> None:
    """Late, doubled and reordered: the same people on the same days."""
    again = data.draw(st.permutations([*told, *told[: len(told) // 2]]))
    assert found(*again) == found(*sorted(told))
