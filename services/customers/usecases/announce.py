"""What people tell of customers and of one another: published as events, which take effect like everybody else's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.customers.domain import access
from services.customers.domain.access import OWNERSHIP, Reader, Verdict
from services.customers.ports import Clock
from services.customers.usecases.reception import NotAllowedError, Reception, denied, file_name, keeping_of
from shared.audit import Deed
from shared.contracts.activities import (
    ContactMade,
    CustomerProfiled,
    InquiryJudged,
    InquiryReceived,
    ProfileFields,
)
from shared.contracts.audit import NO_ONE_FILE
from shared.contracts.organisation import LeaveCancelled, LeaveRecorded, PersonRecorded, StationRecorded
from shared.contracts.registry import key_of
from shared.contracts.types import EventData, Potential
from shared.engine.model import Outgoing, Transaction
from shared.identity import Principal
from shared.logs import current_traceparent

ACTIVITIES = "activities.v1"
ORGANISATION = "organisation.v1"


@dataclass(frozen=True, slots=True)
class ContactNote:
    """A contact as its rep notes it; without an id and a moment it gets new ones."""

    channel: str
    contact_id: str | None = None
    made_at: datetime | None = None
    minutes: int | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class InquiryNote:
    """An inquiry as somebody took it in; without an id and a moment it gets new ones."""

    text: str | None = None
    source: str | None = None
    inquiry_id: str | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeaveNote:
    """Days on which somebody is away, both included; without an id the leave gets a new one."""

    first: date
    last: date
    deputy: str | None = None
    leave_id: str | None = None


@dataclass(frozen=True, slots=True)
class JudgementNote:
    """What somebody sees in an inquiry, and why (K5)."""

    potential: Potential
    reasons: tuple[str, ...] = ()


class InTheFutureError(Exception):
    """What has not happened yet cannot be told as having happened."""


@dataclass(frozen=True, slots=True)
class Announced:
    """An event that will take effect; `about` is the id of the contact, inquiry or statement in it."""

    topic: str
    event_type: str
    about: str
    data: EventData

    @property
    def event_id(self) -> str:
        return f"{self.event_type}:{self.about}"


class Announce:
    """Checks who may say it, publishes it and notes in the audit who said it, in one transaction.

    Each method raises `NotAllowedError`, for a customer that is not there as for one that is somebody else's, and
    `InTheFutureError` for a moment to come.
    """

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def contact(self, who: Principal, customer_id: str, note: ContactNote) -> Announced:
        """A contact that really happened, by the rep who notes it (F7)."""

        def contact(reader: Reader) -> Announced:
            data = ContactMade(
                contact_id=note.contact_id or self._reception.new_id(),
                customer_id=customer_id,
                rep=reader.code,
                made_at=self._past(note.made_at),
                channel=note.channel,
                minutes=note.minutes,
                outcome=note.outcome,
            )
            return Announced(ACTIVITIES, "contact.made", data.contact_id, data)

        return await self._of_customer(who, customer_id, contact)

    async def profile(self, who: Principal, customer_id: str, fields: ProfileFields) -> Announced:
        """What the file is to say (P1, P2), as of now."""

        def profile(_: Reader) -> Announced:
            data = CustomerProfiled(customer_id=customer_id, profiled_at=self._reception.clock.now(), fields=fields)
            return Announced(ACTIVITIES, "customer.profiled", self._reception.new_id(), data)

        stated = {field: getattr(fields, field) for field in OWNERSHIP}
        return await self._of_customer(who, customer_id, profile, stated)

    async def inquiry(self, who: Principal, customer_id: str, note: InquiryNote) -> Announced:
        """A customer asked for something (K3)."""

        def inquiry(_: Reader) -> Announced:
            data = InquiryReceived(
                inquiry_id=note.inquiry_id or self._reception.new_id(),
                customer_id=customer_id,
                received_at=self._past(note.received_at),
                text=note.text,
                source=note.source,
            )
            return Announced(ACTIVITIES, "inquiry.received", data.inquiry_id, data)

        return await self._of_customer(who, customer_id, inquiry)

    async def judgement(self, who: Principal, customer_id: str, inquiry_id: str, note: JudgementNote) -> Announced:
        """The potential that somebody sees in an inquiry (K5), as of now."""

        def judgement(_: Reader) -> Announced:
            data = InquiryJudged(
                inquiry_id=inquiry_id,
                customer_id=customer_id,
                judged_at=self._reception.clock.now(),
                potential=note.potential,
                reasons=note.reasons,
                judged_by=who.person,
            )
            return Announced(ACTIVITIES, "inquiry.judged", self._reception.new_id(), data)

        return await self._of_customer(who, customer_id, judgement)

    async def person(self, who: Principal, recorded: PersonRecorded) -> Announced:
        """Somebody's place in the company (P6); never one's own."""
        reception = self._reception
        announced = Announced(ORGANISATION, "person.recorded", reception.new_id(), recorded)
        async with reception.database.transaction() as tx:
            reader = await reception.reader(tx, who)
            known = (await reception.people.load(tx, [recorded.person])).get(recorded.person)
            # Customers are theirs under both names, so neither may be another's.
            names = {recorded.person, recorded.rep_code or recorded.person}
            holders = {holder for name in names for holder in await reception.people.holders(tx, name)}
            verdict = access.may_record_person(reader, recorded, known, holders)
            await self._note(tx, who, verdict, announced, NO_ONE_FILE)
        return allowed(verdict, announced)

    async def station(self, who: Principal, recorded: StationRecorded) -> Announced:
        """A place from which people work (A3, N3)."""
        announced = Announced(ORGANISATION, "station.recorded", self._reception.new_id(), recorded)
        async with self._reception.database.transaction() as tx:
            verdict = access.may_record_station(await self._reception.reader(tx, who))
            await self._note(tx, who, verdict, announced, NO_ONE_FILE)
        return allowed(verdict, announced)

    async def leave(self, who: Principal, person: str, note: LeaveNote) -> Announced:
        """Somebody is going to be away, or is (F8)."""
        data = LeaveRecorded(
            leave_id=note.leave_id or self._reception.new_id(),
            person=person,
            first=note.first,
            last=note.last,
            deputy=note.deputy,
        )
        announced = Announced(ORGANISATION, "leave.recorded", data.leave_id, data)
        return await self._of_leave(who, person, announced, note.deputy)

    async def leave_cancelled(self, who: Principal, person: str, leave_id: str) -> Announced:
        """Somebody is there after all."""
        data = LeaveCancelled(leave_id=leave_id, person=person)
        return await self._of_leave(who, person, Announced(ORGANISATION, "leave.cancelled", leave_id, data))

    async def _of_leave(
        self, who: Principal, person: str, announced: Announced, deputy: str | None = None
    ) -> Announced:
        reception = self._reception
        async with reception.database.transaction() as tx:
            reader = await reception.reader(tx, who)
            known = await reception.people.load(tx, [person] if deputy is None else [person, deputy])
            verdict = access.may_record_leave(reader, person, known.get(person))
            if verdict.allowed and deputy is not None:
                verdict = access.may_stand_in(person, deputy, known.get(deputy))
            await self._note(tx, who, verdict, announced, NO_ONE_FILE)
        return allowed(verdict, announced)

    def _past(self, moment: datetime | None) -> datetime:
        return moment_of(moment, self._reception.clock)

    async def _of_customer(
        self,
        who: Principal,
        customer_id: str,
        announce: Callable[[Reader], Announced],
        stated: Mapping[str, str | None] | None = None,
    ) -> Announced:
        reception = self._reception
        async with reception.database.transaction() as tx:
            reader = await reception.reader(tx, who)
            head = await reception.files.head(tx, customer_id)
            verdict = access.may_amend(reader, keeping_of(head, await reception.terms(tx)), stated)
            rep = (stated or {}).get("rep")
            if verdict.allowed and rep is not None:
                names = await reception.people.holders(tx, rep)
                verdict = access.may_take_over((await reception.people.load(tx, names)).values()) or verdict
            announced = announce(reader)
            await self._note(tx, who, verdict, announced, file_name(customer_id))
        return allowed(verdict, announced)

    async def _note(self, tx: Transaction, who: Principal, verdict: Verdict, announced: Announced, file: str) -> None:
        await publish(self._reception, tx, who, verdict, announced, file)


async def publish(  # noqa: PLR0913, PLR0917 - where it is said, who says it, and what
    reception: Reception, tx: Transaction, who: Principal, verdict: Verdict, announced: Announced, file: str
) -> None:
    """Publish what may be said, and tell the audit either way."""
    action, reason = announced.event_type, verdict.reason
    if not verdict.allowed:
        await reception.trail.append(tx, who, denied(action, reason, file))
        return
    outgoing = Outgoing(
        announced.topic,
        key_of(announced.topic, announced.data),
        announced.event_type,
        announced.event_id,
        announced.data,
        trace=current_traceparent(),
    )
    await reception.publisher.append(tx, [outgoing], now=reception.clock.now())
    await reception.trail.append(tx, who, Deed("decision.made", action, file, reason=reason.value))


def moment_of(moment: datetime | None, clock: Clock) -> datetime:
    """The moment, or now where none is given; `InTheFutureError` for one to come."""
    now = clock.now()
    if moment is not None and moment > now:
        raise InTheFutureError(moment.isoformat())
    return moment or now


def allowed(verdict: Verdict, announced: Announced) -> Announced:
    """What was announced, now that it is committed; `NotAllowedError` now that the refusal is."""
    if not verdict.allowed:
        raise NotAllowedError(verdict.reason)
    return announced
