"""N1-N5, N9, N10: a fine is proposed from evidence, never silently, and settled by a person with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, get_args

from services.archive.domain.chain import Entry
from services.archive.domain.files import names_of
from services.archive.domain.people import Acting, UnlawfulError
from shared.contracts.audit import NO_ONE_FILE, Access, BreachFound
from shared.contracts.types import FileTier
from shared.policy.fines import Fine as CatalogueEntry
from shared.policy.fines import FineKind, Fines
from shared.roles import Role
from shared.words import Text

CONSULTING = frozenset({"file.read", "file.searched", "file.exported"})
"""N2: what counts as consulting; what a search found or an export holds was seen (A1)."""

READERS = frozenset({Role.HR, Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR, Role.INSPECTOR})
"""N10: who sees everybody's fines; anybody else sees their own."""


KINDS = frozenset(get_args(FineKind))
"""What the catalogue has a fine for."""


class FineState(StrEnum):
    """Where a fine stands; a settled one is corrected by a further decision, never by editing the first."""

    PROPOSED = "proposed"
    EXPLAINED = "explained"
    WAIVED = "waived"
    CONFIRMED = "confirmed"


class Fine(NamedTuple):
    """A proposal, as it was made: the words, the amount and the policy's version of that moment stay.

    `entry` is the number of the audit entry that shows the breach; `event` its event's id where the evidence is an
    event. `amount` None is a breach that is only recorded. `proposed_by` None means that a rule did it.
    """

    fine_id: str
    kind: str
    rule: str
    person: str
    file: str | None
    amount: Decimal | None
    currency: str
    dismissal: bool
    entry: int
    event: str | None
    proposed_by: str | None
    reason: str | None
    policy_version: str
    proposed_at: datetime
    words_zh: str
    words_en: str


class Gap(NamedTuple):
    """A breach that could not be proposed, because a fact that its rule needs is missing (N9)."""

    kind: str
    entry: int
    missing: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A breach as an inspector or a manager reports it."""

    kind: FineKind
    person: str
    file: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sealed entry behind a report, whether the reporter pointed at it as an event, and the file's tier then."""

    entry: Entry
    as_event: bool
    tier: FileTier | None


