"""Filing: how long a record is kept (A6), and content under keys of its own."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.envelope import KEY_BYTES, NONCE_BYTES, AlteredError, decipher, encipher
from services.archive.domain.records import last_day, retained
from services.archive.store import read_master_keys
from shared.environment import SettingsError
from shared.policy.records import RetentionClass
from shared.words import Text

KEYS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
NONCES = st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES)


def kept(years: int | None) -> RetentionClass:
    return RetentionClass(keep_years=years, words=Text(zh="合同", en="Contracts"))


@pytest.mark.parametrize(
    ("period", "day"),
    [("2026", (2026, 12, 31)), ("2026-Q1", (2026, 3, 31)), ("2026-Q4", (2026, 12, 31)), ("2024-02", (2024, 2, 29))],
)
def test_a_period_ends_on_its_last_day(period: str, day: tuple[int, int, int]) -> None:
    """A6: years, quarters and months."""
    assert last_day(period) == date(*day)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 100))
def test_a_record_is_kept_for_whole_years(today: date, years: int) -> None:
    """To the same day so many years later; of 29 February to the 28th where there is none."""
    until = retained(kept(years), None, today)
    assert until is not None
    assert until.year == today.year + years
    assert (until.month, until.day) in {(today.month, today.day), (2, 28)}
    assert retained(kept(None), None, today) is None


def test_a_late_filing_does_not_shorten_the_years() -> None:
    """They count from the end of what the record is of."""
    assert retained(kept(30), "2024-Q1", date(2026, 3, 2)) == date(2054, 3, 31)


@given(st.binary(max_size=1000), KEYS, NONCES, st.text(max_size=20))
def test_what_is_enciphered_is_deciphered_by_its_key_alone(plain: bytes, key: bytes, nonce: bytes, about: str) -> None:
    """And about what it was made for alone."""
    sealed = encipher(plain, key, nonce, about)
    assert decipher(sealed, key, about) == plain
    for other_key, other in ((key, about + "x"), (bytes([key[0] ^ 1]) + key[1:], about)):
        with pytest.raises(AlteredError):
            decipher(sealed, other_key, other)


@given(st.binary(max_size=200), KEYS, NONCES, st.data())
def test_any_byte_that_is_changed_or_missing_shows(plain: bytes, key: bytes, nonce: bytes, data: st.DataObject) -> None:
    """Wherever it stands, in the nonce too."""
    sealed = encipher(plain, key, nonce, "a")
    at = data.draw(st.integers(0, len(sealed) - 1))
    flipped = sealed[:at] + bytes([sealed[at] ^ data.draw(st.integers(1, 255))]) + sealed[at + 1 :]
    for harmed in (flipped, sealed[:at]):
        with pytest.raises(AlteredError):
            decipher(harmed, key, "a")


def test_master_keys_are_read_with_the_newest_last(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An older key still opens what it wrapped; a file of anything else is refused before anything is lost."""
    path = tmp_path_factory.mktemp("keys") / "master"
    one = "A" * 43 + "="
    path.write_text(f"1 {one}\n\n2 {one}\n", encoding="ascii")
    assert list(read_master_keys(path)) == ["1", "2"]
    for wrong in ("", "1", f"1 {one[:-4]}", f"1 {one}\n1 {one}", "1 !!!", f"a b {one}"):
        path.write_text(wrong, encoding="ascii")
        with pytest.raises(SettingsError):
            read_master_keys(path)
    with pytest.raises(SettingsError):
        read_master_keys(path.with_name("none"))
