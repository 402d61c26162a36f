"""Destruction (A7): asked for, reviewed, approved by rank, witnessed, carried out, and on the register for ever.

What has happened is a list of steps, each by a person with a reason; where a destruction stands follows from them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from services.archive.domain.files import Record
from services.archive.domain.people import Acting, Person, UnlawfulError, known_and_active
from shared.called import ROLES, called
from shared.policy.life import Destruction as Rules
from shared.roles import Role
from shared.words import Text


class StepKind(StrEnum):
    """What people do about a request."""

    REVIEWED = "reviewed"  # by the head of the GM's office, where records are classified
    APPROVED = "approved"  # by whoever may, by rank
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by the asker
    WITNESS_NAMED = "witness_named"
    ATTESTED = "attested"  # the witness has held the list against what lies there
    EXECUTED = "executed"


class State(StrEnum):
    """Where a destruction stands, and so whom it waits for."""

    REQUESTED = "requested"  # the review, or the only approval
    REVIEWED = "reviewed"  # the GM
    APPROVED = "approved"  # a witness
    WITNESSED = "witnessed"  # the witness's word, then the archivist
    EXECUTED = "executed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


OPEN = frozenset({State.REQUESTED, State.REVIEWED, State.APPROVED, State.WITNESSED})


class Step(NamedTuple):
    """One step; `witness` is who was named, by a step that names one."""

    kind: StepKind
    by: str
    role: str
    at: datetime
    reason: str
    witness: str | None = None


@dataclass(frozen=True, slots=True)
class Destruction:
    """A request to destroy some records, and all that was done about it."""

    destruction_id: str
    records: tuple[str, ...]
    classified: bool
    requested_by: str
    requested_at: datetime
    reason: str
    steps: tuple[Step, ...] = ()

    def last(self, kind: StepKind) -> Step | None:
        """The newest step of a kind."""
        return next((step for step in reversed(self.steps) if step.kind is kind), None)

    @property
    def witness(self) -> str | None:
        """Who was named last."""
        named = self.last(StepKind.WITNESS_NAMED)
        return None if named is None else named.witness

    def attested_at(self) -> datetime | None:
        """When the witness that is named now gave their word."""
        named, attested = self.last(StepKind.WITNESS_NAMED), self.last(StepKind.ATTESTED)
        if named is None or attested is None or attested.by != named.witness or attested.at < named.at:
            return None
        return attested.at

    def state(self, rules: Rules, now: datetime) -> State:
        """Where it stands; an approval that nobody carried out in time has lapsed."""
        for kind, state in _ENDS:
            if self.last(kind) is not None:
                return state
        approved = self.last(StepKind.APPROVED)
        if approved is None:
            return State.REVIEWED if self.last(StepKind.REVIEWED) is not None else State.REQUESTED
        if now > approved.at + timedelta(days=rules.execute_within_days):
            return State.LAPSED
        return State.APPROVED if self.witness is None else State.WITNESSED


_ENDS = (
    (StepKind.EXECUTED, State.EXECUTED),
    (StepKind.REFUSED, State.REFUSED),
    (StepKind.WITHDRAWN, State.WITHDRAWN),
)


def is_classified(records: Collection[Record]) -> bool:
    """Whether anything in them is, be it one section (A7)."""
    return any(
        record.rank != "unclassified" or any(section.rank != "unclassified" for section in record.sections)
        for record in records
    )


def approver(rules: Rules, *, classified: bool) -> Role:
    """Who lets it be destroyed (A7)."""
    return rules.classified_by if classified else rules.others_by


def next_decider(destruction: Destruction, rules: Rules, now: datetime) -> Role | None:
    """The role whose decision it waits for, None where it waits for none."""
    match destruction.state(rules, now):
        case State.REQUESTED:
            # What the same role approves it need not review before.
            role = approver(rules, classified=destruction.classified)
            return rules.reviewed_by if destruction.classified and rules.reviewed_by != role else role
        case State.REVIEWED:
            return approver(rules, classified=destruction.classified)
    return None


def decide(  # noqa: PLR0913 - each is needed to decide
    destruction: Destruction, by: Acting, rules: Rules, reason: str, now: datetime, *, agree: bool
) -> Step:
    """The review or the approval, or the refusal; nobody decides on what they asked for themselves."""
    _not_the_asker(destruction, by)
    waits_for = next_decider(destruction, rules, now)
    if waits_for is None:
        raise _not_now(destruction.state(rules, now))
    if by.role != waits_for:
        raise UnlawfulError(
            "not_your_decision",
            Text(zh=f"此步由{called(waits_for, ROLES).zh}决定", en=f"this step: {called(waits_for, ROLES).en} only"),
        )
    last = waits_for == approver(rules, classified=destruction.classified)
    if agree and last and destruction.last(StepKind.REVIEWED) is not None:
        reviewed = destruction.last(StepKind.REVIEWED)
        if reviewed is not None and reviewed.by == by.person:
            raise UnlawfulError(
                "reviewed_before", Text(zh="审核人不得再作批准", en="who reviewed it does not approve it as well")
            )
    kind = StepKind.REFUSED if not agree else StepKind.APPROVED if last else StepKind.REVIEWED
    return Step(kind, by.person, by.role, now, reason)


def withdraw(destruction: Destruction, by: Acting, rules: Rules, reason: str, now: datetime) -> Step:
    """The asker thinks better of it, while nothing is destroyed."""
    if by.person != destruction.requested_by:
        raise UnlawfulError("not_yours", Text(zh="只有申请人可以撤回", en="only the asker withdraws"))
    if destruction.state(rules, now) not in OPEN:
        raise _not_now(destruction.state(rules, now))
    return Step(StepKind.WITHDRAWN, by.person, by.role, now, reason)


def name_witness(  # noqa: PLR0913, PLR0917 - each is needed to decide
    destruction: Destruction, by: Acting, name: str, witness: Person | None, rules: Rules, reason: str, now: datetime
) -> Step:
    """Who watches: somebody who works here and neither asked for it, nor agreed, nor names themselves, nor executes."""
    if by.role not in rules.witness_named_by:
        raise UnlawfulError(
            "not_your_decision",
            Text(
                zh="监销人由总经理、分管副总或总办主任指定", en="the witness is named by the GM, a deputy or the head"
            ),
        )
    _not_the_asker(destruction, by)
    if destruction.state(rules, now) not in {State.APPROVED, State.WITNESSED}:
        raise _not_now(destruction.state(rules, now))
    person = known_and_active(witness, name)
    if name in {destruction.requested_by, by.person, *_agreed(destruction)} or person.role == rules.requested_by:
        raise UnlawfulError(
            "no_witness",
            Text(
                zh="监销人不得是申请人、审批人、执行人（档案管理员）或指定人本人",
                en="the witness is neither the asker, nor who approved it, nor an archivist, nor who names them",
            ),
        )
    return Step(StepKind.WITNESS_NAMED, by.person, by.role, now, reason, name)


def attest(destruction: Destruction, by: Acting, rules: Rules, reason: str, now: datetime) -> Step:
    """The witness's word that the list and what lies there are the same."""
    if destruction.state(rules, now) is not State.WITNESSED:
        raise _not_now(destruction.state(rules, now))
    if by.person != destruction.witness:
        raise UnlawfulError("not_the_witness", Text(zh="您不是指定的监销人", en="you are not the witness named"))
    return Step(StepKind.ATTESTED, by.person, by.role, now, reason)


