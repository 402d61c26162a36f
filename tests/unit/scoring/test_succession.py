"""Which policy may follow another."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.succession import hindrances, restored
from shared.policy import Policy, default_text, load_policy, load_written, parse_policy

POLICY = load_policy()
TODAY = date(2026, 3, 2)
DAYS = st.dates(date(2026, 1, 1), date(2026, 5, 1))
RATES = st.decimals(Decimal("0.1"), Decimal(10), places=2)


def with_dollars(rates: dict[date, Decimal]) -> Policy:
    """The policy with these rates of the dollar."""
    document = POLICY.as_json()
    lines = [{"from": day.isoformat(), "rate": str(rate)} for day, rate in sorted(rates.items())]
    return Policy.model_validate(document | {"rates": document["rates"] | {"USD": lines}})


@given(
    before=st.dictionaries(DAYS, RATES, min_size=1, max_size=5),
    after=st.dictionaries(DAYS, RATES, min_size=1, max_size=5),
)
def test_rates_may_differ_only_where_no_order_was_converted_at_them(
    before: dict[date, Decimal], after: dict[date, Decimal]
) -> None:
    """K: day by day up to tomorrow, what was known stays; days to come, and days without a rate, are free."""
    current, wanted = with_dollars(before), with_dollars(after)
    until = TODAY + timedelta(days=1)
    days = [date(2025, 12, 1) + timedelta(days=n) for n in range(120)]
    differs = any(current.rate("USD", day) not in (None, wanted.rate("USD", day)) for day in days if day <= until)
    assert any(hindrances(current, wanted, TODAY)) == differs


@pytest.mark.parametrize(
    "changed",
    [
        {"time_zone": "Europe/Berlin"},
        {"rates": {"CNY": POLICY.as_json()["rates"]["CNY"]}},
    ],
    ids=["time_zone", "a currency left out"],
)
def test_what_stored_data_was_made_under_stays(changed: dict[str, Any]) -> None:
    """Dates and amounts of old orders were made under these words."""
    wanted = Policy.model_validate(POLICY.as_json() | changed)
    why = list(hindrances(POLICY, wanted, TODAY))
    assert why
    assert all(text.en and text.zh for text in why)


def test_another_base_currency_is_refused_once() -> None:
    """All rates differ then: one reason says it."""
    rates = POLICY.as_json()["rates"]
    one = [{"from": "1990-01-01", "rate": "1"}]
    wanted = Policy.model_validate(POLICY.as_json() | {"base_currency": "USD", "rates": rates | {"USD": one}})
    assert [text.en.split()[0] for text in hindrances(POLICY, wanted, TODAY)] == ["base_currency"]


def test_everything_else_may_change() -> None:
    """Levels, cadences, rights and fines follow a new policy."""
    document = POLICY.as_json()
    document["rfm"] |= {"key_share": "0.5", "window_days": 100, "key_rule": "pareto", "counts_from": "completed"}
    document["cadences"]["contract"]["key"]["every"] = {"days": 7}
    document["files"]["default_tier"] = "company"
    document["potential"]["default"] = "none"
    document["rates"]["CHF"] = [{"from": "1990-01-01", "rate": "8"}]
    assert not list(hindrances(POLICY, Policy.model_validate(document), TODAY))


def test_a_restored_policy_says_the_same_under_a_version_of_its_own() -> None:
    """Text and content agree, comments stay, and a restored one that is restored again keeps one number."""
    old = load_written()
    third = restored(old, 3)
    assert third.policy.version == "2026-1+3"
    assert parse_policy(third.text, "x").policy == third.policy
    assert third.policy.digest != old.policy.digest
    assert third.policy.as_json() | {"version": "2026-1"} == old.policy.as_json()
    assert third.text.count("#") == default_text().count("#") - 1
    assert restored(third, 12).policy.version == "2026-1+12"


def test_a_long_version_is_shortened_to_make_room() -> None:
    """A version has at most 40 characters."""
    long = parse_policy(default_text().replace('version: "2026-1"', f'version: "{"x" * 40}"'), "x")
    again = restored(long, 7)
    assert again.policy.version == "x" * 38 + "+7"
    assert parse_policy(again.text, "x").policy == again.policy
