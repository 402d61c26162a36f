"""What goes over customers' HTTP, and how what is known becomes it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from services.customers.domain.activities import Inquiry
from services.customers.domain.copies import CustomerLevel, Person
from services.customers.domain.files import Headline
from services.customers.usecases.announce import Announced
from services.customers.usecases.read_files import OpenedFile
from shared.contracts.types import (
    CustomerClass,
    FileTier,
    Identifier,
    Level,
    LongText,
    Moment,
    Potential,
    SamplePhase,
    Text,
)
from shared.money import to_text
from shared.roles import Role

Money = Annotated[Decimal, PlainSerializer(to_text, return_type=str)]
"""A decimal string."""


class LevelBody(BaseModel):
    """The level that scoring decided last, and the business date of that decision."""

    model_config = ConfigDict(from_attributes=True, validate_by_name=True)

    customer_class: CustomerClass = Field(serialization_alias="class")
    level: Level
    since: date


class BasicPart(BaseModel):
    """P1, the first part: who the customer is."""

    name: str | None
    country: str | None
    industry: str | None
    website: str | None
    buyer: str | None
    source: str | None


class ContactBody(BaseModel):
    """A contact that happened; `minutes` of work."""

    model_config = ConfigDict(from_attributes=True)

    contact_id: str
    made_at: datetime
    rep: str
    channel: str
    minutes: int | None
    outcome: str


class InquiryBody(BaseModel):
    """An inquiry, and the judgement on it where there is one (K5)."""

    inquiry_id: str
    received_at: datetime | None
    text: str | None
    source: str | None
    judged_at: datetime | None
    potential: Potential | None
    reasons: tuple[str, ...]
    judged_by: str | None


class BusinessPart(BaseModel):
    """P1, the third part: how business with the customer stands; contacts and inquiries are the newest."""

    potential: Potential | None
    contacted_at: datetime | None
    sample_phase: SamplePhase
    sample_on: date | None
    contacts: list[ContactBody]
    inquiries: list[InquiryBody]


class OrderBody(BaseModel):
    """An order; `net` in the base currency, less the returns that name it."""

    model_config = ConfigDict(from_attributes=True)

    order_id: str
    dated: date
    amount: Money
    currency: str
    net: Money
    sold_by: str | None
    completed: bool
    cancelled: bool


class TradingPart(BaseModel):
    """P1, the fourth part: all counting orders in brief, what was paid in the base currency, and the newest orders."""

    orders: int
    first_order_on: date | None
    last_order_on: date | None
    paid: Money
    newest: list[OrderBody]


class FileBody(BaseModel):
    """A customer's file. A part that the reader's grant does not open is null; `class` is by today's facts (K1-K3)."""

    customer_id: str
    version: int
    customer_class: CustomerClass = Field(serialization_alias="class")
    level: LevelBody | None
    file_tier: FileTier
    rep: str | None
    department: str | None
    basic: BasicPart | None
    characteristics: dict[str, str] | None
    business: BusinessPart | None
    trading: TradingPart | None


class HeadlineBody(BaseModel):
    """A line of a search. What stands in the file is null unless the searcher reads it without a request (A1)."""

    customer_id: str
    customer_class: CustomerClass = Field(serialization_alias="class")
    level: LevelBody | None
    file_tier: FileTier
    rep: str | None
    department: str | None
    name: str | None
    country: str | None
    orders: int | None
    last_order_on: date | None
    contacted_at: datetime | None


class PersonBody(BaseModel):
    """A person's place in the company."""

    person: str
    role: str | None
    department: str | None
    manager: str | None
    rep_code: str | None
    active: bool


class AnnouncedBody(BaseModel):
    """Accepted, to take effect within moments: the event's id, and that of the contact, inquiry or statement in it."""

    event_id: str
    id: str


class ContactRequest(BaseModel):
    """A contact that happened (F7). With an id of your own, which makes a repetition harmless, say also when."""

    contact_id: Identifier | None = None
    made_at: Moment | None = None
    channel: Text
    minutes: Annotated[int, Field(ge=0, le=1440)] | None = None
    outcome: Text | None = None

    @model_validator(mode="after")
    def _id_with_moment(self) -> Self:
        if (self.contact_id is None) != (self.made_at is None):
            raise ValueError("contact_id and made_at go together / contact_id 与 made_at 须同时给出")
        return self