def execute(destruction: Destruction, by: Acting, rules: Rules, reason: str, now: datetime) -> Step:
    """The archivist carries it out, on the fresh word of the witness."""
    if by.role != rules.requested_by:
        raise UnlawfulError("not_your_decision", Text(zh="由档案管理员执行", en="the archivist carries it out"))
    if destruction.state(rules, now) is not State.WITNESSED:
        raise _not_now(destruction.state(rules, now))
    if by.person == destruction.witness:
        raise UnlawfulError("no_witness", Text(zh="监销人不得执行", en="the witness does not carry it out"))
    if by.person in _agreed(destruction):
        raise UnlawfulError("own_request", Text(zh="批准人不得执行", en="who approved it does not carry it out"))
    attested_at = destruction.attested_at()
    if attested_at is None or now > attested_at + timedelta(hours=rules.witness_within_hours):
        raise UnlawfulError(
            "not_attested",
            Text(
                zh="须有监销人的现场核对确认，且仍在有效时间内",
                en="it takes the witness's word, and one that is not too old",
            ),
        )
    return Step(StepKind.EXECUTED, by.person, by.role, now, reason)


def refuse_frozen(records: Sequence[Record], kept: Collection[str]) -> None:
    """Raise for the first record that is held, destroyed, or among those `kept` for longer."""
    for record in records:
        if record.destroyed_at is not None:
            raise UnlawfulError(
                "destroyed_before",
                Text(zh=f"档案 {record.record} 已销毁", en=f"the record {record.record} was destroyed before"),
            )
        if record.holds:
            raise UnlawfulError(
                "on_hold",
                Text(
                    zh=f"档案 {record.record} 已被冻结，解除前不得销毁",
                    en=f"the record {record.record} is held: nothing of it is destroyed until the hold is lifted",
                ),
            )
        if record.record in kept:
            raise UnlawfulError(
                "still_kept",
                Text(
                    zh=f"档案 {record.record} 的保管期限未满",
                    en=f"the record {record.record} is to be kept for longer",
                ),
            )


def _agreed(destruction: Destruction) -> set[str]:
    """Who reviewed it or approved it."""
    return {step.by for step in destruction.steps if step.kind in {StepKind.REVIEWED, StepKind.APPROVED}}


def _not_the_asker(destruction: Destruction, by: Acting) -> None:
    if by.person == destruction.requested_by:
        raise UnlawfulError(
            "own_request", Text(zh="任何人不得审批自己的申请", en="nobody decides on their own request")
        )


STANDINGS = {
    State.REQUESTED: Text(zh="销毁申请尚待审核或批准", en="the request waits for its review or approval"),
    State.REVIEWED: Text(zh="销毁申请已审核，尚待批准", en="the request was reviewed and waits for its approval"),
    State.APPROVED: Text(zh="销毁申请已批准，尚待指定监销人", en="it was approved; a witness is to be named"),
    State.WITNESSED: Text(zh="销毁申请已批准，并已指定监销人", en="it was approved, and a witness was named"),
    State.EXECUTED: Text(zh="档案已销毁", en="the records were destroyed already"),
    State.REFUSED: Text(zh="销毁申请已被驳回", en="the request was refused already"),
    State.WITHDRAWN: Text(zh="销毁申请已撤回", en="the request was withdrawn already"),
    State.LAPSED: Text(zh="批准已失效，请重新申请", en="the approval has lapsed: ask again"),
}


def _not_now(state: State) -> UnlawfulError:
    return UnlawfulError("not_now", STANDINGS[state])
