"""A1-A4 as properties: nobody decides on their own, no step is skipped, no grant comes without its chain."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, get_args

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from services.archive.domain import requests, steps
from services.archive.domain.deciders import Bench, Decider, Staff
from services.archive.domain.delegations import Delegation, Scope
from services.archive.domain.files import CustomerFile, Record, Section
from services.archive.domain.grants import grant_of
from services.archive.domain.people import Person, UnlawfulError
from services.archive.domain.requests import Request, Standing, Wish
from services.archive.domain.steps import Subject
from shared.contracts.types import FileTier, Rank
from shared.policy import load_policy
from shared.roles import Role

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
POLICY = load_policy(None)
NAMES = [f"p{number}" for number in range(8)]
DEPARTMENTS = st.sampled_from(["d1", "d2", None])
PEOPLE_ROLES = [role for role in Role if role is not Role.ORDER_SYSTEM]


@st.composite
def staffs(draw: st.DrawFn) -> Staff:
    """Some people of any roles, managed by anybody, themselves included; some have left."""
    people = {
        name: Person(
            name,
            draw(st.sampled_from(PEOPLE_ROLES)),
            draw(DEPARTMENTS),
            draw(st.sampled_from([*NAMES, None])),
            active=draw(st.integers(0, 9)) > 0,
            as_of=NOW,
        )
        for name in draw(st.sets(st.sampled_from(NAMES), min_size=2))
    }
    return Staff(people)


subjects = st.one_of(
    st.builds(
        Subject,
        st.just("customer:C-1"),
        st.sampled_from(get_args(FileTier)),
        st.just("secret"),
        DEPARTMENTS,
        st.just(("*",)),
    ),
    st.builds(
        Subject,
        st.just("record:R-1"),
        st.none(),
        st.sampled_from(["secret", "confidential", "unclassified"]),
        DEPARTMENTS,
        st.just(("*",)),
    ),
)
scopes = st.builds(
    Scope,
    st.lists(st.sampled_from(get_args(FileTier)), max_size=3).map(tuple),
    st.lists(st.sampled_from(get_args(Rank)), max_size=4).map(tuple),
    st.sampled_from([None, "customer:C-1", "record:R-1"]),
)
delegations = st.builds(
    Delegation,
    st.sampled_from(["d-1", "d-2", "d-3"]),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    scopes,
    st.sampled_from([NOW - timedelta(days=1), NOW + timedelta(hours=1)]),
    st.sampled_from([NOW, NOW + timedelta(days=1)]),
    st.just("away"),
    st.just(NOW - timedelta(days=1)),
    st.sampled_from([None, NOW]),
)


def request_of(asker: Person, subject: Subject) -> Request:
    wish = Wish(subject.file, ("*",), copy_allowed=False, original=False, purpose="x", not_before=None,
                until=NOW + timedelta(days=9))  # fmt: skip
    chain = steps.chain_of(subject, asker, POLICY)
    return Request("r", asker.person, asker.role, asker.department, wish, subject, chain, NOW, POLICY.version)


class Try(NamedTuple):
    """Somebody tries a step: one who may, where there is one and it is `fit`, else anybody any step."""

    fit: bool
    by: int
    step: int
    approved: bool


attempts = st.lists(
    st.builds(
        Try,
        st.booleans(),
        st.integers(0, len(NAMES) - 1),
        st.integers(1, 6),
        st.integers(0, 19).map(lambda n: n > 0),
    ),
    max_size=40,
)


@settings(max_examples=400)
@given(staff=staffs(), subject=subjects, held=st.lists(delegations, max_size=3), tries=attempts, data=st.data())
def test_no_grant_comes_without_its_chain_and_nobody_decides_on_their_own(
    staff: Staff, subject: Subject, held: list[Delegation], tries: list[Try], data: Any
) -> None:
    """Whoever tries whatever: each step is taken once, in order, by one who may, and the end follows from them."""
    asker = staff.people[data.draw(st.sampled_from(sorted(staff.people)))]
    if asker.manager is None and asker.role != Role.GM:
        with pytest.raises(UnlawfulError, match="no_manager"):
            request_of(asker, subject)
        return
    standing = Standing(request_of(asker, subject))
    chain = standing.request.steps
    assert [step.act for step in chain][-2:] == ["approve", "release"]
    assert [step.number for step in chain] == list(range(1, len(chain) + 1))
    bench = Bench(staff, held, POLICY.consulting, NOW)
    for one in tries:
        step = standing.step
        able = () if step is None else bench.deciders(step, asker.person, subject, standing.barred(step))
        # An asker's own word counts nowhere, neither directly nor through whom they delegated to.
        assert all(asker.person not in {decider.person, decider.on_behalf_of} for decider in able)
        assert all(staff.people[decider.person].active for decider in able)
        fit = one.fit and step is not None and len(able) > 0
        by = able[one.by % len(able)].person if fit else NAMES[one.by]
        number = step.number if fit and step is not None else one.step
        with suppress(UnlawfulError):
            decision = requests.decide(
                standing, number, able, by, approved=one.approved, reason="x", way="api", now=NOW
            )
            standing = requests.after(standing, decision)
    decided = standing.decisions
    assert [decision.step for decision in decided] == list(range(1, len(decided) + 1))
    assert all(decision.approved for decision in decided[:-1])
    assert all(asker.person not in {decision.decided_by, decision.on_behalf_of} for decision in decided)
    complete = len(decided) == len(chain) and all(decision.approved for decision in decided)
    assert (standing.state == "released") == complete
    opening = steps.opening_of(subject, POLICY)
    event("released" if complete else "not released")
    if not complete:
        with pytest.raises(UnlawfulError):
            grant_of(standing, opening, grant_id="g", now=NOW)
        return
    grant = grant_of(standing, opening, grant_id="g", now=NOW)
    assert grant.person == asker.person
    assert len({grant.person, grant.approved_by, grant.given_by}) == 3
    assert grant.until - grant.not_before <= timedelta(hours=opening.hours)
    if subject.rank == "confidential" and subject.tier is None:
        assert grant.until - grant.not_before <= timedelta(hours=4)
    assert grant.reading_room == (subject.tier is None and subject.rank == "secret")


@given(staff=staffs(), subject=subjects, held=st.lists(delegations, max_size=3))
def test_a_delegate_decides_only_while_and_for_what_it_was_written(
    staff: Staff, subject: Subject, held: list[Delegation]
) -> None:
    """A4: each who decides for another does so by a delegation that holds now, covers this, and was that other's."""
    asker = next(iter(staff.people.values()))
    with suppress(UnlawfulError):
        bench = Bench(staff, held, POLICY.consulting, NOW)
        for step in steps.chain_of(subject, asker, POLICY):
            for decider in bench.deciders(step, asker.person, subject):
                if decider.on_behalf_of is None:
                    continue
                by = [d for d in held if d.delegation_id == decider.delegation_id and d.giver == decider.on_behalf_of]
                assert any(d.delegate == decider.person and d.holds(subject, NOW) for d in by)
                assert decider.role in POLICY.consulting.delegation.to


