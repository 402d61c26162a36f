"""Inquiries and contacts; where one is told twice, the later telling stands, ties settled by content (K5, F7)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from shared.contracts.activities import ContactMade, InquiryJudged, InquiryReceived
from shared.contracts.types import Potential


class Question(NamedTuple):
    """What a customer asked, and through which channel."""

    received_at: datetime
    text: str = ""
    source: str = ""


class Judgement(NamedTuple):
    """The potential somebody saw in an inquiry (K5)."""

    judged_at: datetime
    potential: Potential
    reasons: tuple[str, ...] = ()
    judged_by: str = ""


class Inquiry(NamedTuple):
    """An inquiry; it may be judged before it is seen here."""

    customer_id: str
    inquiry_id: str
    question: Question | None = None
    judgement: Judgement | None = None


class Contact(NamedTuple):
    """A contact that really happened; `minutes` of work, None where nobody said (F7)."""

    customer_id: str
    contact_id: str
    made_at: datetime
    rep: str
    channel: str
    minutes: int | None
    outcome: str


def asked(inquiry: Inquiry, data: InquiryReceived) -> Inquiry:
    question = Question(data.received_at, data.text or "", data.source or "")
    if inquiry.question is not None and inquiry.question >= question:
        return inquiry
    return inquiry._replace(question=question)


def judged(inquiry: Inquiry, data: InquiryJudged) -> Inquiry:
    judgement = Judgement(data.judged_at, data.potential, data.reasons or (), data.judged_by or "")
    if inquiry.judgement is not None and inquiry.judgement >= judgement:
        return inquiry
    return inquiry._replace(judgement=judgement)


def contacted(known: Contact | None, data: ContactMade) -> Contact:
    contact = Contact(
        data.customer_id, data.contact_id, data.made_at, data.rep, data.channel, data.minutes, data.outcome or ""
    )
    return contact if known is None else max(known, contact, key=_settled)


def _settled(contact: Contact) -> tuple[datetime, str, str, int, str]:
    minutes = -1 if contact.minutes is None else contact.minutes
    return contact.made_at, contact.rep, contact.channel, minutes, contact.outcome
