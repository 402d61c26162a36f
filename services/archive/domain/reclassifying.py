"""A record comes to another rank, department or class (A3): raised by one person, lowered by two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, NamedTuple

from services.archive.domain.deciders import Decider
from services.archive.domain.files import RANKS, Record, record_file
from services.archive.domain.people import Acting, UnlawfulError
from services.archive.domain.records import retained
from services.archive.domain.retention import later
from services.archive.domain.steps import Subject
from shared.contracts.types import Rank
from shared.policy.records import RetentionClass
from shared.policy.rights import Files
from shared.roles import Role
from shared.words import Text

End = Literal["agreed", "refused", "withdrawn"]


class Place(NamedTuple):
    """Where a record stands: what decides who knows of it, who reads it, and how long it is kept."""

    rank: Rank
    department: str | None
    record_class: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants changed; None is left as it is."""

    rank: Rank | None = None
    department: str | None = None
    record_class: str | None = None


class Ending(NamedTuple):
    """What became of a change, by whose word; `on_behalf_of` by a delegation (A4)."""

    ended: End
    decided_by: str
    role: str
    decided_at: datetime
    reason: str
    on_behalf_of: str | None = None
    delegation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a record's place as it was asked for; in force once it is `agreed`, waiting while nothing ended it.

    `retain_until` is what the class that it comes to promises, None for ever; never less than was promised before.
    """

    change_id: str
    record: str
    old: Place
    new: Place
    retain_until: date | None
    requested_by: str
    requested_at: datetime
    reason: str
    ending: Ending | None = None

    @property
    def raises(self) -> bool:
        """Whether it opens the record to nobody: a rank that is not lower, in the same department."""
        return RANKS.index(self.new.rank) >= RANKS.index(self.old.rank) and self.new.department == self.old.department

    @property
    def closes(self) -> bool:
        """Whether what was approved for the rank before is not approved for the one that it comes to."""
        return RANKS.index(self.new.rank) > RANKS.index(self.old.rank)


def place_of(record: Record) -> Place:
    return Place(record.rank, record.department, record.record_class)


def refuse_strangers(record: Record, by: Acting, department: str | None) -> None:
    """Raise for whoever is neither the archivist nor the manager of the record's department (`department`: theirs)."""
    manages = by.role is Role.DEPARTMENT_MANAGER and record.department is not None and record.department == department
    if by.role is not Role.ARCHIVIST and not manages:
        raise UnlawfulError(
            "not_yours",
            Text(
                zh="改变档案密级、部门或类别，由档案管理员或该部门经理提出",
                en="the archivist, or the manager of its department, asks for a record to be reclassified",
            ),
        )


def propose(  # noqa: PLR0913 - each is a different thing, and all are needed to decide
    record: Record, wish: Wish, *, change_id: str, by: Acting, department: str | None,
    classes: Mapping[str, RetentionClass], filed_on: date, now: datetime, reason: str,
) -> Change:  # fmt: skip
    """The change that somebody asks for; `UnlawfulError` (`not_yours`, `destroyed`, `nothing_changes`, …)."""
    refuse_strangers(record, by, department)
    if record.destroyed_at is not None:
        raise UnlawfulError("destroyed", Text(zh="该档案已销毁", en="the record has been destroyed"))
    old = place_of(record)
    new = Place(wish.rank or old.rank, wish.department or old.department, wish.record_class or old.record_class)
    if new == old:
        raise UnlawfulError("nothing_changes", Text(zh="与现状相同，无可更改", en="that is how it stands already"))
    until = record.retain_until
    if new.record_class != old.record_class:
        until = _kept_as(new.record_class, record, classes, filed_on)
    return Change(change_id, record.record, old, new, until, by.person, now, reason)


def _kept_as(record_class: str, record: Record, classes: Mapping[str, RetentionClass], filed_on: date) -> date | None:
    its = classes.get(record_class)
    if its is None:
        raise UnlawfulError(
            "unknown_class",
            Text(
                zh=f"保管制度中没有“{record_class}”这一类；现有：{'、'.join(classes)}",
                en=f"the policy has no class {record_class!r}: it has {', '.join(classes)}",
            ),
        )
    until = retained(its, record.period, filed_on)
    if later(record.retain_until, until) != until:
        raise UnlawfulError(
            "only_grows",
            Text(
                zh=f"保管期限只能延长，而“{record_class}”只保管到 {until}",
                en=f"retention only grows, and {record_class!r} is kept until {until} only",
            ),
        )
    return until


def subject_of(change: Change) -> Subject:
    """What a delegation must cover for a word on it (A4): the rank that the record had when asked, or that record."""
    return Subject(record_file(change.record), None, change.old.rank, change.old.department, ())


def deciders(change: Change, rules: Files) -> tuple[Role, ...]:
    """Who agrees to a change that opens the record: who would approve reading it at the rank that it has (A3)."""
    return rules.records.of(change.old.rank).approved_by or (rules.request.approved_by,)


def decide(  # noqa: PLR0913 - each is a different thing, and all are needed to decide
    change: Change, record: Record, by: Acting, rules: Files, delegates: Iterable[Decider], *,
    agree: bool, now: datetime, reason: str,
) -> Change:  # fmt: skip
    """The change decided by a second person, who holds such a role or is one of the `delegates` of who does.

    `UnlawfulError` (`decided_before`, `own_request`, `not_your_decision`, …).
    """
    _still_waits(change)
    if by.person == change.requested_by:
        raise UnlawfulError("own_request", Text(zh="不能批准自己的申请", en="nobody decides on their own request"))
    own = by.role in deciders(change, rules)
    delegate = next((each for each in delegates if each.person == by.person), None)
    if not own and delegate is None:
        raise UnlawfulError(
            "not_your_decision",
            Text(zh="由原密级的审批人决定", en="who would approve reading it at the rank that it has decides"),
        )
    if agree and place_of(record) != change.old:
        raise UnlawfulError(
            "changed_since",
            Text(zh="申请之后该档案已有变更，请重新申请", en="the record has changed since: have it asked for anew"),
        )
    if agree and record.destroyed_at is not None:
        raise UnlawfulError("destroyed", Text(zh="该档案已销毁", en="the record has been destroyed"))
    behalf = (None, None) if own or delegate is None else (delegate.on_behalf_of, delegate.delegation_id)
    return replace(change, ending=Ending("agreed" if agree else "refused", by.person, by.role, now, reason, *behalf))


def withdraw(change: Change, by: Acting, now: datetime, reason: str) -> Change:
    """The asker thinks better of it; `UnlawfulError` (`decided_before`, `not_yours`)."""
    _still_waits(change)
    if by.person != change.requested_by:
        raise UnlawfulError("not_yours", Text(zh="只有申请人可以撤回", en="who asked for it withdraws it"))
    return replace(change, ending=Ending("withdrawn", by.person, by.role, now, reason))


def raised(change: Change, by: Acting) -> Change:
    """The change, in force by the word of who asked for it: it opens the record to nobody."""
    if not change.raises:
        raise ValueError(f"{change.change_id} takes a second person")
    return replace(change, ending=Ending("agreed", by.person, by.role, change.requested_at, change.reason))


def _still_waits(change: Change) -> None:
    if change.ending is not None:
        raise UnlawfulError("decided_before", Text(zh="该申请已办结", en="it was decided before"))
