"""Policies activated, rolled back and looked up: who, why, and each in one transaction with its audit entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from services.scoring.domain.succession import PolicyVersion, UnlawfulPolicyError, hindrances, restored
from services.scoring.ports import Desk, PolicyBook, Trail
from shared.audit import Deed
from shared.contracts.policy import PolicyActivated
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal
from shared.in_force import PolicyInForce
from shared.logs import current_traceparent
from shared.policy import Policy, WrittenPolicy
from shared.words import Text

log = structlog.get_logger()

FIRST_AUTHOR = "tierline"
FIRST_REASON = "the file given at the first start / 首次启动时的政策文件"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants in force and why; `replaces` is the version that they saw in force when they decided."""

    reason: str
    replaces: str | None = None


class KeepPolicies:
    """One policy follows another. Its levels follow by themselves: whoever decides next decides under it."""

    def __init__(self, *, desk: Desk, book: PolicyBook, trail: Trail, in_force: PolicyInForce, given: str) -> None:
        self._desk = desk
        self._book = book
        self._trail = trail
        self._in_force = in_force
        self._given = WrittenPolicy(given, in_force.given)
        self._has_begun = False

    async def begin(self) -> None:
        """The first start: the file given then is the first version, for everybody."""
        if self._has_begun:
            return
        async with self._desk.database.transaction() as tx:
            await self._in_force.alone(tx)
            if await self._book.latest(tx) is None:
                now = self._desk.clock.now()
                await self._put(tx, PolicyVersion(1, self._given, None, now, FIRST_AUTHOR, None, FIRST_REASON))
        self._has_begun = True

    async def current(self) -> PolicyVersion:
        """The version that decides."""
        await self.begin()
        async with self._desk.database.transaction() as tx:
            return await self._latest(tx)

    async def find(self, version: str) -> PolicyVersion | None:
        """A version by its name or number."""
        await self.begin()
        async with self._desk.database.transaction() as tx:
            return await self._book.find(tx, version)

    async def page(self, before: int | None, limit: int) -> Sequence[PolicyVersion]:
        """Versions, newest first."""
        await self.begin()
        async with self._desk.database.transaction() as tx:
            return await self._book.page(tx, before, limit)

    async def activate(self, who: Principal, content: WrittenPolicy, wish: Wish) -> PolicyVersion:
        """Let `content` decide from now on; `UnlawfulPolicyError` where it may not, or another came first."""
        seen = await self._seen(wish)
        async with self._desk.database.transaction() as tx:
            current = await self._lock(tx, seen)
            if content.policy.digest == current.content.policy.digest:
                raise UnlawfulPolicyError(
                    "in_force_already",
                    Text(
                        en=f"{current.version} is in force already, word for word", zh=f"{current.version} 正在执行中"
                    ),
                )
            if await self._is_taken(tx, content.policy):
                raise version_taken(content.policy.version)
            return await self._succeed(tx, who, current, content, None, wish)

    async def roll_back(self, who: Principal, version: str, wish: Wish) -> PolicyVersion:
        """Let the content of an old version decide again, under a version of its own."""
        seen = await self._seen(wish)
        async with self._desk.database.transaction() as tx:
            current = await self._lock(tx, seen)
            old = await self._book.find(tx, version)
            if old is None:
                raise UnlawfulPolicyError(
                    "unknown_version",
                    Text(en=f"there was no version {version}", zh=f"没有版本 {version}"),
                )
            if old.number == current.number:
                raise UnlawfulPolicyError(
                    "in_force_already",
                    Text(en=f"{old.version} is in force already", zh=f"{old.version} 正在执行中"),
                )
            content = restored(old.content, current.number + 1)
            if await self._is_taken(tx, content.policy):
                raise version_taken(content.policy.version)
            return await self._succeed(tx, who, current, content, old.version, wish)

    async def _seen(self, wish: Wish) -> str:
        """The version that the wish is about to replace, as known before anybody is made to wait."""
        return wish.replaces or (await self.current()).version

    async def _lock(self, tx: Transaction, seen: str) -> PolicyVersion:
        await self._in_force.alone(tx)
        current = await self._latest(tx)
        if seen not in (current.version, str(current.number)):
            raise UnlawfulPolicyError(
                "another_came_first",
                Text(
                    en=f"{current.version} is in force now, not {seen}: look at it, and decide again",
                    zh=f"现行版本是 {current.version} 而不是 {seen}：请先查看，再决定",
                ),
            )
        return current

    async def _latest(self, tx: Transaction) -> PolicyVersion:
        latest = await self._book.latest(tx)
        if latest is None:
            raise RuntimeError("the first policy is kept before anybody asks for it")
        return latest

    async def _is_taken(self, tx: Transaction, policy: Policy) -> bool:
        known = await self._book.find(tx, policy.version)
        return known is not None and known.version == policy.version

    async def _succeed(  # noqa: PLR0913, PLR0917 - who puts what in place of what, and why
        self,
        tx: Transaction,
        who: Principal,
        current: PolicyVersion,
        content: WrittenPolicy,
        restores: str | None,
        wish: Wish,
    ) -> PolicyVersion:
        why = tuple(hindrances(current.content.policy, content.policy, self._desk.clock.today()))
        if why:
            raise UnlawfulPolicyError("not_over_this_data", *why)
        now = self._desk.clock.now()
        version = PolicyVersion(current.number + 1, content, restores, now, who.person, str(who.role), wish.reason)
        await self._put(tx, version)
        action = "policy.activated" if restores is None else "policy.rolled_back"
        deed = Deed("decision.made", action, f"policy:{version.version}", reason=wish.reason)
        await self._trail.append(tx, who, deed)
        return version

    async def _put(self, tx: Transaction, version: PolicyVersion) -> None:
        policy = version.content.policy
        await self._book.add(tx, version)
        await self._in_force.put(tx, version.number, policy)
        told = PolicyActivated(
            version=policy.version,
            number=version.number,
            digest=policy.digest,
            activated_at=version.activated_at,
            author=version.author,
            reason=version.reason,
            policy=policy.as_json(),
        )
        event_id = f"policy:{version.number}"
        outgoing = Outgoing("policy.v1", "policy", "policy.activated", event_id, told, trace=current_traceparent())
        await self._desk.outbox.append(tx, [outgoing], now=version.activated_at)
        log.info("policy_activated", version=policy.version, activation=version.number, author=version.author)


def version_taken(version: str) -> UnlawfulPolicyError:
    """Decisions carry the version: two contents of one name could not be told apart."""
    return UnlawfulPolicyError(
        "version_taken",
        Text(
            en=f"there was a version {version} before: name this one otherwise, or roll back to that one",
            zh=f"已有版本 {version}：请改用新的版本号，或回退到该版本",
        ),
    )
