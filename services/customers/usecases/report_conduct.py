"""Inspectors and managers report what they saw; archive seals it and proposes what it costs (N7)."""

from __future__ import annotations

from services.customers.domain.conduct import ConductNote, check_report, may_report
from services.customers.usecases.announce import ACTIVITIES, Announced, allowed, moment_of, publish
from services.customers.usecases.reception import Reception
from shared.contracts.activities import ConductReported
from shared.contracts.audit import NO_ONE_FILE
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy import Policy


class ReportConduct:
    """Publishes a report, and notes in the audit who made it, in one transaction.

    Raises `NotAllowedError`, `InTheFutureError` for a moment to come, and `UnfitReportError`.
    """

    def __init__(self, reception: Reception, policy: InForce[Policy]) -> None:
        self._reception = reception
        self._policy = policy

    async def __call__(self, who: Principal, note: ConductNote) -> Announced:
        reception = self._reception
        data = ConductReported(
            report_id=note.report_id or reception.new_id(),
            person=note.person,
            kind=note.kind,
            reported_at=moment_of(note.reported_at, reception.clock),
            reported_by=who.person,
            amount=note.amount,
            note=note.note,
        )
        announced = Announced(ACTIVITIES, "conduct.reported", data.report_id, data)
        async with reception.database.transaction() as tx:
            rules = (await self._policy(tx)).breaches.conduct
            reader = await reception.reader(tx, who)
            reported = (await reception.people.load(tx, [note.person])).get(note.person)
            verdict = may_report(reader, reported, note.person, rules)
            if verdict.allowed:
                check_report(note, rules)
            await publish(reception, tx, who, verdict, announced, NO_ONE_FILE)
        return allowed(verdict, announced)
