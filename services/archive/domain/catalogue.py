"""N1–N9: a fine is proposed from evidence, never silently; what it costs follows from the policy's catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Self, cast, get_args
from zoneinfo import ZoneInfo

from services.archive.domain.chain import Entry
from services.archive.domain.files import names_of
from services.archive.domain.findings import breach_of, origin_of
from services.archive.domain.fines import KINDS, SALES, Breach, Evidence, Fine, Gap, Report, fact_of
from services.archive.domain.months import month_of, spoken
from services.archive.domain.people import Acting, UnlawfulError
from shared.contracts.audit import NO_ONE_FILE, Access
from shared.contracts.types import FileTier
from shared.money import ZERO, add, multiply
from shared.policy.fines import Fact, FineKind, Fines, Measure, of_wage
from shared.policy.fines import Fine as Rule
from shared.policy.model import Policy
from shared.words import Text

CONSULTING = frozenset({"file.read", "file.searched", "file.exported"})
"""N2: what counts as consulting; what a search found or an export holds was seen (A1)."""

RETURNS: FineKind = "returns_in_month"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person in the month of a breach, before it.

    So many `times` the same was found before, to so much in `total`; None where a fact is not known. One that was
    explained, or lifted on appeal, was no breach and counts no more.
    """

    times: int = 0
    total: Decimal = ZERO
    base_wage: Decimal | None = None
    manager: str | None = None

    def and_one(self, amount: Decimal | None) -> Known:
        """The same, with one more breach."""
        return replace(self, times=self.times + 1, total=add(self.total, amount or ZERO))


class Price(NamedTuple):
    """What a breach costs: an `amount` (None: recorded only), nothing at all, or not to be told for want of a fact."""

    amount: Decimal | None
    free: bool = False
    missing: str | None = None


