"""What every request of a person begins and ends with: who they are, and a word to the audit before any answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.customers.domain.access import FileKeeping, Reader, Reason
from services.customers.domain.files import CustomerHead
from services.customers.domain.terms import Terms
from services.customers.domain.watched import Watched
from services.customers.ports import Calendar, Clock, FileStore, PeopleStore, Publisher, Trail, Transactions
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy import Policy


class NotAllowedError(Exception):
    """The rules say no; the attempt is in the audit."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class NoSuchCustomerError(Exception):
    """There is no such customer, told only to those who may know which there are."""


@dataclass(frozen=True, slots=True)
class Reception:
    """The parts that all requests share."""

    database: Transactions
    files: FileStore
    people: PeopleStore
    publisher: Publisher
    trail: Trail
    clock: Clock
    terms: InForce[Terms]
    new_id: Callable[[], str]

    async def reader(self, tx: Transaction, who: Principal) -> Reader:
        """Who is asking, by the organisation's word on their department where it has one, else by their token's."""
        person = (await self.people.load(tx, [who.person])).get(who.person)
        if person is None:
            return Reader(who.person, who.role, who.department, who.person)
        department = who.department if person.recorded_at is None else person.department
        return Reader(who.person, who.role, department, person.rep_code or who.person, active=person.works_here())

    async def left(self, who: Principal) -> bool:
        """Whether the organisation's word is that they left: asked at the door of whoever shows a token."""
        async with self.database.transaction() as tx:
            return not (await self.reader(tx, who)).active


def terms_of(policy: Policy, clock: Calendar) -> Terms:
    """What `policy` says to the rules of trade."""
    return Terms(
        business_date=clock.date_of,
        rate=policy.rate,
        from_completed=policy.rfm.counts_from == "completed",
        default_tier=policy.files.default_tier,
        shared=frozenset(policy.facts.shared),
        required=policy.files.required,
        watched=Watched.of(policy.breaches),
    )


def file_name(customer_id: str) -> str:
    """How grants and the audit call a customer's file."""
    return f"customer:{customer_id}"


def keeping_of(head: CustomerHead | None, terms: Terms) -> FileKeeping | None:
    return None if head is None else head.keeping(terms)


def denied(action: str, reason: Reason, file: str = NO_ONE_FILE) -> Deed:
    """The audit's word on somebody turned away."""
    return Deed("access.denied", action, file, "denied", reason.value)
