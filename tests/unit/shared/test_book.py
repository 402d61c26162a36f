"""The managers' workbook on paper."""

from __future__ import annotations

from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from shared.book import CHART_ROWS, CHART_WIDTH, PAPER, REPEATED, ROW_HEIGHT, Page


@given(gaps=st.lists(st.integers(CHART_ROWS, 80), min_size=1, max_size=12), widths=st.lists(st.integers(5, 60)))
def test_no_chart_is_cut_in_two(gaps: list[int], widths: list[int]) -> None:
    """A page that begins where a break is said, or when the last one is full, holds each chart whole."""
    page = Page()
    for place, width in enumerate(widths or [30]):
        page.widen(place, width)
    rows = [4 + sum(gaps[:number]) for number in range(len(gaps))]
    page.charts += [(row, 6) for row in rows]
    across = max(
        sum(7 * width + 5 for width in widths or [30]),
        sum(7 * page.widths.get(place, 8.43) + 5 for place in range(6)) + CHART_WIDTH,
    )
    capacity = int(PAPER[1] / ROW_HEIGHT * max(1.0, across / PAPER[0]))
    begins = [0, *page.breaks()]
    for row in rows:
        begun = begins[bisect_right(begins, row) - 1]
        on_page = row - begun + (REPEATED if begun else 0)
        assert on_page + CHART_ROWS <= capacity
