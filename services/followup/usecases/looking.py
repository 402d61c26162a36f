"""Look at one reminder and what was done with it, and at what may be done."""

from __future__ import annotations

from collections.abc import Sequence

from services.followup.domain.acts import Act
from services.followup.ports import Kept
from services.followup.usecases.acts import Hands, unknown_reminder
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy import Policy
from shared.policy.desk import DeskRules


class LookAtReminder:
    """Reads of one reminder."""

    def __init__(self, hands: Hands, policy: InForce[Policy]) -> None:
        self._hands = hands
        self._policy = policy

    async def __call__(self, who: Principal, reminder_id: str) -> tuple[Kept, Sequence[Act]]:
        """The reminder and its acts; NotPossibleError where `who` sees none of this id."""
        async with self._hands.desk.database.transaction() as tx:
            held = await self._hands.hold(tx, who, reminder_id)
        if not held.theirs:
            raise unknown_reminder()
        return held.kept, held.acts

    async def rules(self) -> DeskRules:
        """What the policy in force says of acts."""
        async with self._hands.desk.database.transaction() as tx:
            return (await self._policy(tx)).desk
