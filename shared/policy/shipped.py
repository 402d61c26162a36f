"""Sections that came with a later release: a policy written before leaves them out, and has them as shipped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import Field

from shared.policy.document import read_document


def as_shipped(*names: str) -> Any:
    """The default of a section of the policy: what default.yaml says under `names`, one within the other.

    So a policy of an older release, in a file, in a database or in an event, means the same in every service, and no
    number of the business stands in code.
    """
    # Given as the file has it; the section's own type makes of it what it makes of a policy's file.
    return Field(default_factory=lambda: shipped(*names), validate_default=True)


def shipped(*names: str) -> Any:
    """The values of a section of default.yaml, as written."""
    values: Any = _sections()
    for name in names:
        values = values[name]
    return values


@cache
def _sections() -> dict[str, Any]:
    text = files("shared.policy").joinpath("default.yaml").read_text(encoding="utf-8")
    return dict(read_document(text).value)
