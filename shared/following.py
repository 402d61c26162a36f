"""The use case over `policy.v1`, alike in every service that did not write it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from shared.contracts.policy import PolicyActivated
from shared.engine.model import BatchHandler, Event, Outgoing, Refused, Subscription, Transaction
from shared.in_force import PolicyInForce
from shared.policy.model import Policy

Consequence = Callable[[Transaction, Policy, Policy], Awaitable[None]]
"""What a service does, in the transaction of the change, about what the policy before decided; then comes the new."""


async def nothing(tx: Transaction, before: Policy, after: Policy) -> None:
    """What was decided stays."""


@dataclass(slots=True)
class Succession:
    """The policy in force, and the newest activation of the batch where one is newer."""

    number: int
    before: Policy
    after: Policy | None = None


class FollowPolicy(BatchHandler):
    """Lets the newest activation decide, from the transaction that consumes it on."""

    def __init__(self, in_force: PolicyInForce, consequence: Consequence = nothing) -> None:
        self._in_force = in_force
        self._consequence = consequence

    async def load(self, tx: Transaction, events: Sequence[Event]) -> Succession:
        before = await (self._in_force.alone(tx) if events else self._in_force(tx))
        return Succession(self._in_force.number, before)

    def decide(self, work: Succession, event: Event, now: datetime) -> Sequence[Outgoing]:
        told: PolicyActivated = event.data
        if told.number is None:
            raise Refused("bad_data", "number: an activation without one cannot be put in order")
        try:
            policy = Policy.model_validate(told.policy)
        except ValidationError as error:
            # An older release cannot follow; after its upgrade the dead letter is replayed.
            raise Refused("unfit_policy", f"version {told.version} does not fit this release: {error}"[:500]) from None
        # A dead letter may be replayed after its successors.
        if told.number > work.number:
            work.number, work.after = told.number, policy
        return ()

    async def save(self, tx: Transaction, work: Succession) -> None:
        if work.after is not None:
            await self._in_force.put(tx, work.number, work.after)
            await self._consequence(tx, work.before, work.after)


def following(follow: FollowPolicy) -> Subscription:
    """The row of a service's table of contents."""
    return Subscription(topics=("policy.v1",), handler=follow, max_records=50)