class Catalogue:
    """The policy's fines; proposes, and never more than that."""

    def __init__(self, fines: Fines, policy_version: str) -> None:
        self._fines = fines
        self._version = policy_version

    def for_access(self, access: Access, action: str, seq: int, now: datetime) -> Fine | Gap | None:
        """N2: a file was consulted that needed a grant, and there was none; entry `seq` shows it.

        An attempt that was refused is no consulting. None: nothing to fine.
        """
        if action not in CONSULTING or access.outcome != "allowed" or not access.needs_grant or access.grant:
            return None
        kind: FineKind = "unapproved_consulting"
        file = None if access.file == NO_ONE_FILE else access.file
        missing = self._missing(kind, access.actor, file)
        if missing:
            return Gap(kind, seq, missing, now)
        return self._fine(kind, person=access.actor, file=file, entry=seq, now=now)

    def for_breach(self, found: BreachFound, seq: int, now: datetime) -> Fine | Gap | None:
        """A breach that a rule of some service found, or a person reported (N1-N8); entry `seq` sealed it."""
        missing = found.missing or self._missing_for(found)
        if missing or found.person is None:
            return Gap(found.kind, seq, missing or "person", now)
        kind: FineKind = found.kind  # type: ignore[assignment]  # `_missing_for` has looked it up
        return self._fine(kind, person=found.person, file=found.file, entry=seq, now=now)

    def for_report(self, report: Report, evidence: Evidence, by: Acting, now: datetime) -> Fine:
        """N1, N3-N5 as reported; `UnlawfulError` where the evidence does not bear it or a needed fact is missing."""
        shown, rule = evidence.entry, self._of(report.kind)
        source = "event" if evidence.as_event else "entry"
        if source not in rule.evidence:
            raise UnlawfulError(
                "wrong_evidence",
                Text(
                    zh=f"{rule.rule} 的证据应为：{'、'.join(rule.evidence)}",
                    en=f"{rule.rule} is shown by: {', '.join(rule.evidence)}",
                ),
            )
        of_that_file = report.file is None or shown.file in names_of(report.file)
        if shown.actor not in (None, report.person) or not of_that_file:
            raise UnlawfulError(
                "evidence_of_another",
                Text(
                    zh=f"第 {shown.seq} 条审计记录说的是别人或别的档案",
                    en=f"audit entry {shown.seq} speaks of another person or another file",
                ),
            )
        if evidence.tier is not None and evidence.tier not in rule.tiers:
            raise UnlawfulError(
                "other_tier",
                Text(
                    zh=f"{rule.rule} 不适用于这一级的档案（{evidence.tier}）",
                    en=f"{rule.rule} is not about files of the tier {evidence.tier}",
                ),
            )
        missing = self._missing(report.kind, report.person, report.file)
        if missing is None and evidence.tier is None and set(rule.tiers) != set(get_args(FileTier)):
            missing = "tier"
        if missing:
            raise UnlawfulError(
                "missing_fact",
                Text(zh=f"缺少 {missing}，不能提出罚款", en=f"without {missing} no fine is proposed"),
            )
        fine = self._fine(report.kind, person=report.person, file=report.file, entry=shown.seq, now=now)
        return fine._replace(
            event=shown.event_id if evidence.as_event else None, proposed_by=by.person, reason=report.reason
        )

    def _of(self, kind: FineKind) -> CatalogueEntry:
        return self._fines.catalogue.of(kind)

    def _missing_for(self, found: BreachFound) -> str | None:
        if found.kind not in KINDS:
            return "rule"
        return self._missing(found.kind, found.person, found.file)  # type: ignore[arg-type]  # it is one of `KINDS`

    def _missing(self, kind: FineKind, person: str | None, file: str | None) -> str | None:
        rule = self._of(kind)
        facts = {"person": person, "file": file, "amount": rule.amount}
        return next((name for name in rule.needs if facts.get(name) is None), None)

    def _fine(self, kind: FineKind, *, person: str, file: str | None, entry: int, now: datetime) -> Fine:
        rule = self._of(kind)
        return Fine(
            # Made of rule and evidence: one fact is fined once by a rule, however often it is found.
            fine_id=f"{rule.rule}-{entry}",
            kind=kind,
            rule=rule.rule,
            person=person,
            file=file,
            amount=rule.amount,
            currency=self._fines.currency,
            dismissal=rule.dismissal,
            entry=entry,
            event=None,
            proposed_by=None,
            reason=None,
            policy_version=self._version,
            proposed_at=now,
            words_zh=rule.words.zh,
            words_en=rule.words.en,
        )


def whose_fines(by: Acting, person: str | None) -> str | None:
    """Whose fines `by` sees when asking for those of `person` (None: everybody); `UnlawfulError` for another's."""
    if by.role in READERS:
        return person
    if person not in (None, by.person):
        raise UnlawfulError("not_yours", Text(zh="只能查看本人的罚款", en="you may see your own fines only"))
    return by.person


def settle(fine: Fine, current: FineState, wanted: FineState, by: Acting) -> None:
    """Allow the step from `current` to `wanted` (N9, N10), or raise `UnlawfulError`.

    proposed → explained, waived or confirmed; a settled fine may be settled otherwise, which corrects it.
    """
    if by.person == fine.person:
        raise UnlawfulError("own_fine", Text(zh="任何人不得处理自己的罚款", en="nobody settles their own fine"))
    if wanted is FineState.PROPOSED or wanted is current:
        raise UnlawfulError(
            "no_such_step",
            Text(zh=f"罚款现为 {current}，不能改为 {wanted}", en=f"the fine is {current}: it cannot become {wanted}"),
        )
