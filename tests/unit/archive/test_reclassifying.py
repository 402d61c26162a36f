"""Who changes a record's rank, department and class, alone or with another (A3)."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.deciders import Bench, Decider, Staff
from services.archive.domain.delegations import Delegation, Scope
from services.archive.domain.files import RANKS, Record, Section
from services.archive.domain.people import Person, UnlawfulError
from services.archive.domain.reclassifying import (
    Change,
    Wish,
    decide,
    deciders,
    propose,
    raised,
    subject_of,
    withdraw,
)
from services.archive.domain.retention import later
from services.archive.domain.steps import Step
from shared.contracts.types import Rank
from shared.identity import Principal
from shared.policy import load_policy
from shared.roles import Role

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
POLICY = load_policy(None)
CLASSES = POLICY.records.classes
AN = Principal("an", Role.ARCHIVIST)

ranks = st.sampled_from(RANKS)
departments = st.sampled_from(["field", "showroom", None])
classes = st.sampled_from([*CLASSES, None])


def record(rank: Rank = "confidential", department: str | None = "field", until: date | None = None) -> Record:
    return Record(
        record="r-1", title="合同", rank=rank, department=department, record_class="statistics", period="2020",
        filed_by="an", filed_at=NOW, sections=(Section("text", rank),), retain_until=until, holds=0, destroyed_at=None,
    )  # fmt: skip


def asked(it: Record, wish: Wish, by: Principal = AN, department: str | None = None) -> Change:
    return propose(
        it, wish, change_id="c-1", by=by, department=department, classes=CLASSES, filed_on=NOW.date(), now=NOW,
        reason="按制度",
    )  # fmt: skip


@given(ranks, departments, ranks, departments, classes, st.none() | st.dates(date(2000, 1, 1), date(2080, 1, 1)))
def test_what_one_person_does_alone_opens_the_record_to_nobody(  # noqa: PLR0913, PLR0917 - two places
    rank: Rank, department: str | None, to: Rank, where: str | None, its_class: str | None, until: date | None
) -> None:
    """A change in force at once has no lower rank and the same department; and no change keeps for a shorter time."""
    it = record(rank, department, until)
    with suppress(UnlawfulError):
        check_alone(it, asked(it, Wish(to, where, its_class)))


def check_alone(it: Record, change: Change) -> None:
    """What holds of a change that the rules let somebody ask for."""
    assert later(it.retain_until, change.retain_until) == change.retain_until
    if change.raises:
        assert RANKS.index(change.new.rank) >= RANKS.index(it.rank)
        assert change.new.department == it.department
        assert raised(change, AN).ending is not None
    else:
        with pytest.raises(ValueError, match="second person"):
            raised(change, AN)


@pytest.mark.parametrize("by", list(Role))
@pytest.mark.parametrize("rank", RANKS)
def test_a_record_is_lowered_by_whom_reading_it_needs(rank: Rank, by: Role) -> None:
    """A3: rank 3 and 2 by the GM, rank 1 by the GM or a deputy, rank 0 (another department) by the office's head."""
    able = {
        "top_secret": {Role.GM}, "secret": {Role.GM}, "confidential": {Role.GM, Role.DEPUTY_GM},
        "unclassified": {Role.GM_OFFICE_HEAD},
    }[rank]  # fmt: skip
    it = record(rank)
    change = asked(it, Wish(department="showroom", rank="unclassified"))
    assert set(deciders(change, POLICY.files)) == able
    who = Principal("wei", by)
    if by in able:
        assert decide(change, it, who, POLICY.files, (), agree=True, now=NOW, reason="同意").ending is not None
    else:
        with pytest.raises(UnlawfulError, match="not_your_decision"):
            decide(change, it, who, POLICY.files, (), agree=True, now=NOW, reason="同意")


