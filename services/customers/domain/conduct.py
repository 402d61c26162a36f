"""N7: who may report what of whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.customers.domain.access import Reader, Reason, Verdict
from services.customers.domain.copies import Person
from shared.policy.breaches import Conduct
from shared.roles import Role
from shared.words import Text


@dataclass(frozen=True, slots=True)
class ConductNote:
    """What somebody saw a person do; without an id and a moment the report gets new ones."""

    person: str
    kind: str
    note: str
    amount: Decimal | None = None
    report_id: str | None = None
    reported_at: datetime | None = None


class UnfitReportError(Exception):
    """A report that says too little, or what nobody reports; `words` tell what to say instead."""

    def __init__(self, code: str, words: Text) -> None:
        super().__init__(f"{code}: {words.en}")
        self.code = code
        self.words = words


def check_report(note: ConductNote, rules: Conduct) -> None:
    """Raise `UnfitReportError` for a kind that is not reported, or one whose sum is missing, or is of no use (N7)."""
    if note.kind not in rules.kinds:
        kinds = ", ".join(rules.kinds)
        raise UnfitReportError(
            "unknown_kind", Text(zh=f"没有这种行为，可选：{kinds}", en=f"nobody reports that; there are: {kinds}")
        )
    if (note.kind in rules.with_amount) != (note.amount is not None):
        raise UnfitReportError(
            "amount",
            Text(zh="该行为须注明金额", en="this kind needs the sum in question")
            if note.amount is None
            else Text(zh="该行为不需要金额", en="this kind has no sum in question"),
        )


def may_report(reader: Reader, reported: Person | None, person: str, rules: Conduct) -> Verdict:
    """The verdict on reporting somebody: by the policy's roles, a department's manager of its people only.

    Never oneself: that would be a witness in the own cause.
    """
    if not reader.active:
        return Verdict(allowed=False, reason=Reason.LEFT)
    if reader.role not in rules.reported_by:
        return Verdict(allowed=False, reason=Reason.ROLE)
    if person in reader.codes:
        return Verdict(allowed=False, reason=Reason.OWN_CONDUCT)
    known = reported is not None and reported.recorded_at is not None
    if reader.role is Role.DEPARTMENT_MANAGER:
        # Who is of another department is told no more than who is of none.
        own = known and reported is not None and reported.department in {reader.department} - {None}
        return Verdict(allowed=own, reason=Reason.UNASKED if own else Reason.NOT_OWN)
    return Verdict(allowed=known, reason=Reason.UNASKED if known else Reason.NO_SUCH_PERSON)
