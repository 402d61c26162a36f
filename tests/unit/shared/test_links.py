"""Personal links: believed only as they were made, by whoever holds the key, until they are over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.environment import SettingsError
from shared.links import DecisionLinks, Link, Links, read_links

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
LINKS = Links(b"k" * 32)
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


@given(subject=names, person=names, seconds=st.integers(1, 10**8))
def test_a_link_says_what_it_was_made_for(subject: str, person: str, seconds: int) -> None:
    """In letters that any mail program leaves alone."""
    link = Link(subject, person, NOW + timedelta(seconds=seconds))
    token = LINKS.make(link)
    assert LINKS.read(token) == link
    assert (link.over(NOW), link.over(link.expires)) == (False, True)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@given(place=st.integers(0, 200), letter=st.sampled_from("AbZ09-_.~ é"))
def test_an_altered_or_foreign_link_says_nothing(place: int, letter: str) -> None:
    """Whichever letter is another, and whoever else made it."""
    link = Link("r-1/2", "meng", NOW + timedelta(hours=1))
    token = LINKS.make(link)
    at = place % len(token)
    altered = token[:at] + letter + token[at + 1 :]
    # The last letter of each half holds bits that mean nothing.
    assert altered == token or LINKS.read(altered) in {None, link}
    assert (LINKS.read(altered) is None) or at in {token.index(".") - 1, len(token) - 1} or altered == token
    assert Links(b"x" * 32).read(token) is None


@pytest.mark.parametrize("token", ["", ".", "a.b", "a" * 5000, "AAAA.", "\n.", "é.é"])
def test_nonsense_is_no_link(token: str) -> None:
    """Never an error either."""
    assert LINKS.read(token) is None


def test_an_address_opens_for_as_long_as_the_policy_says() -> None:
    """Hours from when it was made."""
    address = DecisionLinks(LINKS, "https://archive.example/", lambda: NOW, lambda: 48)("meng", "r-1/2")
    token = address.removeprefix("https://archive.example/decide/")
    assert LINKS.read(token) == Link("r-1/2", "meng", NOW + timedelta(hours=48))


def test_a_key_is_read_from_its_file_or_the_program_says_so(tmp_path: Path) -> None:
    """Hexadecimal, 32 bytes or more."""
    assert read_links(None) is None
    path = tmp_path / "key"
    for text in ("", "zz", "00" * 8):
        path.write_text(text)
        with pytest.raises(SettingsError):
            read_links(path)
    path.write_text((b"k" * 32).hex() + "\n")
    found = read_links(path)
    assert found is not None
    link = Link("r-1/2", "meng", NOW + timedelta(hours=1))
    assert found.read(LINKS.make(link)) == link