@given(ranks, st.sets(ranks), st.sampled_from([None, "record:r-1", "record:r-2"]), st.integers(-2, 2), st.booleans())
def test_a_delegate_agrees_to_what_was_delegated_and_to_nothing_else(
    rank: Rank, delegated: set[Rank], file: str | None, hours: int, revoked: bool
) -> None:
    """A4: the rank that the record has, or that record, while the delegation runs; written down whose word it was."""
    change = asked(record(rank), Wish(department="showroom"))
    begins = NOW + timedelta(hours=hours)
    scope = Scope(ranks=tuple(delegated), file=file)
    paper = Delegation(
        "d-1", "boss", "vic", scope, begins, begins + timedelta(hours=1), "出差", begins, NOW if revoked else None
    )
    people = {name: Person(name, role, None, None, True, NOW) for name, role in
              (("boss", "gm"), ("head", "gm_office_head"), ("vic", "deputy_gm"))}  # fmt: skip
    step = Step(1, "approve", deciders(change, POLICY.files))
    bench = Bench(Staff(people), [paper], POLICY.consulting, NOW)
    able = bench.deciders(step, "an", subject_of(change))
    delegates = [decider for decider in able if decider.on_behalf_of is not None]
    holds = not revoked and hours == 0 and (rank in delegated or file == "record:r-1")
    # The GM delegates what the GM decides; what a deputy decides anyway is no delegate's word.
    given = holds and rank in {"top_secret", "secret"}
    assert [(each.person, each.on_behalf_of) for each in delegates] == ([("vic", "boss")] if given else [])
    who = Principal("vic", Role.DEPUTY_GM)
    if given or rank == "confidential":
        ending = decide(change, record(rank), who, POLICY.files, delegates, agree=True, now=NOW, reason="x").ending
        assert ending is not None
        assert (ending.on_behalf_of, ending.delegation_id) == (("boss", "d-1") if given else (None, None))
    else:
        with pytest.raises(UnlawfulError, match="not_your_decision"):
            decide(change, record(rank), who, POLICY.files, delegates, agree=True, now=NOW, reason="x")


@pytest.mark.parametrize("agree", [True, False])
def test_nobody_decides_on_what_they_asked_for(agree: bool) -> None:
    """Whatever role they have come to since, and whoever delegated it to them."""
    change = asked(record(), Wish("unclassified"))
    to_an = [Decider("an", "archivist", "boss", "d-1")]
    with pytest.raises(UnlawfulError, match="own_request"):
        decide(change, record(), AN, POLICY.files, to_an, agree=agree, now=NOW, reason="x")
    with pytest.raises(UnlawfulError, match="own_request"):
        decide(change, record(), Principal("an", Role.GM), POLICY.files, (), agree=agree, now=NOW, reason="x")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("department", ["field", "showroom", None])
def test_it_is_asked_for_by_the_archivist_or_its_departments_manager(role: Role, department: str | None) -> None:
    """Nobody else, and of a record of no department no manager."""
    manages = role is Role.DEPARTMENT_MANAGER and department == "field"
    for its, may in (("field", manages or role is Role.ARCHIVIST), (None, role is Role.ARCHIVIST)):
        with nullcontext() if may else pytest.raises(UnlawfulError, match="not_yours"):
            asked(record(department=its), Wish("secret"), Principal("wei", role), department)


def test_what_changed_since_is_not_agreed_to() -> None:
    """The deciders said yes to another record; refusing and withdrawing stay possible."""
    change = asked(record(), Wish("unclassified"))
    raised_since = record("secret")
    gm = Principal("boss", Role.GM)
    with pytest.raises(UnlawfulError, match="changed_since"):
        decide(change, raised_since, gm, POLICY.files, (), agree=True, now=NOW, reason="x")
    refused = decide(change, raised_since, gm, POLICY.files, (), agree=False, now=NOW, reason="x")
    with pytest.raises(UnlawfulError, match="decided_before"):
        withdraw(refused, AN, NOW + timedelta(1), "x")
    with pytest.raises(UnlawfulError, match="not_yours"):
        withdraw(change, gm, NOW, "x")


@pytest.mark.parametrize(
    ("wish", "code"),
    [(Wish(), "nothing_changes"), (Wish("confidential", "field", "statistics"), "nothing_changes"),
     (Wish(record_class="poems"), "unknown_class")],
)  # fmt: skip
def test_what_cannot_be_asked_for(wish: Wish, code: str) -> None:
    """Nothing, what is so already, and a class that nobody knows."""
    with pytest.raises(UnlawfulError, match=code):
        asked(record(), wish)
