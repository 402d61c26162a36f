"""`activities.v1`: what people do with customers, from the console, importers or an outside CRM; key customer_id."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from shared.contracts.types import Amount, EventData, FileTier, Frozen, Identifier, LongText, Moment, Potential, Text


def _sorted_by_key(fields: dict[str, str]) -> dict[str, str]:
    return dict(sorted(fields.items()))


ProfileTexts = Annotated[dict[Identifier, Text], Field(max_length=200, fail_fast=True), AfterValidator(_sorted_by_key)]
"""Free fields of a customer's file (P1), sorted so that their order never changes a digest."""


class CustomerRegistered(EventData):
    """A customer became known other than by trade: a fair, a referral, the web (K3)."""

    moment_field: ClassVar[str | None] = "registered_at"

    customer_id: Identifier
    name: Text | None = None
    country: Identifier | None = None
    rep: Identifier | None = None
    department: Identifier | None = None
    source: Text | None = None
    registered_at: Moment


class ProfileFields(Frozen):
    """What changes in a customer's file (P1); a field left out stays as it is."""

    name: Text | None = None
    country: Identifier | None = None
    industry: Text | None = None
    website: Text | None = None
    buyer: Text | None = None
    rep: Identifier | None = None
    department: Identifier | None = None
    file_tier: FileTier | None = None
    profile: ProfileTexts | None = None


class CustomerProfiled(EventData):
    """A rep filled or completed the customer's file (P1, P2)."""

    moment_field: ClassVar[str | None] = "profiled_at"

    customer_id: Identifier
    profiled_at: Moment
    fields: ProfileFields


class InquiryReceived(EventData):
    """A customer asked (K3); its potential is moderate until judged."""

    moment_field: ClassVar[str | None] = "received_at"

    inquiry_id: Identifier
    customer_id: Identifier
    received_at: Moment
    text: LongText | None = None
    source: Text | None = None


class InquiryJudged(EventData):
    """The potential seen in an inquiry (K5)."""

    moment_field: ClassVar[str | None] = "judged_at"

    inquiry_id: Identifier
    customer_id: Identifier
    judged_at: Moment
    potential: Potential
    reasons: Annotated[tuple[Text, ...], Field(max_length=100, fail_fast=True)] | None = None
    judged_by: Identifier | None = None


class ContactMade(EventData):
    """A rep was in touch with the customer: the cadence goes on from here (F7). `minutes` is the work it took.

    `outcome` is in the rep's words, `outcome_code` one of the policy's.
    """

    moment_field: ClassVar[str | None] = "made_at"

    contact_id: Identifier
    customer_id: Identifier
    rep: Identifier
    made_at: Moment
    channel: Text
    minutes: Annotated[int, Field(strict=True, ge=0, le=1440)] | None = None
    outcome: Text | None = None
    outcome_code: Identifier | None = None


class ConductReported(EventData):
    """An inspector or a manager reports what a person did (N7); keyed by the person, not by a customer.

    `amount` is the sum in question where the fine depends on one, in the base currency.
    """

    moment_field: ClassVar[str | None] = "reported_at"
    key_field: ClassVar[str | None] = "person"

    report_id: Identifier
    person: Identifier
    kind: Identifier
    reported_at: Moment
    reported_by: Identifier
    amount: Amount | None = None
    note: Text | None = None
