"""Types of our own in pydantic's hands."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import pytest
from pydantic import TypeAdapter

from shared.contracts import types

KINDS = [name for name, kind in vars(types).items() if any(isinstance(m, types._Spelling) for m in get_args(kind)[1:])]


@pytest.mark.parametrize("name", KINDS)
def test_a_use_leaves_nothing_behind_in_a_type(name: str) -> None:
    """pydantic notes in what it is given who uses it: in what all uses share, the notes would grow for ever."""
    kind: Any = getattr(types, name)
    (spelling,) = (each for each in get_args(kind)[1:] if isinstance(each, types._Spelling))
    before = dict(spelling.core)
    TypeAdapter(Annotated[kind, "one use"]).json_schema()
    TypeAdapter(Annotated[kind, "another"]).json_schema()
    assert dict(spelling.core) == before
    assert "metadata" not in spelling.core


def test_there_are_such_types() -> None:
    """Else the test above would have nothing to look at."""
    assert {"Identifier", "Amount"} <= set(KINDS)
