"""A4: a GM who is away delegates in writing, for what and until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.archive.domain.people import Person, UnlawfulError
from services.archive.domain.steps import Subject
from shared.called import role_names
from shared.contracts.types import FileTier, Rank
from shared.policy.consulting import Delegating
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Scope:
    """What is delegated: customers' files of `tiers`, records of `ranks`, or one file. Nothing named is nothing."""

    tiers: tuple[FileTier, ...] = ()
    ranks: tuple[Rank, ...] = ()
    file: str | None = None

    def covers(self, subject: Subject) -> bool:
        """Whether a request for this is within."""
        if subject.file == self.file:
            return True
        return subject.rank in self.ranks if subject.tier is None else subject.tier in self.tiers


@dataclass(frozen=True, slots=True)
class Delegation:
    """`delegate` decides for `giver` within `scope` in [`not_before`, `until`); `text` is what was written."""

    delegation_id: str
    giver: str
    delegate: str
    scope: Scope
    not_before: datetime
    until: datetime
    text: str
    given_at: datetime
    revoked_at: datetime | None = None

    def holds(self, subject: Subject, now: datetime) -> bool:
        """Whether it counts for a decision on `subject` taken now."""
        return self.revoked_at is None and self.not_before <= now < self.until and self.scope.covers(subject)


def check_delegation(wanted: Delegation, people: Collection[Person], rules: Delegating) -> None:
    """Allow a delegation (A4), or raise `UnlawfulError`."""
    roles = {person.person: person.role for person in people if person.active}
    by, to = role_names(rules.by), role_names(rules.to)
    if wanted.giver == wanted.delegate:
        raise UnlawfulError("own_delegate", Text(zh="不能委托给自己", en="nobody delegates to themselves"))
    if roles.get(wanted.giver) not in rules.by:
        raise UnlawfulError(
            "not_delegating",
            Text(zh=f"只有{by.zh}可以委托", en=f"only these may delegate: {by.en}"),
        )
    if roles.get(wanted.delegate) not in rules.to:
        raise UnlawfulError(
            "no_delegate",
            Text(zh=f"只能委托给在职的{to.zh}", en=f"a delegate works here as: {to.en}"),
        )
    if not (wanted.scope.tiers or wanted.scope.ranks or wanted.scope.file):
        raise UnlawfulError(
            "no_scope", Text(zh="须写明委托事项：档案层级、密级或某一档案", en="say for what: tiers, ranks or one file")
        )
    if wanted.until <= max(wanted.not_before, wanted.given_at):
        raise UnlawfulError(
            "ended_before_it_began",
            Text(zh="委托的截止时间须晚于现在和起始时间", en="a delegation must end after now and after it begins"),
        )
    if wanted.until > wanted.not_before + timedelta(days=rules.longest_days):
        raise UnlawfulError(
            "too_long",
            Text(zh=f"委托最长 {rules.longest_days} 天", en=f"a delegation lasts at most {rules.longest_days} days"),
        )
