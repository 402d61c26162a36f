"""Copies of others' facts do not depend on what was told first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from services.customers.domain.copies import GrantCopy, Person, departed, recorded, revoked
from services.customers.domain.copies import given as grant_given
from shared.contracts.grants import GrantGiven, GrantRevoked
from shared.contracts.organisation import PersonDeparted, PersonRecorded

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
hours = st.integers(0, 3).map(lambda hour: NOON + timedelta(hours=hour))
records = st.builds(
    PersonRecorded,
    person=st.just("wang"),
    role=st.sampled_from(["rep", "department_manager"]),
    department=st.sampled_from(["field", None]),
    active=st.booleans(),
)
departures = st.builds(PersonDeparted, person=st.just("wang"), departed_at=hours)
tellings = st.lists(st.tuples(st.one_of(records, departures), hours), max_size=6)


def person(told: Sequence[tuple[PersonRecorded | PersonDeparted, datetime]]) -> Person:
    known = Person("wang")
    for data, at in told:
        known = recorded(known, data, at) if isinstance(data, PersonRecorded) else departed(known, data)
    return known


@given(st.data(), tellings)
def test_a_person_is_the_same_in_any_order_of_telling(
    data: st.DataObject, told: list[tuple[PersonRecorded | PersonDeparted, datetime]]
) -> None:
    """Records and departures, repeated and shuffled."""
    assert person(data.draw(st.permutations(told + told))) == person(told)


def test_a_departure_holds_until_a_later_record() -> None:
    """Somebody may come back; a record of before the departure does not bring them."""
    active = PersonRecorded(person="wang", role="rep", active=True)
    gone = PersonDeparted(person="wang", departed_at=NOON)
    assert not person([(gone, NOON)]).works_here()
    assert not person([(gone, NOON), (active, NOON)]).works_here()
    assert person([(gone, NOON), (active, NOON + timedelta(hours=1))]).works_here()


def test_a_revocation_holds_whenever_it_comes() -> None:
    """Before its grant, after it, and against the grant told again."""
    given_ = GrantGiven(
        grant_id="g-1", file="customer:C-1", person="wang", sections=("*",), copy_allowed=False, not_before=NOON,
        until=NOON + timedelta(hours=1), approved_by="gm",
    )  # fmt: skip
    gone = GrantRevoked(grant_id="g-1", file="customer:C-1", revoked_at=NOON, revoked_by="gm", reason="done")
    ends = set()
    told_of: list[GrantGiven | GrantRevoked] = [given_, given_, gone]
    for told in permutations(told_of):
        grant: GrantCopy | None = None
        for data in told:
            grant = grant_given(grant, data, NOON) if isinstance(data, GrantGiven) else revoked(grant, data)
        ends.add(grant)
    (end,) = ends
    assert end is not None
    assert (end.revoked_at, end.person) == (NOON, "wang")
