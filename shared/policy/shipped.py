"""Sections that came with a later release: a policy written before leaves them out, and has them as shipped."""

from __future__ import annotations

from functools import cache, reduce
from importlib.resources import files
from operator import getitem
from typing import Any

from pydantic import Field

from shared.policy.document import read_document


def as_shipped(*path: str) -> Any:
    """The default of a part of the policy: what default.yaml says at `path`, from the section's name downwards.

    So a policy of an older release, in a file, in a database or in an event, means the same in every service, and no
    number of the business stands in code.
    """
    # Given as the file has it; the part's own type makes of it what it makes of a policy's file.
    return Field(default_factory=lambda: shipped(*path), validate_default=True)


def shipped(*path: str) -> Any:
    """The values at a place of default.yaml, as written."""
    return reduce(getitem, path, _document())


@cache
def _document() -> dict[str, Any]:
    text = files("shared.policy").joinpath("default.yaml").read_text(encoding="utf-8")
    return dict(read_document(text).value)
