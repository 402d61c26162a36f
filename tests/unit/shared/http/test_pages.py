"""Lists in pages, and cursors that nobody can forge."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http import PageParams, Problem
from shared.http.pages import decode_cursor, encode_cursor
from tests.unit.shared.http.knocking import GM


@pytest.mark.parametrize("limit", [1, 7, 24, 25, 26, 1000])
async def test_pages_cover_the_list_once(client: httpx.AsyncClient, limit: int) -> None:
    """Following `next` gives every item once, in order, and ends."""
    seen: list[int] = []
    cursor = None
    while True:
        query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/numbers", headers=GM, params=query)).json()
        assert len(page["items"]) <= limit
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == list(range(1, 26))


parts = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
)


@given(st.lists(parts, min_size=1, max_size=4))
def test_cursors_come_back_as_they_went(position: list[int | str]) -> None:
    """Any key survives, Chinese names and large numbers too."""
    assert decode_cursor(encode_cursor(position)) == tuple(position)


@given(st.text(max_size=60))
def test_no_text_breaks_the_cursor(cursor: str) -> None:
    """Whatever comes as a cursor is a place that encodes again, or a problem."""
    try:
        position = decode_cursor(cursor)
    except Problem:
        return
    assert decode_cursor(encode_cursor(position)) == position


@pytest.mark.parametrize("part", ["\x00", "\ud800", 2**63, -(2**63) - 1, True, None, 1.5, ["a"]])
def test_a_forged_cursor_never_reaches_the_database(part: Any) -> None:
    """What PostgreSQL would refuse is refused here."""
    forged = base64.urlsafe_b64encode(json.dumps([part]).encode()).decode()
    with pytest.raises(Problem) as refused:
        decode_cursor(forged)
    assert (refused.value.status, refused.value.code) == (400, "bad_cursor")


@pytest.mark.parametrize(
    "place",
    [
        ["x", "y"],
        ["2026-03-02", "y"],
        ["2026-03-02T10:00:00", "y"],
        ["0001-01-01T00:00:00+14:00", "y"],
        ["y"],
        [1, "y"],
    ],
)
def test_a_cursor_of_another_list_is_no_moment(place: list[str | int]) -> None:
    """Refused, not tried; the list's own comes back as it was given, also the first hours of 1990 in UTC."""
    with pytest.raises(Problem) as refused:
        _ = PageParams(10, decode_cursor(encode_cursor(place))).after_moment
    assert (refused.value.status, refused.value.code) == (400, "bad_cursor")
    own = datetime(1989, 12, 31, 16, tzinfo=UTC)
    assert PageParams(10, (own.isoformat(), "y")).after_moment == (own, "y")
    assert PageParams(10).after_moment is None


@pytest.mark.parametrize("place", [["x", "y"], ["2026-02-30", "y"], ["y"], [1, "y"]])
def test_a_cursor_of_another_list_is_no_day(place: list[str | int]) -> None:
    """The same, of lists by days."""
    with pytest.raises(Problem) as refused:
        _ = PageParams(10, decode_cursor(encode_cursor(place))).after_day
    assert (refused.value.status, refused.value.code) == (400, "bad_cursor")
    assert PageParams(10, ("2026-03-02", "y")).after_day == (date(2026, 3, 2), "y")
    assert PageParams(10).after_day is None
