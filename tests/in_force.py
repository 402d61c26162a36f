"""The policy as tests give it to use cases: one that never changes."""

from __future__ import annotations

from typing import Any, TypeVar

from shared.in_force import InForce

T = TypeVar("T")


def always(made: T) -> InForce[T]:
    """What decides, whatever is activated."""

    async def in_force(tx: Any) -> T:
        return made

    return in_force
