"""Who may read, write and see what exists (A1, A2, A5, P6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customers.domain.access import (
    PARTS,
    FileKeeping,
    Grant,
    GrantsHeld,
    Horizon,
    Reader,
    Reason,
    horizon_of,
    may_amend,
    may_read,
    may_record_person,
    readable,
    reads_unasked,
    sees_people_of,
)
from services.customers.domain.copies import Person
from shared.contracts.organisation import PersonRecorded
from shared.contracts.types import FileTier
from shared.policy import load_policy
from shared.roles import Role

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIERS = load_policy(None).files.tiers
NO_GRANTS = GrantsHeld((), fresh=True)
WHOLE = Grant("g-1", ("*",), NOW - HOUR, NOW + HOUR)


def reader(
    role: Role = Role.REP, *, person: str = "li", department: str | None = "field", active: bool = True
) -> Reader:
    return Reader(person, role, department, code="rep-7", active=active)


def file(tier: FileTier = "personal", *, rep: str | None = "rep-7", department: str | None = "field") -> FileKeeping:
    return FileKeeping("C-1", tier, rep, department)


UNASKED = {
    "company": {Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM},
    "department": {Role.DEPARTMENT_MANAGER},
    "personal": {Role.REP},
}


@pytest.mark.parametrize("tier", get_args(FileTier))
@pytest.mark.parametrize("role", list(Role))
def test_only_keepers_and_named_readers_need_no_grant(tier: FileTier, role: Role) -> None:
    """A1, cell by cell, for the department and the rep whose customer it is."""
    verdict = may_read(reader(role), file(tier), NO_GRANTS, TIERS, now=NOW)
    assert verdict.allowed == (role in UNASKED[tier])
    assert verdict.needs_grant != verdict.allowed
    assert verdict.grant_id is None


def test_another_department_and_anothers_customer_need_a_grant() -> None:
    """Keeping is of one's own: neither of nobody's nor of another's."""
    manager = reader(Role.DEPARTMENT_MANAGER)
    assert not reads_unasked(manager, file("department", department="showroom"), TIERS)
    assert not reads_unasked(manager, file("department", department=None), TIERS)
    assert not reads_unasked(
        reader(Role.DEPARTMENT_MANAGER, department=None), file("department", department=None), TIERS
    )
    assert not reads_unasked(reader(), file(rep="rep-8"), TIERS)
    assert not reads_unasked(reader(), file(rep=None), TIERS)


def test_a_rep_keeps_customers_under_either_name() -> None:
    """Orders know a rep by a code, the console by the person."""
    assert reads_unasked(reader(), file(rep="li"), TIERS)
    assert reads_unasked(reader(), file(rep="rep-7"), TIERS)


def test_a_live_grant_opens_the_file_and_is_cited() -> None:
    """A2."""
    verdict = may_read(reader(Role.HR), file(), GrantsHeld((WHOLE,), fresh=True), TIERS, now=NOW)
    assert (verdict.allowed, verdict.needs_grant, verdict.grant_id) == (True, True, "g-1")
    assert verdict.parts == set(PARTS)


@pytest.mark.parametrize("role", [Role.OPS, Role.ORDER_SYSTEM])
def test_no_grant_opens_a_file_to_operators_and_machines(role: Role) -> None:
    """Running the system is no reason to read what it holds."""
    verdict = may_read(reader(role), file(), GrantsHeld((WHOLE,), fresh=True), TIERS, now=NOW)
    assert (verdict.allowed, verdict.reason) == (False, Reason.ROLE)


@pytest.mark.parametrize("when", [NOW - HOUR - timedelta(microseconds=1), NOW + HOUR])
def test_a_grant_holds_from_its_beginning_until_before_its_end(when: datetime) -> None:
    """Just before the first moment, and at the last."""
    verdict = may_read(reader(Role.HR), file(), GrantsHeld((WHOLE,), fresh=True), TIERS, now=when)
    assert verdict.reason is Reason.NO_GRANT


def test_without_news_from_archive_no_grant_is_believed() -> None:
    """And keepers are not held up by it."""
    stale = GrantsHeld((WHOLE,), fresh=False)
    assert may_read(reader(Role.HR), file(), stale, TIERS, now=NOW).reason is Reason.STALE_GRANTS
    assert may_read(reader(), file(), stale, TIERS, now=NOW).allowed


def test_a_grant_opens_only_its_sections_and_unknown_ones_open_nothing() -> None:
    """P1: part by part."""
    some = Grant("g-2", ("trading", "no such part"), NOW - HOUR, NOW + HOUR)
    none = Grant("g-3", ("no such part",), NOW - HOUR, NOW + HOUR)
    assert may_read(reader(Role.HR), file(), GrantsHeld((some,), fresh=True), TIERS, now=NOW).parts == {"trading"}
    assert not may_read(reader(Role.HR), file(), GrantsHeld((none,), fresh=True), TIERS, now=NOW).allowed
    widest = may_read(reader(Role.HR), file(), GrantsHeld((some, WHOLE), fresh=True), TIERS, now=NOW)
    assert widest.grant_id == "g-1"


@given(st.sampled_from(Role), st.booleans(), st.booleans())
def test_a_missing_file_is_judged_like_one_that_is_not_open(role: Role, fresh: bool, granted: bool) -> None:
    """The verdict does not tell whether there is such a customer."""
    held = GrantsHeld((WHOLE,) if granted else (), fresh=fresh)
    anothers = file("personal", rep="rep-8", department="showroom")
    assert may_read(reader(role), None, held, TIERS, now=NOW) == may_read(reader(role), anothers, held, TIERS, now=NOW)


