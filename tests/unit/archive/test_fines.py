"""N1-N5, N9, N10 as rules: when a fine is proposed, and by what evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.catalogue import CONSULTING, Catalogue, Known
from services.archive.domain.chain import Entry
from services.archive.domain.fines import Breach, Evidence, Fine, Gap, Report, whose_fines
from services.archive.domain.people import UnlawfulError
from shared.contracts.audit import Access
from shared.contracts.registry import TOPICS
from shared.policy import load_policy
from shared.policy.fines import FineKind
from shared.roles import Role

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
CATALOGUE = Catalogue(load_policy(None).fines, "p-1", ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True)
class Somebody:
    person: str = "du"
    role: Role = Role.INSPECTOR
    department: str | None = None
    station: str | None = None


def access(**changed: object) -> Access:
    data: dict[str, object] = {
        "file": "C-1", "actor": "wang", "role": "rep", "action": "profile.read", "outcome": "allowed", "grant": None,
        "at": NOW, "service": "customers", "needs_grant": True,
    }  # fmt: skip
    return Access.model_validate(data | changed)


def entry(**changed: object) -> Entry:
    plain = Entry(
        9, NOW, NOW, "wang", "rep", "file.read", "C-1", "allowed", None, None, "customers", None, "{}", "e", "/"
    )
    return plain._replace(**changed)  # type: ignore[arg-type]


def reported(report: Report, evidence: Evidence, known: Known | None = None) -> list[Fine]:
    """The fines that a report comes to."""
    return list(CATALOGUE.for_report(report, evidence, known or Known(), Somebody(), NOW)[1])


def test_consulting_without_a_grant_is_proposed_and_nothing_else_is() -> None:
    """N2, over every kind of act: allowed, needing a grant, without one, and a consulting."""
    for act, outcome, needs, grant in product(
        TOPICS["audit.v1"].types, ("allowed", "denied"), (True, False), (None, "g-1")
    ):
        found = CATALOGUE.for_access(access(outcome=outcome, needs_grant=needs, grant=grant), entry(action=act))
        breach = act in CONSULTING and outcome == "allowed" and needs and grant is None
        assert isinstance(found, Fine) if breach else found is None


@given(st.integers(1, 2**62))
def test_a_proposal_names_its_entry_and_the_policys_amount(seq: int) -> None:
    """The fine's id is made of rule and evidence, so the same fact can only be the same fine."""
    fine = CATALOGUE.for_access(access(), entry(seq=seq))
    assert isinstance(fine, Fine)
    assert (fine.fine_id, fine.entry, fine.person, fine.file) == (f"N2-{seq}", seq, "wang", "C-1")
    assert (fine.amount, fine.currency, fine.dismissal, fine.policy_version) == (Decimal(50), "CNY", False, "p-1")
    assert fine == CATALOGUE.for_access(access(), entry(seq=seq))


def test_a_breach_belongs_to_the_business_day_on_which_it_happened() -> None:
    """Half past midnight in Shanghai is the next day there, whatever UTC says: the month's count depends on it."""
    late = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)
    fine = CATALOGUE.for_access(access(at=late), entry(at=late))
    assert isinstance(fine, Fine)
    assert fine.occurred_on == date(2026, 3, 1)


def test_without_its_file_a_breach_is_a_gap() -> None:
    """N9: a missing field means no proposal."""
    assert CATALOGUE.for_access(access(file="*"), entry(action="file.searched", file="*")) == Gap(
        "unapproved_consulting", 9, "file", NOW
    )


@pytest.mark.parametrize(
    ("kind", "amount", "dismissal"),
    [
        ("lent_account", Decimal(50), False),
        ("unapproved_copy", Decimal(500), True),
        ("unapproved_destruction", Decimal(500), True),
        ("unapproved_alteration", None, False),
        ("repeated_error", Decimal(100), False),
        ("poor_display", Decimal(100), False),
    ],
)
def test_a_report_costs_what_the_catalogue_says(kind: FineKind, amount: Decimal | None, dismissal: bool) -> None:
    """N3-N5, N7; altering is a breach without an amount."""
    (fine,) = reported(Report(kind, "wang", "C-1", "seen"), Evidence(entry(), as_event=False, tier="company"))
    assert (fine.amount, fine.dismissal, fine.proposed_by, fine.reason) == (amount, dismissal, "du", "seen")


