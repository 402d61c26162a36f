"""What cadences ask of a rep."""

from __future__ import annotations

from fractions import Fraction

from services.scoring.domain.customers import Tier
from services.scoring.domain.workload import Load, Workload
from shared.policy import Policy, load_policy

POLICY = load_policy()
WORKLOAD = Workload(POLICY.cadences)


def test_a_level_asks_for_its_cadence() -> None:
    """F1, F3, F5: a contact a month of 8 minutes; every 2 months 30; every 6 months 2."""
    assert WORKLOAD.of(Tier("contract", "key")) == Load(Fraction(1), Fraction(8))
    assert WORKLOAD.of(Tier("potential", "high")) == Load(Fraction(1, 2), Fraction(15))
    assert WORKLOAD.of(Tier("potential", "none")) == Load(Fraction(1, 6), Fraction(1, 3))


def test_a_sample_counts_with_the_mean_month_of_its_first_year() -> None:
    """F2: every 2 days for 60 days, of which every third is a reminding one, then every 30 days to the year's end."""
    load = WORKLOAD.of(Tier("sample", "middle_east"))
    assert load.reminders * 12 == 30 + 10
    assert load.minutes * 12 == 3 * 40
    # F2 itself: about two hours a year.
    assert load.minutes * 12 == POLICY.cadences.sample.minutes_a_year


def test_a_reminding_mail_besides_the_ordinary_one_is_one_more() -> None:
    """F2: it takes the other's place only on days when both are due."""
    document = POLICY.as_json()
    document["cadences"]["sample"]["reminding"]["every"] = {"days": 7}
    load = Workload(Policy.model_validate(document).cadences).of(Tier("sample", "middle_east"))
    # Of the reminding ones on days 7, 14, … 56 those on 14, 28, 42 and 56 take another's place.
    assert load.reminders * 12 == 30 + 4 + 10