class InquiryRequest(BaseModel):
    """What a customer asked (K3). With an id of your own, which makes a repetition harmless, say also when."""

    inquiry_id: Identifier | None = None
    received_at: Moment | None = None
    text: LongText | None = None
    source: Text | None = None

    @model_validator(mode="after")
    def _id_with_moment(self) -> Self:
        if (self.inquiry_id is None) != (self.received_at is None):
            raise ValueError("inquiry_id and received_at go together / inquiry_id 与 received_at 须同时给出")
        return self


class JudgementRequest(BaseModel):
    """The potential seen in an inquiry, and why (K5)."""

    potential: Potential
    reasons: Annotated[tuple[Text, ...], Field(max_length=100)] = ()


class PersonRequest(BaseModel):
    """A person's place, whole (P6); `rep_code` where orders know them by another name."""

    person: Identifier
    role: Role
    department: Identifier | None = None
    manager: Identifier | None = None
    rep_code: Identifier | None = None
    active: bool = True


def shown_file(opened: OpenedFile) -> FileBody:
    """The file with the parts that its reader may see."""
    head, parts = opened.file.head, opened.parts
    keeping = opened.keeping
    return FileBody(
        customer_id=keeping.customer_id,
        version=head.customer.version,
        customer_class=head.customer.customer_class,
        level=shown_level(head.level),
        file_tier=keeping.file_tier,
        rep=keeping.rep,
        department=keeping.department,
        basic=basic_part(opened) if "basic" in parts else None,
        characteristics=opened.file.free_fields() if "characteristics" in parts else None,
        business=business_part(opened) if "business" in parts else None,
        trading=trading_part(opened) if "trading" in parts else None,
    )


def basic_part(opened: OpenedFile) -> BasicPart:
    field = opened.file.field
    return BasicPart(**{name: field(name) for name in BasicPart.model_fields})


def business_part(opened: OpenedFile) -> BusinessPart:
    profile = opened.file.head.customer.profile
    return BusinessPart(
        potential=profile.potential,
        contacted_at=profile.contacted_at,
        sample_phase=profile.sampling.phase,
        sample_on=profile.sampling.since,
        contacts=[ContactBody.model_validate(contact) for contact in opened.file.contacts],
        inquiries=[shown_inquiry(inquiry) for inquiry in opened.file.inquiries],
    )


def trading_part(opened: OpenedFile) -> TradingPart:
    customer = opened.file.head.customer
    return TradingPart(
        orders=customer.trade.orders,
        first_order_on=customer.trade.first_on,
        last_order_on=customer.trade.last_on,
        paid=customer.profile.paid,
        newest=[OrderBody.model_validate(order) for order in opened.file.orders],
    )


def shown_inquiry(inquiry: Inquiry) -> InquiryBody:
    question, judgement = inquiry.question, inquiry.judgement
    return InquiryBody(
        inquiry_id=inquiry.inquiry_id,
        received_at=None if question is None else question.received_at,
        text=None if question is None else question.text,
        source=None if question is None else question.source,
        judged_at=None if judgement is None else judgement.judged_at,
        potential=None if judgement is None else judgement.potential,
        reasons=() if judgement is None else judgement.reasons,
        judged_by=None if judgement is None else judgement.judged_by,
    )


def shown_headline(line: Headline) -> HeadlineBody:
    customer, keeping = line.head.customer, line.keeping
    return HeadlineBody(
        customer_id=keeping.customer_id,
        customer_class=customer.customer_class,
        level=shown_level(line.head.level),
        file_tier=keeping.file_tier,
        rep=keeping.rep,
        department=keeping.department,
        name=customer.profile.name if line.open else None,
        country=customer.profile.country if line.open else None,
        orders=customer.trade.orders if line.open else None,
        last_order_on=customer.trade.last_on if line.open else None,
        contacted_at=customer.profile.contacted_at if line.open else None,
    )


def shown_level(level: CustomerLevel | None) -> LevelBody | None:
    return None if level is None else LevelBody.model_validate(level)


def shown_person(person: Person) -> PersonBody:
    return PersonBody(
        person=person.person,
        role=person.role,
        department=person.department,
        manager=person.manager,
        rep_code=person.rep_code,
        active=person.works_here(),
    )


def shown_announced(announced: Announced) -> AnnouncedBody:
    return AnnouncedBody(event_id=announced.event_id, id=announced.about)
