"""Exact money: sums that never round, and one plain way to write an amount."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Clamped, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, Subnormal
from typing import Final

# Python's default context keeps 28 digits and rounds in silence; an amount (24 digits) times a rate (16) summed a
# million times needs 47. Where even 80 digits would round, `Inexact` is raised instead. Division has no exact
# result in general: nothing here divides.
EXACT: Final = Context(prec=80, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, Subnormal, Clamped])

# An amount has at most 12 decimal places and a rate at most 8: their product is a whole number of 10^-20.
ATOM_PLACES: Final = 20

ZERO: Final = Decimal(0)


def add(left: Decimal, right: Decimal) -> Decimal:
    """`left + right`, exact; raises `decimal.Inexact` beyond 80 digits."""
    return EXACT.add(left, right)


def subtract(left: Decimal, right: Decimal) -> Decimal:
    """`left - right`, exact; raises `decimal.Inexact` beyond 80 digits."""
    return EXACT.subtract(left, right)


def multiply(left: Decimal, right: Decimal) -> Decimal:
    """`left * right`, exact; raises `decimal.Inexact` beyond 80 digits."""
    return EXACT.multiply(left, right)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum; its value does not depend on the order of `amounts`. Nothing sums to 0."""
    result = ZERO
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def in_base(amount: Decimal, rate: Decimal) -> Decimal:
    """`amount` of a currency in the base currency, unrounded; `rate` is base units for one unit of the currency."""
    return EXACT.multiply(amount, rate)


def to_text(amount: Decimal) -> str:
    """Plain digits with at least two decimals, none rounded away: `1E+3` → `1000.00`, `0.1250` → `0.125`.

    Raises ValueError for infinities and NaN.
    """
    if not amount.is_finite():
        raise ValueError(f"not an amount of money: {amount}")
    whole, _, decimals = format(amount, "f").partition(".")
    text = f"{whole}.{decimals.rstrip('0'):0<2}"
    return text.removeprefix("-") if amount.is_zero() else text


def to_atoms(amount: Decimal) -> int:
    """The amount as a whole number of 10^-20 units, for fast exact comparison; ValueError when it is not whole."""
    try:
        return int(EXACT.to_integral_exact(EXACT.scaleb(amount, ATOM_PLACES)))
    except Inexact as error:
        raise ValueError(f"more than {ATOM_PLACES} decimal places: {amount}") from error


def from_atoms(atoms: int) -> Decimal:
    """The inverse of `to_atoms`."""
    return EXACT.scaleb(Decimal(atoms), -ATOM_PLACES)
