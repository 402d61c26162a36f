"""The one decision on a file: what leaves is never more than what is read (A1-A3, A5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from services.customers.domain.access import PARTS, FileKeeping, Grant, GrantsHeld, Reader, Reason
from services.customers.domain.opening import opened
from shared.contracts.types import FileTier
from shared.policy import load_policy
from shared.roles import Role

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = load_policy(None).files

readers = st.builds(
    Reader, st.just("li"), st.sampled_from(Role), st.sampled_from(["field", "showroom", None]), st.just("rep-7"),
    active=st.booleans(),
)  # fmt: skip
files = st.none() | st.builds(
    FileKeeping, st.just("C-1"), st.sampled_from(get_args(FileTier)), st.sampled_from(["rep-7", "rep-8", None]),
    st.sampled_from(["field", "showroom", None]),
)  # fmt: skip
grants = st.lists(
    st.builds(
        Grant, st.sampled_from(["g-1", "g-2", "g-3"]),
        st.lists(st.sampled_from([*PARTS, "*", "nothing"]), min_size=1).map(tuple),
        st.sampled_from([NOW - HOUR, NOW + HOUR]), st.sampled_from([NOW - HOUR / 2, NOW + 2 * HOUR]), st.booleans(),
    ), max_size=3, unique_by=lambda grant: grant.grant_id,
)  # fmt: skip
held = st.builds(GrantsHeld, grants.map(tuple), st.booleans())


@given(readers, files, held)
def test_only_what_is_read_leaves_and_by_a_grant_that_says_so(
    reader: Reader, file: FileKeeping | None, grants: GrantsHeld
) -> None:
    """A5, N4: by a live grant to copy, or in the hands of who reads unasked and copies by policy."""
    reading = opened(reader, file, grants, RULES, takes_out=False, now=NOW)
    taking = opened(reader, file, grants, RULES, takes_out=True, now=NOW)
    assert not taking.allowed or reading.allowed
    if taking.allowed and taking.grant_id is None:
        assert (taking.reason, reader.role in RULES.copying) == (Reason.UNASKED, True)
    elif taking.allowed:
        by = {grant.grant_id: grant for grant in grants.grants}[taking.grant_id or ""]
        assert by.copy_allowed
        assert by.not_before <= NOW < by.until
        assert taking.parts == by.opens()
        assert grants.fresh


@given(readers, files, held)
def test_what_stays_says_why(reader: Reader, file: FileKeeping | None, grants: GrantsHeld) -> None:
    """Who reads and does not copy is told to ask for a copy, or to come later; never that there is nothing."""
    reading = opened(reader, file, grants, RULES, takes_out=False, now=NOW)
    taking = opened(reader, file, grants, RULES, takes_out=True, now=NOW)
    if reading.allowed and not taking.allowed:
        assert taking.reason is (Reason.NO_COPY if grants.fresh else Reason.STALE_GRANTS)
    elif not reading.allowed:
        assert taking == reading
