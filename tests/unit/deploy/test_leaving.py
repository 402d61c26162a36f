"""`tierline leaving depart`: to whom the customers go, as it is typed."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.cli.leaving import receivers
from deploy.failure import Failure


@pytest.mark.parametrize(
    ("to", "each", "even", "among", "expected"),
    [
        (None, None, False, None, None),
        ("bob", None, False, None, {"rep": "bob"}),
        (None, ["C-1=bob", "a=b=eve"], False, None, {"customers": {"C-1": "bob", "a=b": "eve"}}),
        (None, None, True, None, {"even": []}),
        (None, None, True, ["bob", "eve"], {"even": ["bob", "eve"]}),
    ],
)
def test_one_way_of_handing_over(to: Any, each: Any, even: bool, among: Any, expected: Any) -> None:
    """Nothing said leaves it to the manager."""
    assert receivers(to, each, even=even, among=among) == expected


@pytest.mark.parametrize(
    ("to", "each", "even", "among"),
    [
        ("bob", None, True, None),
        ("bob", ["C-1=eve"], False, None),
        (None, None, False, ["bob"]),
        (None, ["C-1"], False, None),
        (None, ["=bob"], False, None),
    ],
)
def test_two_ways_at_once_are_refused(to: Any, each: Any, even: bool, among: Any) -> None:
    """Whoever means one of them says which."""
    with pytest.raises(Failure):
        receivers(to, each, even=even, among=among)
