"""Reading back a policy that an older release kept."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from shared.policy.model import Policy


def revive(kept: dict[str, Any], spare: Policy) -> Policy:
    """The policy kept as JSON; what this release added since is taken from `spare`, and nothing else is.

    Raises `ValidationError` when it does not fit otherwise.
    """
    try:
        return Policy.model_validate(kept)
    except ValidationError as error:
        document, parts = deepcopy(kept), spare.as_json()
        for finding in error.errors(include_url=False):
            if finding["type"] == "missing":
                _fill(document, parts, finding["loc"])
        return Policy.model_validate(document)


def _fill(document: Any, parts: Any, path: tuple[int | str, ...]) -> None:
    *folders, last = path
    for step in folders:
        if not _has(document, step) or not _has(parts, step):
            return
        document, parts = document[step], parts[step]
    if isinstance(document, dict) and _has(parts, last):
        document[last] = parts[last]


def _has(part: Any, step: int | str) -> bool:
    return step in part if isinstance(part, dict) else isinstance(part, list) and step in range(len(part))
