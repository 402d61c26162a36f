"""Parts of a file by their rank, and what may be taken out (A3, A5, N4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from services.customers.domain.access import (
    PARTS,
    FileKeeping,
    Grant,
    GrantsHeld,
    Reader,
    Reason,
    by_rank,
    horizon_of,
    may_copy,
    may_read,
    may_record_station,
    sees,
)
from shared.contracts.types import FileTier, Rank
from shared.policy import load_policy
from shared.policy.rights import PartRanks
from shared.roles import Role

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
FILES = load_policy(None).files
hours = st.integers(-2, 2).map(lambda number: NOW + timedelta(hours=number))
readers = st.builds(
    Reader, st.just("li"), st.sampled_from(list(Role)), st.sampled_from(["field", "shop", None]), st.just("rep-7"),
    st.sampled_from([True, True, False]),
)  # fmt: skip
keepings = st.builds(
    FileKeeping, st.just("C-1"), st.sampled_from(get_args(FileTier)), st.sampled_from(["rep-7", "rep-8", None]),
    st.sampled_from(["field", "shop", None]),
)  # fmt: skip
grants = st.builds(
    GrantsHeld,
    st.lists(
        st.builds(
            Grant,
            st.sampled_from(["g-1", "g-2"]),
            st.lists(st.sampled_from(["*", *PARTS]), max_size=3).map(tuple),
            hours,
            hours,
            st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    st.booleans(),
)
ranks = st.builds(PartRanks, **{part: st.sampled_from(get_args(Rank)) for part in PARTS})


@given(readers, keepings, grants, ranks)
def test_a_part_is_read_by_its_rank(reader: Reader, file: FileKeeping, held: GrantsHeld, sections: PartRanks) -> None:
    """Keepers read all; rank 3 opens to nobody else, rank 0 to whoever may know of the file, the others by a grant."""
    asked = may_read(reader, file, held, FILES.tiers, now=NOW)
    verdict = by_rank(asked, reader, file, sections)
    if asked.reason is Reason.UNASKED:
        assert verdict == asked
        return
    known = sees(horizon_of(reader), file)
    expected = {
        part
        for part in PARTS
        if (getattr(sections, part) == "unclassified" and known)
        or (part in asked.parts and getattr(sections, part) != "top_secret")
    }
    assert verdict.parts == expected
    assert verdict.allowed == bool(expected)
    assert (verdict.grant_id is not None) == any(getattr(sections, part) != "top_secret" for part in asked.parts)


@given(readers, keepings, grants, ranks)
def test_nothing_is_taken_out_that_is_not_read(
    reader: Reader, file: FileKeeping, held: GrantsHeld, sections: PartRanks
) -> None:
    """And only by a grant that says so and is believed, or by the roles of the policy where they read unasked."""
    reading = by_rank(may_read(reader, file, held, FILES.tiers, now=NOW), reader, file, sections)
    copy = may_copy(reader, reading, held, sections, FILES.copying, now=NOW)
    assert reading.allowed or not copy.allowed
    if copy.allowed and copy.grant_id is None:
        assert reader.role in FILES.copying
        assert copy == reading
    if copy.grant_id is not None:
        assert held.fresh
        assert any(
            g.grant_id == copy.grant_id and g.copy_allowed and g.not_before <= NOW < g.until for g in held.grants
        )
        assert copy.parts.isdisjoint(sections.ranked("top_secret"))


@given(readers, keepings, grants)
def test_as_shipped_every_part_takes_a_grant(reader: Reader, file: FileKeeping, held: GrantsHeld) -> None:
    """A1: customers' files are of rank 2, all of them: the ranks change nothing until the policy does."""
    verdict = may_read(reader, file, held, FILES.tiers, now=NOW)
    assert by_rank(verdict, reader, file, FILES.sections) == verdict


def test_stations_are_recorded_by_who_keeps_the_archive() -> None:
    """A3: whoever could call a shop a reading room would read there."""
    keepers = {role for role in Role if may_record_station(Reader("x", role, "d", "x")).allowed}
    assert keepers == {Role.GM, Role.GM_OFFICE_HEAD, Role.ARCHIVIST}
    assert not may_record_station(Reader("x", Role.GM, "d", "x", active=False)).allowed
