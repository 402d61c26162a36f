"""N1–N9: what a fine is, where it stands, and which fact it is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, get_args

from services.archive.domain.chain import Entry
from services.archive.domain.files import CUSTOMER, RECORD, names_of
from services.archive.domain.months import month_of, spoken
from services.archive.domain.people import Acting, UnlawfulError
from shared.contracts.types import FileTier
from shared.policy.fines import FineKind
from shared.roles import Role
from shared.words import Text

KINDS: frozenset[str] = frozenset(get_args(FineKind))

READERS = frozenset({Role.HR, Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR, Role.INSPECTOR})
"""N10: who sees everybody's fines; anybody else sees their own."""

FAMILIES = {
    "unapproved_consulting": "consulting",
    "unapproved_copy": "consulting",
    "unapproved_destruction": "altering",
    "unapproved_alteration": "altering",
}
"""Kinds by which one act may be found: who copies a file has consulted it too. Only the gravest of them stands."""


SALES = frozenset({"customer_not_passed_on", "regional_customer_not_passed_on", "low_margin"})
"""Kinds that are about an order of a customer (O3-O5)."""


class FineState(StrEnum):
    """Where a fine stands; what was decided is corrected by a further decision, never by editing the first."""

    PROPOSED = "proposed"
    ANSWERED = "answered"  # the person handed in an explanation
    EXPLAINED = "explained"
    WAIVED = "waived"
    CONFIRMED = "confirmed"
    APPEALED = "appealed"
    UPHELD = "upheld"
    LIFTED = "lifted"
    REPLACED = "replaced"  # by a graver one for the same fact


class Fine(NamedTuple):
    """A proposal, as it was made: the words, the amount and the policy's version of that moment stay.

    `fact` names what is fined, whoever finds it; it happened on `occurred_on`, a business date. `entry` is the number
    of the audit entry that shows the breach; `event` its event's id where the evidence is an event. `amount` None is a
    breach that is only recorded, or a measure other than a sum. `sum` is the one in question, from which the amount
    followed. `proposed_by` None means that a rule did it.
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
    fact: str
    occurred_on: date
    order_id: str | None
    sum: Decimal | None

    @property
    def weight(self) -> tuple[bool, Decimal]:
        """Orders fines for one fact by how grave they are."""
        return self.dismissal, self.amount or Decimal(0)


@dataclass(frozen=True, slots=True)
class Standing:
    """A fine with where it stands: `step` decisions were made, the last of them as told here.

    `decided_by` None is a rule. The last confirmation is told too: against it an appeal may go.
    """

    fine: Fine
    state: FineState
    step: int
    decided_by: str | None
    decision_reason: str | None
    decided_at: datetime | None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None


class Gap(NamedTuple):
    """A breach that could not be proposed, because a fact that its rule needs is missing (N9)."""

    kind: str
    entry: int
    missing: str
    found_at: datetime


class Breach(NamedTuple):
    """A breach as the chain holds it: `entry` is sealed, `source` and `event` name the event that shows the fact.

    `amount` is the sum in question. `missing` names a fact without which nobody can tell whether a rule was broken.
    `reported_by` None is a rule of some service.
    """

    kind: str
    person: str | None
    file: str | None
    order_id: str | None
    amount: Decimal | None
    occurred_on: date
    missing: str | None
    words: Text | None
    entry: int
    source: str
    event: str
    tier: FileTier | None = None
    reported_by: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A breach as an inspector or a manager reports it; `amount` is the sum in question, or the one to be paid."""

    kind: FineKind
    person: str
    file: str | None
    reason: str
    amount: Decimal | None = None
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sealed entry behind a report, whether the reporter pointed at it as an event, and the file's tier then."""

    entry: Entry
    as_event: bool
    tier: FileTier | None


def fact_of(breach: Breach) -> str:
    """What is fined, in one spelling for every way of finding it; never twice for one fact and person.

    A file is stale once a month (P2), an order of a customer sold once (orders of two may have one id), an account lent
    once a day, whichever of its uses shows it; everything else is the event that shows it.
    """
    if breach.kind == "stale_file" and breach.file:
        return f"stale_file {name_of(breach.file)} {spoken(month_of(breach.occurred_on))}"
    if breach.order_id and breach.file and breach.kind in SALES:
        return f"{breach.kind} {name_of(breach.file)} {breach.order_id}"
    if breach.kind == "lent_account":
        return f"{breach.kind} {breach.occurred_on.isoformat()}"
    return f"{FAMILIES.get(breach.kind, breach.kind)} {breach.source} {breach.event}"


def name_of(file: str) -> str:
    """The one name of a file of several under which it may be reported."""
    return next((name for name in names_of(file) if name.startswith((CUSTOMER, RECORD))), file)


def whose_fines(by: Acting, person: str | None) -> str | None:
    """Whose fines `by` sees when asking for those of `person` (None: everybody); `UnlawfulError` for another's."""
    if by.role in READERS:
        return person
    if person not in (None, by.person):
        raise UnlawfulError("not_yours", Text(zh="只能查看本人的罚款", en="you may see your own fines only"))
    return by.person