@pytest.mark.parametrize("role", list(Role))
def test_who_has_left_does_nothing(role: Role) -> None:
    """P6: not with a grant either."""
    gone = reader(role, active=False)
    assert may_read(gone, file("company"), GrantsHeld((WHOLE,), fresh=True), TIERS, now=NOW).reason is Reason.LEFT
    assert may_amend(gone, file()).reason is Reason.LEFT
    assert may_record_person(gone, recorded(), None, ()).reason is Reason.LEFT
    assert horizon_of(gone) is None
    assert sees_people_of(gone) == set()


@given(
    st.sampled_from(Role), st.sampled_from(get_args(FileTier)), st.sampled_from(["rep-7", "rep-8", None]),
    st.sampled_from(["field", "showroom", None]), st.sampled_from(["field", None]),
)  # fmt: skip
def test_readable_tiers_say_what_reading_unasked_says(
    role: Role, tier: FileTier, rep: str | None, department: str | None, own: str | None
) -> None:
    """A search in the database by name goes by the same rule as reading one file."""
    who = reader(role, department=own)
    scope = readable(who, TIERS)
    found = (
        tier in scope.any
        or (tier in scope.own_department and department is not None and department == own)
        or (tier in scope.own_customers and rep in who.codes)
    )
    assert found == reads_unasked(who, file(tier, rep=rep, department=department), TIERS)


def test_what_exists_is_known_to_keepers_of_it_and_to_those_who_release_files() -> None:
    """Reps their own, managers their department's, the top and the archivist all; operators, HR and others nothing."""
    nobody = [role for role in Role if horizon_of(reader(role)) is None]
    assert nobody == [Role.HR, Role.INSPECTOR, Role.OPS, Role.ORDER_SYSTEM]
    assert horizon_of(reader(Role.DEPARTMENT_MANAGER, department=None)) is None
    assert horizon_of(reader()) == Horizon(reps=frozenset({"li", "rep-7"}))


@pytest.mark.parametrize(
    ("role", "keeping", "stated", "allowed"),
    [
        (Role.REP, file(), {}, True),
        (Role.REP, file(rep="rep-8"), {}, False),
        (Role.REP, file(rep=None), {}, True),
        (Role.REP, None, {"rep": "rep-7"}, True),  # O2: a prospect that is nobody's
        (Role.REP, None, {"rep": "rep-8"}, False),
        (Role.REP, file(), {"rep": "rep-8"}, False),  # P6: handing on is the manager's
        (Role.REP, file(), {"file_tier": "company"}, False),
        (Role.REP, None, {"file_tier": "company"}, False),
        (Role.DEPARTMENT_MANAGER, file(rep="rep-8"), {"rep": "rep-9"}, True),
        (Role.DEPARTMENT_MANAGER, file(department="showroom"), {}, False),
        (Role.DEPARTMENT_MANAGER, file(department=None), {"department": "field"}, True),
        (Role.DEPARTMENT_MANAGER, file(), {"department": "showroom"}, False),
        (Role.DEPARTMENT_MANAGER, file(), {"file_tier": "department"}, False),
        (Role.MARKETING_DIRECTOR, file("company"), {"file_tier": "department"}, True),
        (Role.HR, file(), {}, False),
        (Role.OPS, file(), {}, False),
        (Role.ARCHIVIST, file(), {}, False),
    ],
)
def test_files_are_added_to_by_their_keepers(
    role: Role, keeping: FileKeeping | None, stated: dict[str, str | None], allowed: bool
) -> None:
    """P2, P6, O2: reps their own or nobody's, managers inside their department, the top anybody's."""
    assert may_amend(reader(role), keeping, stated).allowed == allowed


def recorded(person: str = "wang", role: Role = Role.REP, department: str | None = "field") -> PersonRecorded:
    return PersonRecorded(person=person, role=role, department=department, active=True)


@pytest.mark.parametrize(
    ("role", "told", "known", "allowed"),
    [
        (Role.HR, recorded(role=Role.GM), None, True),
        (Role.HR, recorded(person="li"), None, False),
        (Role.GM, recorded(department="showroom"), None, True),
        (Role.DEPARTMENT_MANAGER, recorded(), None, True),
        (Role.DEPARTMENT_MANAGER, recorded(department="showroom"), None, False),
        (Role.DEPARTMENT_MANAGER, recorded(role=Role.DEPARTMENT_MANAGER), None, False),
        (Role.DEPARTMENT_MANAGER, recorded(), Person("wang", NOW, "rep", "showroom"), False),
        (Role.DEPARTMENT_MANAGER, recorded(), Person("wang", NOW, "department_manager", "field"), False),
        (Role.DEPARTMENT_MANAGER, recorded(), Person("wang", NOW, "rep", "field"), True),
        (Role.REP, recorded(), None, False),
        (Role.OPS, recorded(), None, False),
    ],
)
def test_people_are_recorded_by_hr_and_reps_by_their_manager(
    role: Role, told: PersonRecorded, known: Person | None, allowed: bool
) -> None:
    """Never oneself, and a manager neither takes nor promotes anybody."""
    assert may_record_person(reader(role), told, known, ()).allowed == allowed


@pytest.mark.parametrize("role", [Role.HR, Role.GM, Role.DEPARTMENT_MANAGER])
def test_nobody_gets_anothers_rep_code(role: Role) -> None:
    """Whoever goes by a rep's code reads that rep's customers."""
    assert may_record_person(reader(role), recorded(), None, ["wang", "zhao"]).reason is Reason.CODE_TAKEN
    assert may_record_person(reader(role), recorded(), None, ["wang"]).allowed
