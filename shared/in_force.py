"""The policy in force: kept in each service's own database, and read in every transaction that decides by it.

Whoever decides holds the row shared until commit, whoever activates holds it alone. So a transaction decides by one
policy, and nothing that was decided by the old one commits after the new one did.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog
from pydantic import ValidationError

from shared.clock import Clock
from shared.engine.model import Transaction
from shared.engine.postgres import Database
from shared.engine.queries import load_queries
from shared.policy.model import Policy
from shared.policy.reviving import revive

QUERIES = load_queries("shared.engine")
log = structlog.get_logger()

T = TypeVar("T")

InForce = Callable[[Transaction], Awaitable[T]]
"""What a use case asks at the beginning of its transaction: the policy, or what was made of it."""


class UnfitPolicyError(OSError):
    """The policy kept here does not fit this release; waited for as for a server, so that nothing is buried for it."""


class PolicyInForce:
    """What decides in this process; `given` is the file of the start, which decides until a policy is activated.

    `policy` is the one last seen, for what may lag two seconds behind: limits, timers, what is shown.
    """

    def __init__(self, given: Policy, clock: Clock) -> None:
        self.given = given
        self.policy = given
        self._clock = clock
        self._seen: tuple[int, str] | None = None

    @property
    def number(self) -> int:
        """The activation last seen; 0 before the first."""
        return 0 if self._seen is None else self._seen[0]

    async def __call__(self, tx: Transaction) -> Policy:
        """The policy that decides in `tx`; no activation commits before `tx` has ended."""
        seen = await tx.fetchrow(QUERIES["share_policy"])
        if self._seen != tuple(seen):
            await self._see(tx)
        return self.policy

    def latest(self) -> Policy:
        """The policy last seen."""
        return self.policy

    async def alone(self, tx: Transaction) -> Policy:
        """The policy in force, to be replaced by `put`: everybody who decides waits until `tx` has ended."""
        await tx.execute(QUERIES["lock_policy"])
        return await self(tx)

    async def put(self, tx: Transaction, number: int, policy: Policy) -> None:
        """Let another policy decide from the commit of `tx` on."""
        await tx.execute(QUERIES["put_policy_in_force"], number, policy.digest, as_text(policy))

    async def look(self, database: Database) -> None:
        """See what is in force, for those who read `policy`."""
        async with database.transaction() as tx:
            await self(tx)

    async def _see(self, tx: Transaction) -> None:
        number, digest, written = await tx.fetchrow(QUERIES["read_policy"])
        if written is None:
            self.policy, self._seen = self.given, (number, digest)
            return
        try:
            policy = revive(json.loads(written), self.given)
        except ValidationError as error:
            raise UnfitPolicyError(f"the policy in force does not fit this release: {error}") from error
        # By what it means now: a release that added something has another digest for the same words.
        if self._seen is None and policy.digest != self.given.digest:
            # Somebody may have edited the file and believe in it.
            log.warning("policy_file_set_aside", file=self.given.version, in_force=policy.version, activation=number)
        elif self._seen is not None:
            log.info("policy_in_force", version=policy.version, activation=number)
        self.policy, self._seen = policy, (number, digest)
        self._clock.zone = policy.zone


class Derived(Generic[T]):
    """What rules make of the policy, made once for each policy: an `InForce`."""

    def __init__(self, in_force: PolicyInForce, make: Callable[[Policy], T]) -> None:
        self._in_force = in_force
        self._make = make
        self._of = in_force.policy
        self._made = make(in_force.policy)

    @property
    def last(self) -> T:
        """What was made of the policy last seen, for who opens no transaction."""
        return self._renewed(self._in_force.policy)

    async def __call__(self, tx: Transaction) -> T:
        return self._renewed(await self._in_force(tx))

    def _renewed(self, policy: Policy) -> T:
        if policy is not self._of:
            self._of, self._made = policy, self._make(policy)
        return self._made


def as_text(policy: Policy) -> str:
    """The policy as `jsonb` takes it."""
    return json.dumps(policy.as_json(), ensure_ascii=False)
