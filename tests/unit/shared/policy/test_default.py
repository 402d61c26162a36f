"""The policy that Tierline ships says what the company's documents say."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy import Policy, default_text, load_policy
from shared.policy.fines import FineKind
from shared.policy.notices import Messages
from shared.roles import Role
from shared.working_time import WorkingTime

POLICY = load_policy()


def iso_countries() -> set[str]:
    """ISO 3166-1 alpha-2 as the time zone database lists it."""
    table = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text(encoding="utf-8")
    return {line[:2] for line in table.splitlines() if line and not line.startswith("#")}


def test_every_country_of_iso_3166_has_a_market() -> None:
    """K2: all 249 are listed, each once (the check refuses a second time)."""
    listed = {*POLICY.regions.europe_america, *POLICY.regions.middle_east, *POLICY.regions.asia_africa}
    assert listed == iso_countries()
    assert len(listed) == 249


@pytest.mark.parametrize(
    ("country", "market"),
    [
        ("NO", "europe_america"),  # YAML 1.1 would have read it as false
        ("US", "europe_america"),
        ("BR", "europe_america"),
        ("AE", "middle_east"),
        ("CN", "asia_africa"),
        ("NG", "asia_africa"),
        ("XK", "europe_america"),
        (None, "asia_africa"),
    ],
)
def test_sample_customers_have_the_market_of_their_country(country: str | None, market: str) -> None:
    """K2: a country that no list names is Europe and America, an unknown one Asia and Africa."""
    assert POLICY.regions.of(country) == market


def test_rfm_is_the_companys() -> None:
    """K4: a year, quintiles, equal weights, a fifth."""
    rfm = POLICY.rfm
    assert (rfm.window_days, rfm.lapsed_after_days, rfm.key_share, rfm.key_rule) == (365, 365, Decimal("0.2"), "rank")
    assert rfm.quantiles == (Decimal("0.2"), Decimal("0.4"), Decimal("0.6"), Decimal("0.8"))
    assert rfm.weights.as_integers() == (1, 1, 1)
    assert (rfm.key_share_of, rfm.counts_from, rfm.pareto_share) == ("active", "placed", Decimal("0.8"))


def test_cadences_are_the_companys() -> None:
    """F1–F5: how often, how long, and that only a high potential needs a plan."""
    contract, sample, potential = POLICY.cadences.contract, POLICY.cadences.sample, POLICY.cadences.potential
    for level in (contract.key, contract.ordinary, contract.lapsed):
        assert (level.rule, level.every.months, level.every.days) == ("F1", 1, None)
    assert (contract.minutes_a_year, sample.minutes_a_year, potential.minutes_a_year) == (90, 120, 180)
    assert sample.confirming.every.days in {1, 2}
    assert (sample.delivered.every.days, sample.reminding.every.days) == (2, 6)
    assert (sample.quiet_after_days, sample.quiet.every.days) == (60, 30)
    assert (potential.high.every.months, potential.high.minutes, potential.high.plan_required) == (2, 30, True)
    assert (potential.moderate.every.months, potential.moderate.minutes) == (3, 5)
    assert (potential.none.every.months, potential.none.rule) == (6, "F5")


def test_fines_are_the_companys() -> None:
    """N1–N6 and what is fixed of N7: amounts, and which end in dismissal."""
    catalogue = POLICY.fines.catalogue
    found = {kind: (fine.rule, fine.amount, fine.dismissal) for kind, fine in catalogue}
    assert set(found) == set(get_args(FineKind))
    assert {kind: fine for kind, fine in found.items() if fine[1] is not None or fine[0] < "N6"} == {
        "stale_file": ("N1", 20, False),
        "unapproved_consulting": ("N2", 50, False),
        "lent_account": ("N3", 50, False),
        "unapproved_copy": ("N4", 500, True),
        "unapproved_destruction": ("N5", 500, True),
        "unapproved_alteration": ("N5", None, False),
        "customer_not_passed_on": ("N6", 200, False),
        "regional_customer_not_passed_on": ("N6", 500, False),
        "low_margin": ("N6", 200, False),
        "repeated_error": ("N7", 100, False),
        "poor_display": ("N7", 100, False),
    }
    assert {kind for kind, (_, _, dismissal) in found.items() if dismissal} == {
        "unapproved_copy", "unapproved_destruction",
    }  # fmt: skip
    assert catalogue.unapproved_destruction.tiers == ("company", "department")
    assert catalogue.unapproved_consulting.tiers == ("company", "department", "personal")


def test_fines_that_follow_from_other_numbers_are_the_companys() -> None:
    """N7: within 30 to 100, by the n-th time of a month, a hundredfold; N8: by the wage, and what is no sum."""
    catalogue = POLICY.fines.catalogue
    assert catalogue.slow_work.named is not None
    assert (catalogue.slow_work.named.least, catalogue.slow_work.named.most) == (Decimal(30), Decimal(100))
    assert [catalogue.lateness.nth(n) for n in range(1, 6)] == [None, 20, 10, 10, 10]
    assert [catalogue.wrong_delivery.nth(n) for n in range(1, 6)] == [None, None, 30, None, None]
    assert catalogue.embezzlement.times == 100
    wages = catalogue.faulty_return.of_base_wage
    assert wages is not None
    returned = ["199.99", "200", "300", "300.01", "500", "500.01", "800", "800.01", "2000", "2000.01", "99999"]
    assert [wages.percent(Decimal(sum_)) for sum_ in returned] == [None, 1, 1, 2, 2, 3, 3, 4, 4, 6, 6]
    measures = catalogue.returns_in_month.crossed(Decimal(0), Decimal("6000.01"))
    assert [(each.above, each.manager_answers) for each in measures] == [(Decimal(4000), False), (Decimal(6000), True)]
    assert catalogue.returns_in_month.crossed(Decimal(4000), Decimal(6000)) == measures[:1]


@pytest.mark.parametrize("role", list(Role))
def test_each_tier_of_files_is_read_unasked_by_its_own(role: Role) -> None:
    """A1: a company file by the three leaders, a department's by its manager, a personal one by its rep."""
    tiers = POLICY.files.tiers
    leading = role in {Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM}
    for same_department in (False, True):
        for own in (False, True):
            how = {"same_department": same_department, "own_customer": own}
            assert tiers.of("company").reads_unasked(role, **how) == leading
            manager = role is Role.DEPARTMENT_MANAGER and same_department
            assert tiers.of("department").reads_unasked(role, **how) == manager
            assert tiers.of("personal").reads_unasked(role, **how) == (role is Role.REP and own)


