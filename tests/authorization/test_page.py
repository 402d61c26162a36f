"""The tables as they stand, and the page that is made of them."""

from __future__ import annotations

import pytest

from shared.roles import Role
from tests.authorization import tables
from tests.authorization.page import NAMES, PAGE, PARTS, page, sign


def test_the_page_is_as_the_tables_are() -> None:
    """Whoever changes a right changes the page that managers read: `python -m tests.authorization generate`."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("table", [part.table for part in PARTS])
def test_no_line_stands_twice(table: str) -> None:
    """Two lines on the same could say two things."""
    named = [(line.what, line.when) for line in tables.lines(table)]
    assert len(named) == len(set(named))


def test_every_role_has_a_column_and_every_cell_a_sign() -> None:
    """Eleven roles, by name in both languages; nothing on the page is a machine's word."""
    assert set(NAMES) == set(tables.ROLES) == set(Role)
    signs = {sign(cell) for part in PARTS for line in tables.lines(part.table) for cell in line.answers.values()}
    assert not {one for one in signs if "_" in one}
