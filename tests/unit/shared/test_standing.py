"""A token says who and in which role; the organisation says whether that is still so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import Principal
from shared.roles import Role
from shared.standing import NotStandingError, Standing, standing_as

roles = st.sampled_from(list(Role))
departments = st.sampled_from(["d1", "d2", None])
people = st.builds(Principal, st.just("li"), roles, departments, st.just("10.0.0.9"))
words = st.sampled_from([*map(str, Role), "chief_accountant", "unknown", None])


@given(people, words, departments)
def test_who_left_is_nobody_whatever_the_token_says(who: Principal, role: str | None, department: str | None) -> None:
    """P6."""
    with pytest.raises(NotStandingError) as refused:
        standing_as(who, Standing(False, role, department))
    assert refused.value.code == "left_the_company"


@given(people, words, departments)
def test_a_token_of_another_role_than_the_recorded_one_opens_nothing(
    who: Principal, role: str | None, department: str | None
) -> None:
    """Neither what it says nor what its holder may do now; a word of the organisation's own contradicts no role."""
    recorded = Standing(True, role, department)
    if role in set(Role) and role != who.role:
        with pytest.raises(NotStandingError) as refused:
            standing_as(who, recorded)
        assert refused.value.code == "role_changed"
    else:
        assert standing_as(who, recorded) == Principal("li", who.role, department, "10.0.0.9")


@given(people)
def test_who_is_not_recorded_is_believed(who: Principal) -> None:
    """The order system, operators, and a company that tells nothing of its people."""
    assert standing_as(who, None) == who