@pytest.mark.parametrize(
    ("day", "hour"),
    [
        ("2026-04-30", "00:30"),
        ("2026-05-01", "00:00"),
        ("2026-09-30", "00:00"),
        ("2026-10-01", "00:30"),
        ("2026-01-01", "00:30"),
    ],
)
def test_work_starts_earlier_in_summer(day: str, hour: str) -> None:
    """F8: 8:00 from May to September, else 8:30, in Shanghai."""
    assert WorkingTime(POLICY).begins(date.fromisoformat(day)) == datetime.fromisoformat(f"{day}T{hour}").replace(
        tzinfo=UTC
    )


def test_every_rule_of_the_spine_is_named_beside_its_number() -> None:
    """Whoever reads the file finds the company's rule."""
    text = default_text()
    for rule in (
        "K1",
        "K2",
        "K3",
        "K4",
        "F1",
        "F2",
        "F3",
        "F4",
        "F5",
        "F6",
        "F8",
        "A1",
        "A2",
        "A3",
        *(f"N{n}" for n in range(1, 6)),
    ):
        assert re.search(rf"\b{rule}\b", text), rule


def test_a_policy_survives_being_published() -> None:
    """policy.v1 carries it whole: read back it is equal, with the same digest."""
    published = Policy.model_validate(POLICY.as_json())
    assert published == POLICY
    assert published.digest == POLICY.digest


@given(st.sampled_from(["0.2", "0.20", "0.200000"]))
def test_digest_is_of_the_meaning(spelling: str) -> None:
    """A number written otherwise is the same policy; another number is not."""
    document = POLICY.as_json()
    same = {**document, "rfm": {**document["rfm"], "key_share": spelling}}
    other = {**document, "rfm": {**document["rfm"], "key_share": "0.21"}}
    assert Policy.model_validate(same).digest == POLICY.digest
    assert Policy.model_validate(other).digest != POLICY.digest


def test_messages_that_a_policy_does_not_mention_are_the_defaults() -> None:
    """A policy that was activated before there were messages is read as if it had said what the file says."""
    assert Messages() == POLICY.messages
    older = POLICY.as_json()
    del older["messages"]
    assert Policy.model_validate(older) == POLICY