class Catalogue:
    """The policy's fines; proposes, and never more than that."""

    def __init__(self, fines: Fines, policy_version: str, zone: ZoneInfo) -> None:
        self.fines = fines
        self.zone = zone
        self._version = policy_version

    @classmethod
    def of_policy(cls, policy: Policy) -> Self:
        """The catalogue of a policy."""
        return cls(policy.fines, policy.version, policy.zone)

    def date_of(self, moment: datetime) -> date:
        """The business date on which a moment falls."""
        return moment.astimezone(self.zone).date()

    def counted_as(self, kind: str) -> FineKind | None:
        """Under which kind a breach counts in its month; None where nothing depends on how many there were."""
        if kind == "faulty_return":
            return RETURNS
        return cast("FineKind", kind) if kind in KINDS and self._of(kind).in_month is not None else None

    def asks_tier(self, kind: str) -> bool:
        """Whether a fine of this kind is for files of some tiers only."""
        return kind in KINDS and set(self._of(kind).tiers) != set(get_args(FileTier))

    def for_access(self, access: Access, shown: Entry) -> Fine | Gap | None:
        """N2: a file was consulted that needed a grant, and there was none; `shown` is the entry that says so.

        An attempt that was refused is no consulting. None: nothing to fine.
        """
        if shown.action not in CONSULTING or access.outcome != "allowed" or not access.needs_grant or access.grant:
            return None
        breach = Breach(
            kind="unapproved_consulting",
            person=access.actor,
            file=None if access.file == NO_ONE_FILE else access.file,
            order_id=None,
            amount=None,
            occurred_on=self.date_of(access.at),
            missing=None,
            words=None,
            entry=shown.seq,
            source=shown.event_source,
            event=shown.event_id,
        )
        return self.price(breach, Known(), shown.recorded_at)

    def for_breach(self, breach: Breach, known: Known, now: datetime) -> Sequence[Fine | Gap]:
        """What a breach that was found costs (N1–N8), and what the month's total brings with it (N8)."""
        found = self.price(breach, known, now)
        return [*([] if found is None else [found]), *self._measures(breach, known, now)]

    def for_report(
        self, report: Report, evidence: Evidence, known: Known, by: Acting, now: datetime
    ) -> tuple[Breach, Sequence[Fine]]:
        """As reported (N1–N8), with the breach that it is; no fine where the month's count does not reach one yet.

        `UnlawfulError` where the evidence does not bear it or a needed fact is missing.
        """
        breach = self.breach_reported(report, evidence)
        found = self.for_breach(breach, known, now)
        for each in found:
            if isinstance(each, Gap):
                raise UnlawfulError(
                    "missing_fact",
                    Text(zh=f"缺少 {each.missing}，不能提出罚款", en=f"without {each.missing} no fine is proposed"),
                )
        fines = [each for each in found if isinstance(each, Fine)]
        event = evidence.entry.event_id if evidence.as_event else None
        return breach, [fine._replace(event=event, proposed_by=by.person, reason=report.reason) for fine in fines]

    def breach_reported(self, report: Report, evidence: Evidence) -> Breach:
        """The breach that a report tells of; `UnlawfulError` where the evidence does not bear it."""
        shown, rule = evidence.entry, self._of(report.kind)
        if report.kind == RETURNS:
            raise UnlawfulError(
                "only_by_rule",
                Text(zh="当月退货累计由系统计算，请举报单次退货", en="the month's total is counted: report the return"),
            )
        if ("event" if evidence.as_event else "entry") not in rule.evidence:
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
        found, (source, event) = breach_of(shown), origin_of(shown)
        if found is not None and found.order_id is not None and report.order_id not in (None, found.order_id):
            raise UnlawfulError(
                "evidence_of_another",
                Text(
                    zh=f"第 {shown.seq} 条审计记录说的是别的订单", en=f"audit entry {shown.seq} speaks of another order"
                ),
            )
        return Breach(
            kind=report.kind,
            person=report.person,
            # An order is told apart by its customer, whose file the evidence names.
            file=report.file or (None if report.kind not in SALES or shown.file == NO_ONE_FILE else shown.file),
            order_id=report.order_id or (found.order_id if found else None),
            amount=report.amount if report.amount is not None or found is None else found.amount,
            occurred_on=found.occurred_on if found else self.date_of(shown.at),
            missing=None,
            words=None,
            entry=shown.seq,
            source=source,
            event=event,
            tier=evidence.tier,
        )

    def price(self, breach: Breach, known: Known, now: datetime) -> Fine | Gap | None:
        """What the breach by itself costs; None: nothing."""
        if breach.kind not in KINDS:
            return Gap(breach.kind, breach.entry, "rule", now)
        rule = self._of(breach.kind)
        tier = breach.tier
        if tier is not None and tier not in rule.tiers:
            return None
        missing = breach.missing or self._missing(rule, breach)
        if missing is None and tier is None and self.asks_tier(breach.kind):
            missing = "tier"
        price = Price(None, missing=missing) if missing else _price(rule, breach.amount, known)
        if price.missing:
            return Gap(breach.kind, breach.entry, price.missing, now)
        if price.free or breach.person is None:
            return None
        return self._fine(breach, rule, breach.person, price.amount, now)

    def _missing(self, rule: Rule, breach: Breach) -> str | None:
        """The first fact that the rule needs and the breach does not tell; of wages and managers the price asks."""
        told: dict[Fact, object] = {
            "person": breach.person,
            "file": breach.file,
            "order": breach.order_id,
            "sum": breach.amount,
            "amount": _named(rule, breach.amount),
        }
        needed = [fact for fact in rule.needs if fact in told]
        if breach.kind in SALES:
            needed.append("file")
        # Whoever it is, nobody is fined without being known (N9).
        return next((fact for fact in ("person", *needed) if told[fact] is None), None)

    def _measures(self, breach: Breach, known: Known, now: datetime) -> Sequence[Fine | Gap]:
        """N8: what the month's returns bring when this one takes their total over a limit."""
        if self.counted_as(breach.kind) != RETURNS or breach.person is None or breach.amount is None:
            return ()
        found: list[Fine | Gap] = []
        rule = self._of(RETURNS)
        for measure in rule.crossed(known.total, add(known.total, breach.amount)):
            found.append(self._measured(breach, rule, measure, breach.person, now))
            if measure.manager_answers and known.manager is None:
                found.append(Gap(RETURNS, breach.entry, "manager", now))
            elif measure.manager_answers and known.manager is not None:
                found.append(self._measured(breach, rule, measure, known.manager, now))
        return found

    def _measured(self, breach: Breach, rule: Rule, measure: Measure, person: str, now: datetime) -> Fine:
        fine = self._fine(breach, rule, person, None, now)
        limit = format(measure.above, "f")
        return fine._replace(
            fine_id=f"{rule.rule}-{breach.entry}-{limit}{'' if person == breach.person else '-manager'}",
            kind=RETURNS,
            fact=f"{RETURNS} {breach.person} {spoken(month_of(breach.occurred_on))} {limit}",
            words_zh=measure.words.zh,
            words_en=measure.words.en,
        )

    def _of(self, kind: str) -> Rule:
        return self.fines.catalogue.of(cast("FineKind", kind))

    def _fine(self, breach: Breach, rule: Rule, person: str, amount: Decimal | None, now: datetime) -> Fine:
        more = breach.words
        return Fine(
            # Made of rule and evidence: the same finding is the same fine.
            fine_id=f"{rule.rule}-{breach.entry}",
            kind=breach.kind,
            rule=rule.rule,
            person=person,
            file=breach.file,
            amount=amount,
            currency=self.fines.currency,
            dismissal=rule.dismissal,
            entry=breach.entry,
            event=None if "entry" in rule.evidence else breach.event,
            proposed_by=breach.reported_by,
            reason=None,
            policy_version=self._version,
            proposed_at=now,
            words_zh=rule.words.zh if more is None else f"{rule.words.zh}：{more.zh}",
            words_en=rule.words.en if more is None else f"{rule.words.en}: {more.en}",
            fact=fact_of(breach),
            occurred_on=breach.occurred_on,
            order_id=breach.order_id,
            sum=breach.amount,
        )


def _named(rule: Rule, amount: Decimal | None) -> Decimal | None:
    """The fixed sum, or the one that whoever reports names: one outside of the rule's bounds is none (N7)."""
    if rule.named is None:
        return rule.amount
    within = amount is not None and rule.named.least <= amount <= rule.named.most
    return amount if within else None


def _price(rule: Rule, amount: Decimal | None, known: Known) -> Price:
    """What a breach costs by its rule; `amount` is the sum in question."""
    if rule.in_month is not None:
        nth = rule.nth(known.times + 1)
        return Price(nth, free=nth is None)
    if rule.times is not None:
        return Price(multiply(Decimal(rule.times), amount or ZERO))
    if rule.of_base_wage is not None:
        percent = rule.of_base_wage.percent(amount or ZERO)
        if percent is None:
            return Price(None, free=True)
        if known.base_wage is None:
            return Price(None, missing="base_wage")
        return Price(of_wage(percent, known.base_wage))
    return Price(_named(rule, amount))