def record(rank: Rank, *sections: Section) -> Record:
    return Record("R-1", "Minutes", rank, "d1", "minutes", None, "an", NOW, sections, None, 0, None)


GM = Person("boss", "gm", None, None, active=True, as_of=NOW)
HEAD = Person("he", "gm_office_head", None, "boss", active=True, as_of=NOW)


def test_the_most_secret_section_asked_for_decides() -> None:
    """A3: the whole is what may be consulted of it; what may not even be known of is not there."""
    mixed = record("unclassified", Section("a", "unclassified"), Section("b", "secret"), Section("c", "top_secret"))
    whole = steps.of_record(mixed, ("*",), GM, POLICY)
    assert whole is not None
    assert (whole.rank, whole.sections) == ("secret", ("a", "b"))
    part = steps.of_record(mixed, ("a",), GM, POLICY)
    assert part is not None
    assert part.rank == "unclassified"
    for asker, sections, code in ((GM, ("c",), "never_consulted"), (HEAD, ("c",), "unknown_section")):
        with pytest.raises(UnlawfulError) as refused:
            steps.of_record(mixed, sections, asker, POLICY)
        assert refused.value.code == code
    assert steps.of_record(record("top_secret"), ("*",), HEAD, POLICY) is None


@pytest.mark.parametrize("tier", get_args(FileTier))
def test_a_customers_chain_is_signature_consents_approval_release(tier: FileTier) -> None:
    """A1, A2: by tier; the consent of a department's manager is that of the file's department."""
    asker = Person("qi", "rep", "d2", "bao", active=True, as_of=NOW)
    subject = steps.of_customer(CustomerFile("customer:C-1", tier, "d1", "li"), ("*",), POLICY)
    chain = steps.chain_of(subject, asker, POLICY)
    consents = {"company": 1, "department": 2, "personal": 1}[tier]
    assert [step.act for step in chain] == ["sign", *["consent"] * consents, "approve", "release"]
    managers = [step for step in chain if step.act == "consent" and Role.DEPARTMENT_MANAGER in step.roles]
    assert all(step.department == "d1" for step in managers)


def test_the_gms_own_request_is_not_decided_by_his_delegate_for_him() -> None:
    """A4 delegates approvals, not one's own cause: the deputy decides as the stand-in that the policy names."""
    deputy = Person("fu", "deputy_gm", None, "boss", active=True, as_of=NOW)
    subject = Subject("record:R-1", None, "secret", None, ("*",))
    written = Delegation("d-1", "boss", "fu", Scope(ranks=("secret",)), NOW, NOW + timedelta(days=1), "away", NOW)
    bench = Bench(Staff({"boss": GM, "fu": deputy}), [written], POLICY.consulting, NOW)
    approve = steps.Step(1, "approve", (Role.GM,))
    (own,) = bench.deciders(approve, "boss", subject)
    assert (own.person, own.on_behalf_of, own.stands_in) == ("fu", None, True)
    (other, delegate) = bench.deciders(approve, "somebody", subject)
    assert (other.person, delegate.person, delegate.on_behalf_of) == ("boss", "fu", "boss")


def test_a_decision_meant_for_another_step_is_not_taken_for_this_one() -> None:
    """Somebody decided meanwhile: what one read was another question."""
    standing = Standing(request_of(GM, Subject("record:R-1", None, "confidential", None, ("*",))))
    with pytest.raises(UnlawfulError, match="another_step"):
        requests.decide(standing, 2, [Decider("fu", "deputy_gm")], "fu", approved=True, reason="x", way="api", now=NOW)
