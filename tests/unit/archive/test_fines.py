"""N1-N5, N9, N10 as rules: when a fine is proposed, by what evidence, and who may settle it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.chain import Entry
from services.archive.domain.fines import (
    CONSULTING,
    Catalogue,
    Evidence,
    Fine,
    FineState,
    Gap,
    Report,
    settle,
    whose_fines,
)
from services.archive.domain.people import UnlawfulError
from shared.contracts.audit import Access
from shared.contracts.registry import TOPICS
from shared.policy import load_policy
from shared.policy.fines import FineKind
from shared.roles import Role

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
CATALOGUE = Catalogue(load_policy(None).fines, "p-1")


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


def test_consulting_without_a_grant_is_proposed_and_nothing_else_is() -> None:
    """N2, over every kind of act: allowed, needing a grant, without one, and a consulting."""
    acts = TOPICS["audit.v1"].types
    for act, outcome, needs, grant in product(acts, ("allowed", "denied"), (True, False), (None, "g-1")):
        found = CATALOGUE.for_access(access(outcome=outcome, needs_grant=needs, grant=grant), act, 9, NOW)
        breach = act in CONSULTING and outcome == "allowed" and needs and grant is None
        assert isinstance(found, Fine) if breach else found is None


@given(st.integers(1, 2**62))
def test_a_proposal_names_its_entry_and_the_policys_amount(seq: int) -> None:
    """The fine's id is made of rule and evidence, so the same fact can only be the same fine."""
    fine = CATALOGUE.for_access(access(), "file.read", seq, NOW)
    assert isinstance(fine, Fine)
    assert (fine.fine_id, fine.entry, fine.person, fine.file) == (f"N2-{seq}", seq, "wang", "C-1")
    assert (fine.amount, fine.currency, fine.dismissal, fine.policy_version) == (Decimal(50), "CNY", False, "p-1")
    assert fine == CATALOGUE.for_access(access(), "file.read", seq, NOW)


def test_without_its_file_a_breach_is_a_gap() -> None:
    """N9: a missing field means no proposal."""
    assert CATALOGUE.for_access(access(file="*"), "file.searched", 9, NOW) == Gap(
        "unapproved_consulting", 9, "file", NOW
    )


@pytest.mark.parametrize(
    ("kind", "amount", "dismissal"),
    [
        ("lent_account", Decimal(50), False),
        ("unapproved_copy", Decimal(500), True),
        ("unapproved_destruction", Decimal(500), True),
        ("unapproved_alteration", None, False),
    ],
)
def test_a_report_costs_what_the_catalogue_says(kind: FineKind, amount: Decimal | None, dismissal: bool) -> None:
    """N3-N5; altering is a breach without an amount."""
    report = Report(kind, "wang", "C-1", "seen")
    fine = CATALOGUE.for_report(report, Evidence(entry(), as_event=False, tier="company"), Somebody(), NOW)
    assert (fine.amount, fine.dismissal, fine.proposed_by, fine.reason) == (amount, dismissal, "du", "seen")


def test_every_kind_of_the_policy_can_be_reported() -> None:
    """N1 by an event, the others by an entry; none lacks words or a rule."""
    for kind in get_args(FineKind)[:6]:
        evidence = Evidence(entry(actor=None), as_event=kind == "stale_file", tier="department")
        fine = CATALOGUE.for_report(Report(kind, "wang", "C-1", "seen"), evidence, Somebody(), NOW)
        assert fine.rule in {"N1", "N2", "N3", "N4", "N5"}
        assert fine.words_zh
        assert fine.words_en
        assert (fine.event is None) == (kind != "stale_file")


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
    ],
)
def test_a_report_that_its_evidence_does_not_bear_is_refused(report: Report, evidence: Evidence, code: str) -> None:
    """N9: who, which file, and the very entry or event."""
    with pytest.raises(UnlawfulError) as refused:
        CATALOGUE.for_report(report, evidence, Somebody(), NOW)
    assert refused.value.code == code


def test_a_fine_moves_only_from_proposed_or_to_another_settled_state() -> None:
    """The whole table of steps: nothing goes back to proposed, nothing stays where it is."""
    fine = CATALOGUE.for_access(access(), "file.read", 9, NOW)
    assert isinstance(fine, Fine)
    for current, wanted in product(FineState, FineState):
        if wanted is FineState.PROPOSED or wanted is current:
            with pytest.raises(UnlawfulError, match="no_such_step"):
                settle(fine, current, wanted, Somebody())
        else:
            settle(fine, current, wanted, Somebody())
        with pytest.raises(UnlawfulError, match="own_fine"):
            settle(fine, current, wanted, Somebody(person="wang"))


@given(st.sampled_from(Role), st.none() | st.sampled_from(["du", "wang"]))
def test_without_a_supervisors_role_one_sees_only_ones_own_fines(role: Role, asked: str | None) -> None:
    """N10."""
    supervises = role in {Role.HR, Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR, Role.INSPECTOR}
    if not supervises and asked == "wang":
        with pytest.raises(UnlawfulError, match="not_yours"):
            whose_fines(Somebody(role=role), asked)
    else:
        assert whose_fines(Somebody(role=role), asked) == (asked if supervises else "du")