def test_every_kind_of_the_policy_can_be_reported() -> None:
    """N1 by an event, the others by an entry; only the month's total is never reported but counted (N8)."""
    known = Known(times=5, base_wage=Decimal(1000))
    for kind in set(get_args(FineKind)) - {"returns_in_month", "wrong_delivery"}:
        evidence = Evidence(entry(actor=None), as_event=kind == "stale_file", tier="department")
        sum_ = Decimal(60) if kind == "slow_work" else Decimal(250)
        (fine,) = reported(Report(kind, "wang", "C-1", "seen", sum_, "SO-1"), evidence, known)
        assert fine.kind == kind
        assert fine.words_zh
        assert fine.words_en
        assert (fine.event is None) == (kind != "stale_file")
    with pytest.raises(UnlawfulError, match="only_by_rule"):
        reported(Report("returns_in_month", "wang", None, "?"), Evidence(entry(), as_event=False, tier=None))


@pytest.mark.parametrize(
    ("report", "evidence", "code"),
    [
        (
            Report("unapproved_copy", "li", "C-1", "?"),
            Evidence(entry(), as_event=False, tier="company"),
            "evidence_of_another",
        ),
        (
            Report("unapproved_copy", "wang", "C-2", "?"),
            Evidence(entry(), as_event=False, tier="company"),
            "evidence_of_another",
        ),
        (
            Report("unapproved_copy", "wang", None, "?"),
            Evidence(entry(), as_event=False, tier="company"),
            "missing_fact",
        ),
        (Report("stale_file", "wang", "C-1", "?"), Evidence(entry(), as_event=False, tier="company"), "wrong_evidence"),
        (
            Report("unapproved_destruction", "wang", "C-1", "?"),
            Evidence(entry(), as_event=False, tier="personal"),
            "other_tier",
        ),
        (
            Report("unapproved_destruction", "wang", "C-1", "?"),
            Evidence(entry(), as_event=False, tier=None),
            "missing_fact",
        ),
        (Report("low_margin", "wang", None, "?"), Evidence(entry(), as_event=False, tier=None), "missing_fact"),
        (Report("embezzlement", "wang", None, "?"), Evidence(entry(), as_event=False, tier=None), "missing_fact"),
        (
            Report("faulty_return", "wang", None, "?", Decimal(900)),
            Evidence(entry(), as_event=False, tier=None),
            "missing_fact",
        ),
        (
            Report("slow_work", "wang", None, "?", Decimal("100.01")),
            Evidence(entry(), as_event=False, tier=None),
            "missing_fact",
        ),
    ],
)
def test_a_report_that_its_evidence_does_not_bear_is_refused(report: Report, evidence: Evidence, code: str) -> None:
    """N9: who, which file, which order, which sum, and the very entry or event."""
    with pytest.raises(UnlawfulError) as refused:
        reported(report, evidence)
    assert refused.value.code == code


def test_a_return_is_one_fact_whether_a_rule_finds_it_or_a_report_points_at_the_files_version() -> None:
    """N9: the file's new version came of the very event that a rule found to be a breach."""
    cause = '{"cause":"R-1","cause_source":"/erp","cause_type":"order.returned","tier":"personal","version":7}'
    shown = entry(actor=None, action="file_amended", file="customer:C-1", detail=cause, event_id="C-1:7")
    report = Report("faulty_return", "wang", "C-1", "?", Decimal(900))
    known = Known(base_wage=Decimal(5000))
    (fine,) = reported(report, Evidence(shown, as_event=False, tier="personal"), known)
    found = Breach(
        "faulty_return", "wang", "customer:C-1", "SO-1", Decimal(900), NOW.date(), None, None, 5, "/erp", "R-1"
    )
    (same,) = CATALOGUE.for_breach(found, known, NOW)
    assert isinstance(same, Fine)
    assert (fine.fact, fine.amount) == (same.fact, same.amount)


def test_an_account_is_lent_once_a_day_whichever_use_shows_it() -> None:
    """N3: found by one access, reported by another."""
    shown = entry(actor="wang", event_id="morning")
    (fine,) = reported(Report("lent_account", "wang", None, "?"), Evidence(shown, as_event=False, tier=None))
    found = Breach(
        "lent_account", "wang", None, None, None, NOW.date(), None, None, 5, "/tierline/customers", "evening"
    )
    (same,) = CATALOGUE.for_breach(found, Known(), NOW)
    assert isinstance(same, Fine)
    assert fine.fact == same.fact


@given(st.sampled_from(Role), st.none() | st.sampled_from(["du", "wang"]))
def test_without_a_supervisors_role_one_sees_only_ones_own_fines(role: Role, asked: str | None) -> None:
    """N10."""
    supervises = role in {Role.HR, Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR, Role.INSPECTOR}
    if not supervises and asked == "wang":
        with pytest.raises(UnlawfulError, match="not_yours"):
            whose_fines(Somebody(role=role), asked)
    else:
        assert whose_fines(Somebody(role=role), asked) == (asked if supervises else "du")
