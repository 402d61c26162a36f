"""What a policy answers, for any policy."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy import Policy, load_policy
from shared.policy.cadence import Interval
from shared.policy.model import Weights

POLICY = load_policy()
days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
rates = st.decimals(Decimal("0.00000001"), Decimal(99999999), places=8)


@given(st.dictionaries(days, rates, min_size=1, max_size=8), days)
def test_a_rate_holds_until_the_next(entries: dict[date, Decimal], on: date) -> None:
    """K: money is taken at the rate of the order's date; before the first there is none."""
    table = [{"from": day.isoformat(), "rate": str(rate)} for day, rate in sorted(entries.items())]
    document = POLICY.as_json()
    policy = Policy.model_validate({**document, "rates": {**document["rates"], "THB": table}})
    known = [day for day in entries if day <= on]
    assert policy.rate("THB", on) == (entries[max(known)] if known else None)
    assert policy.rate("CNY", on) == 1
    assert policy.rate("XXX", on) is None


@given(days, st.integers(1, 120))
def test_months_keep_the_day_or_take_the_last(day: date, months: int) -> None:
    """A month after 31 January is the end of February, never a day of March."""
    after = Interval(months=months).after(day)
    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == months
    assert after.day == min(day.day, monthrange(after.year, after.month)[1])


@given(days, st.integers(1, 1000))
def test_days_are_counted(day: date, count: int) -> None:
    """An interval of days is so many days."""
    assert Interval(days=count).after(day) - day == timedelta(days=count)


@pytest.mark.parametrize("written", [{}, {"days": 1, "months": 1}, {"days": 0}, {"months": True}])
def test_an_interval_is_of_days_or_of_months(written: dict[str, int]) -> None:
    """Neither, both, none at all and a boolean are refused."""
    with pytest.raises(ValueError, match="validation error"):
        Interval.model_validate(written)


@given(st.lists(st.decimals(Decimal("0.001"), Decimal(1000), places=3), min_size=3, max_size=3))
def test_whole_weights_keep_the_ratio(weights: list[Decimal]) -> None:
    """K4: weighted scores compare as with the weights as written."""
    r, f, m = weights
    whole = Weights(r=r, f=f, m=m).as_integers()
    assert all(part > 0 for part in whole)
    assert whole[0] * f == whole[1] * r
    assert whole[1] * m == whole[2] * f
