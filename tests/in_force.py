"""The policy as tests give it to use cases, and the event of another one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from shared.contracts.policy import PolicyActivated
from shared.engine.model import Event
from shared.in_force import InForce
from shared.policy import Policy

T = TypeVar("T")

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def always(made: T) -> InForce[T]:
    """What decides, whatever is activated."""

    async def in_force(tx: Any) -> T:
        return made

    return in_force


def activation(policy: Policy, number: int) -> PolicyActivated:
    """What scoring tells of an activation."""
    return PolicyActivated(
        version=policy.version,
        number=number,
        digest=policy.digest,
        activated_at=NOON,
        author="director-1",
        reason="because",
        policy=policy.as_json(),
    )


def activated(policy: Policy, number: int) -> Event:
    """The same as an event."""
    data = activation(policy, number)
    return Event(f"policy:{number}", "/tierline/scoring", "policy.activated", NOON, "", data, number)


def changed(policy: Policy, version: str, **words: Any) -> Policy:
    """The policy with other words: `cadences__contract__key__every={"days": 7}`."""
    document = policy.as_json() | {"version": version}
    for path, value in words.items():
        *folders, last = path.split("__")
        part = document
        for folder in folders:
            part = part[folder]
        part[last] = value
    return Policy.model_validate(document)
