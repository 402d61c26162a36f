from decimal import Decimal, Inexact
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import ATOM_PLACES, EXACT, add, from_atoms, in_base, subtract, to_atoms, to_text, total

amounts = st.decimals(min_value=0, max_value=Decimal("999999999999.999999999999"), places=12)
rates = st.decimals(min_value=Decimal("0.00000001"), max_value=Decimal("99999999.99999999"), places=8)
signed = st.builds(lambda amount, negative: -amount if negative else amount, amounts, st.booleans())


@given(st.lists(st.tuples(signed, rates), max_size=40))
def test_converted_money_adds_up(entries: list[tuple[Decimal, Decimal]]) -> None:
    """The sum of converted amounts is the one that fractions, which never round, give."""
    exact = sum((Fraction(amount) * Fraction(rate) for amount, rate in entries), Fraction(0))
    assert Fraction(total(in_base(amount, rate) for amount, rate in entries)) == exact


@given(st.lists(st.tuples(signed, rates), max_size=20), st.randoms(use_true_random=False))
def test_order_of_addition_does_not_matter(entries: list[tuple[Decimal, Decimal]], random: object) -> None:
    """Orders arrive in any order, and their sum is the same."""
    converted = [in_base(amount, rate) for amount, rate in entries]
    shuffled = list(converted)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert total(shuffled) == total(converted)


def test_a_million_of_the_largest_amounts_sum_without_rounding() -> None:
    """Twenty doublings stand for a million additions: each would raise Inexact if a digit were lost."""
    largest = in_base(Decimal("999999999999.999999999999"), Decimal("99999999.99999999"))
    doubled = list(accumulate(range(20), lambda whole, _: add(whole, whole), initial=largest))[-1]
    assert Fraction(doubled) == Fraction(largest) * 2**20


@given(signed, signed)
def test_what_is_added_can_be_taken_away(left: Decimal, right: Decimal) -> None:
    """A return undoes its part of an order, to the last digit."""
    assert subtract(add(left, right), right) == left


def test_money_that_would_round_is_refused_loudly() -> None:
    """Beyond 80 digits nothing is dropped in silence."""
    with pytest.raises(Inexact):
        EXACT.multiply(Decimal("9" * 60), Decimal("9" * 60))


@given(signed)
def test_text_keeps_every_digit_and_shows_at_least_two_decimals(amount: Decimal) -> None:
    """An amount survives being written and read, without exponent or superfluous zeros."""
    text = to_text(amount)
    assert Decimal(text) == amount
    assert "e" not in text.lower()
    decimals = text.partition(".")[2]
    assert len(decimals) == 2 or (len(decimals) > 2 and not decimals.endswith("0"))


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00"),
        ("-0.000", "0.00"),
        ("1E+3", "1000.00"),
        ("-3", "-3.00"),
        ("0.1250", "0.125"),
        ("1E-12", "0.000000000001"),
    ],
)
def test_text_is_plain(amount: str, text: str) -> None:
    """Zero has no sign, large numbers no exponent, small ones all their digits."""
    assert to_text(Decimal(amount)) == text


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_amount_is_not_written(amount: str) -> None:
    """A NaN in a report would pass for money."""
    with pytest.raises(ValueError, match="not an amount"):
        to_text(Decimal(amount))


@given(signed, rates)
def test_atoms_carry_converted_money_exactly(amount: Decimal, rate: Decimal) -> None:
    """Twelve places times eight fit into atoms, and come back."""
    value = in_base(amount, rate)
    assert from_atoms(to_atoms(value)) == value
    assert to_atoms(value) == Fraction(value) * 10**ATOM_PLACES


@given(signed, signed)
def test_atoms_compare_as_their_amounts(left: Decimal, right: Decimal) -> None:
    """The ranker may compare integers instead of decimals."""
    assert (to_atoms(left) < to_atoms(right)) == (left < right)


def test_half_an_atom_is_refused() -> None:
    """What does not fit is an error, not a rounding."""
    with pytest.raises(ValueError, match="decimal places"):
        to_atoms(Decimal("1E-21"))
