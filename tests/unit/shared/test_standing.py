"""A token says who somebody is; the organisation says what they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.identity import Principal
from shared.roles import Role
from shared.standing import Standing, standing_as

roles = st.sampled_from(list(Role))
departments = st.sampled_from(["d1", "d2", None])
people = st.builds(Principal, st.just("li"), roles, departments, st.just("10.0.0.9"))
words = st.sampled_from([*map(str, Role), "chief_accountant", "unknown", None])


@given(people, words, departments)
def test_who_left_is_nobody_whatever_the_token_says(who: Principal, role: str | None, department: str | None) -> None:
    """P6."""
    assert standing_as(who, Standing(False, role, department)) is None


@given(people, words, departments)
def test_who_moved_is_what_the_organisation_says(who: Principal, role: str | None, department: str | None) -> None:
    """Whatever the token says of role and department; a word of the organisation's own contradicts no role."""
    now = Role(role) if role in set(Role) else who.role
    assert standing_as(who, Standing(True, role, department)) == Principal("li", now, department, "10.0.0.9")


@given(people)
def test_who_is_not_recorded_is_believed(who: Principal) -> None:
    """The order system, operators, and a company that tells nothing of its people."""
    assert standing_as(who, None) == who
