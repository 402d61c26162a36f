"""Which station an address is of (A3, N3)."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.stations import Station, Stations

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NETWORKS = st.builds(
    lambda address, bits: str(ip_network((address, bits), strict=False)),
    st.integers(0x0A000000, 0x0A0000FF).map(lambda number: str(ip_address(number))),
    st.integers(20, 32),
)
STATIONS = st.lists(
    st.builds(
        Station,
        st.text("abcdef", min_size=1, max_size=3),
        st.lists(NETWORKS, max_size=3).map(tuple),
        st.sampled_from(["hq", "shop"]),
        st.booleans(),
        st.booleans(),
        st.just(NOW),
    ),
    max_size=5,
    unique_by=lambda station: station.station,
)


def station(name: str, *networks: str, active: bool = True) -> Station:
    return Station(name, networks, "hq", reading_room=True, active=active, as_of=NOW)


@given(STATIONS, st.integers(0x0A000000, 0x0A0000FF))
def test_the_narrowest_network_of_an_active_station_says_whose_an_address_is(
    stations: list[Station], number: int
) -> None:
    """Compared with looking at every network of every station."""
    address = ip_address(number)
    holding = [
        (-ip_network(network).prefixlen, each.station, each)
        for each in stations
        if each.active
        for network in each.networks
        if address in ip_network(network)
    ]
    expected = min(holding, key=lambda held: held[:2])[2] if holding else None
    assert Stations(stations).place_of(str(address)) == expected


@pytest.mark.parametrize("address", [None, "", "testclient", "10.0.0.7 ", "10.0.0.300"])
def test_what_is_no_address_is_of_no_station(address: str | None) -> None:
    """Whoever comes from nowhere does not sit in the reading room."""
    assert Stations([station("a", "0.0.0.0/0", "::/0")]).place_of(address) is None


def test_an_address_of_the_old_kind_is_known_in_its_new_spelling() -> None:
    """A server that listens on both kinds tells IPv4 clients as ::ffff:10.0.0.7."""
    stations = Stations([station("a", "10.0.0.0/24")])
    assert stations.place_of("::ffff:10.0.0.7") == stations.place_of("10.0.0.7") == station("a", "10.0.0.0/24")
    assert stations.place_of("::1") is None


def test_a_station_that_is_closed_is_no_place() -> None:
    """And hides no wider one."""
    stations = Stations([station("room", "10.0.0.7/32", active=False), station("hq", "10.0.0.0/24")])
    found = stations.place_of("10.0.0.7")
    assert found is not None
    assert found.station == "hq"
