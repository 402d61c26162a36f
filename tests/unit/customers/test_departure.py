"""P6 as rules: to whom a leaver's customers go, and who may say so."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customers.domain.access import Reader
from services.customers.domain.copies import Person
from services.customers.domain.departure import (
    Evenly,
    Held,
    ToEach,
    ToOne,
    UnlawfulHandoverError,
    Way,
    may_let_go,
    names_of,
    share_out,
    stated_after,
)
from services.customers.domain.profile import Stated, news
from shared.roles import Role

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(days=9)
LEAVER = Person("ann", EARLIER, Role.REP, "field", None, "rep-1")
PEOPLE = (
    LEAVER,
    Person("bob", EARLIER, Role.REP, "field", None, "rep-2"),
    Person("eve", EARLIER, Role.REP, "field"),
    Person("gus", EARLIER, Role.REP, "field", departed_at=NOW),
    Person("ina", EARLIER, Role.REP, "field", active=False),
    Person("mia", EARLIER, Role.DEPARTMENT_MANAGER, "field"),
    Person("sid", EARLIER, Role.REP, "showroom"),
)
COLLEAGUES = {name: person for person in PEOPLE for name in names_of(person)}
ABLE = {"rep-2", "eve"}
names = st.sampled_from([*COLLEAGUES, "nobody"])
helds = st.dictionaries(st.integers(1, 30).map(lambda n: f"C-{n}"), st.integers(0, 99), max_size=20).map(
    lambda orders: [Held(customer, "rep-1", count) for customer, count in sorted(orders.items())]
)
ways: st.SearchStrategy[Way] = st.one_of(
    names.map(ToOne),
    st.dictionaries(st.integers(1, 30).map(lambda n: f"C-{n}"), names, max_size=30).map(ToEach),
    st.lists(names, max_size=4).map(tuple).map(Evenly),
)


@given(helds, ways)
def test_every_customer_goes_to_somebody_who_may_take_over_or_none_goes_at_all(held: list[Held], way: Way) -> None:
    """P6, whatever is asked: all of them, and only to reps of the department who are there; never to the leaver."""
    try:
        shares = share_out(held, way, COLLEAGUES, LEAVER)
    except UnlawfulHandoverError:
        return
    assert set(shares) == {customer.customer_id for customer in held}
    assert set(shares.values()) <= ABLE


@given(helds)
def test_an_even_share_is_even_in_numbers_and_in_trade(held: list[Held]) -> None:
    """Numbers differ by one at most; so do the shares of the larger customers, however many are looked at."""
    shares = share_out(held, Evenly(), COLLEAGUES, LEAVER)
    by_trade = sorted(held, key=lambda customer: (-customer.orders, customer.customer_id))
    for upto in range(1, len(by_trade) + 1):
        counts = Counter(dict.fromkeys(ABLE, 0))
        counts.update(shares[customer.customer_id] for customer in by_trade[:upto])
        assert max(counts.values()) - min(counts.values()) <= 1


def test_with_nobody_left_in_the_department_nothing_is_shared_out() -> None:
    """Said so, instead of leaving customers with nobody."""
    with pytest.raises(UnlawfulHandoverError, match="nobody_to_take_over"):
        share_out([], Evenly(), {"ann": LEAVER}, LEAVER)


@given(st.none() | st.datetimes(timezones=st.just(UTC)), st.text(max_size=5))
def test_a_hand_over_is_the_latest_word(known_at: datetime | None, value: str) -> None:
    """Whatever was stated, by whichever clock, the new holder's statement is news, and the old one is not."""
    known = None if known_at is None else Stated(min(known_at, datetime(9000, 1, 1, tzinfo=UTC)), value)
    told = stated_after(known, "rep-2", NOW)
    before = {} if known is None else {"rep": known}
    assert news(before, [("rep", told)]) == {"rep": told}
    assert known is None or news({"rep": told}, [("rep", known)]) == {}


@pytest.mark.parametrize("handing_over", [False, True])
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("who", ["ann", "rep-1", "zoe"])
@pytest.mark.parametrize("department", ["field", "showroom", None])
@pytest.mark.parametrize("active", [True, False])
def test_who_may_let_somebody_go(
    role: Role, who: str, department: str | None, handing_over: bool, active: bool
) -> None:
    """Every cell: the GM; the department's manager; human resources without handing over; nobody themselves."""
    reader = Reader(who, role, department, who, active=active)
    expected = (
        active
        and who == "zoe"
        and (
            role is Role.GM
            or (role is Role.HR and not handing_over)
            or (role is Role.DEPARTMENT_MANAGER and department == "field")
        )
    )
    assert may_let_go(reader, LEAVER, "ann", handing_over=handing_over).allowed is expected
    assert not may_let_go(reader, None, "ann", handing_over=handing_over).allowed
    manager = LEAVER._replace(role=Role.DEPARTMENT_MANAGER)
    if role is Role.DEPARTMENT_MANAGER:
        assert not may_let_go(reader, manager, "ann", handing_over=handing_over).allowed
