"""`policy.v1` (compacted): the active policy, whole; one constant key, so that the newest alone remains."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, JsonValue
from pydantic_core import PydanticCustomError

from shared.contracts.types import EventData, Identifier, Instant, Text


def _sorted_deep(value: JsonValue) -> JsonValue:
    if isinstance(value, float) and not isfinite(value):
        raise PydanticCustomError("finite_number", "must hold finite numbers only")
    if isinstance(value, dict):
        return {name: _sorted_deep(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_sorted_deep(item) for item in value]
    return value


def _canonical(policy: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: _sorted_deep(policy[name]) for name in sorted(policy)}


PolicyBody = Annotated[dict[str, JsonValue], AfterValidator(_canonical)]
"""The policy's file as JSON, decimals as strings; sorted so that the order of keys never changes a digest."""


class PolicyActivated(EventData):
    """From now on this policy decides; `digest` is that of its content, `number` counts the activations from 1."""

    moment_field: ClassVar[str | None] = "activated_at"

    version: Identifier
    number: Annotated[int, Field(strict=True, ge=1, lt=2**63)] | None = None
    digest: Identifier
    activated_at: Instant
    author: Identifier
    reason: Text
    policy: PolicyBody
