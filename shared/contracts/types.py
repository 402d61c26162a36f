"""The words that all events are spelled in: identifiers, decimals, moments, and the closed lists of the domain.

Every check here runs inside pydantic-core: tens of thousands of records a second pass through these types.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import methodcaller
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

OLDEST_YEAR = 1990
"""Business begins here: an older date is a mistake of the sender."""


@dataclass(frozen=True, slots=True, eq=False)
class _Spelling:
    """Binds a hand-made core schema and its JSON Schema to an annotated type."""

    core: CoreSchema
    json: JsonSchemaValue

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        # Another one for each use: pydantic notes each field that has the type in it, and with thousands of notes every
        # description of a model takes seconds.
        return cast("CoreSchema", {**self.core})

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return dict(self.json)


def _identifier(max_bytes: int) -> _Spelling:
    """Printable text of 1..`max_bytes` UTF-8 bytes; ASCII is settled without leaving Rust."""

    def within(value: str) -> str:
        if len(value.encode()) > max_bytes:
            raise ValueError
        return value

    ascii_text = core_schema.str_schema(strict=True, pattern=rf"^[ -~]{{1,{max_bytes}}}$")
    any_text = core_schema.str_schema(strict=True, pattern=r"^\P{Cc}+$", max_length=max_bytes)
    return _Spelling(
        core_schema.custom_error_schema(
            core_schema.union_schema(
                [ascii_text, core_schema.no_info_after_validator_function(within, any_text)], mode="left_to_right"
            ),
            custom_error_type="identifier",
            custom_error_message="must be text of 1 to {max_bytes} bytes in UTF-8 without control characters",
            custom_error_context={"max_bytes": max_bytes},
        ),
        {"type": "string", "minLength": 1, "maxLength": max_bytes, "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$"},
    )


def _text(max_length: int) -> _Spelling:
    """Free text that PostgreSQL can keep: no NUL."""
    return _Spelling(
        core_schema.custom_error_schema(
            core_schema.str_schema(strict=True, max_length=max_length, pattern=r"^[^\x00]*$"),
            custom_error_type="text",
            custom_error_message="must be text of at most {max_length} characters without NUL",
            custom_error_context={"max_length": max_length},
        ),
        {"type": "string", "maxLength": max_length, "pattern": r"^[^\u0000]*$"},
    )


def _currency() -> _Spelling:
    pattern = r"^[A-Z]{3}$"
    return _Spelling(
        core_schema.custom_error_schema(
            core_schema.str_schema(strict=True, pattern=pattern),
            custom_error_type="currency",
            custom_error_message='must be an ISO 4217 code of three capitals such as "CNY"',
        ),
        {"type": "string", "pattern": pattern},
    )


def _decimal(limit_digits: int, places: int, *, signed: bool) -> _Spelling:
    """A decimal below 10^`limit_digits` with at most `places` decimal places, as a string or a JSON integer.

    A JSON float is refused: most decimals have no exact float. Exponents are neither taken nor written.
    """
    limit = Decimal(10) ** limit_digits
    least, above = (None, -limit) if signed else (Decimal(0), None)
    spelled = core_schema.custom_error_schema(
        core_schema.union_schema(
            [
                core_schema.str_schema(strict=True, pattern=rf"^-?[0-9]{{1,60}}(\.[0-9]{{1,{places}}})?$"),
                core_schema.int_schema(strict=True),
            ],
            mode="left_to_right",
        ),
        custom_error_type="decimal",
        custom_error_message='must be a decimal in a string such as "12.50", at most {places} places, or a whole number'
        " (a float is not exact)",
        custom_error_context={"places": places},
    )
    # Counting places costs as much as all the rest, so JSON leaves it to the pattern, which also keeps out NaN.
    from_json = core_schema.decimal_schema(ge=least, gt=above, lt=limit)
    from_python = core_schema.decimal_schema(ge=least, gt=above, lt=limit, decimal_places=places, allow_inf_nan=False)
    sign = "-?" if signed else ""
    return _Spelling(
        core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema([spelled, from_json]),
            python_schema=from_python,
            # str(Decimal) writes 0E-7 for some zeros: format never does.
            serialization=core_schema.plain_serializer_function_ser_schema(
                methodcaller("__format__", "f"), when_used="json"
            ),
        ),
        {
            "type": ["string", "integer"],
            "pattern": rf"^{sign}0*[0-9]{{1,{limit_digits}}}(\.[0-9]{{1,{places}}})?$",
            **({"exclusiveMinimum": -int(limit)} if signed else {"minimum": 0}),
            "exclusiveMaximum": int(limit),
        },
    )


def _moment(oldest: datetime, year_pattern: str, message: str) -> _Spelling:
    """RFC 3339 with an offset; never a number, never a naive time."""
    bounds = core_schema.datetime_schema(
        ge=oldest, lt=datetime(9999, 1, 1, tzinfo=UTC), tz_constraint="aware", microseconds_precision="truncate"
    )
    spelled = core_schema.custom_error_schema(
        core_schema.str_schema(strict=True, pattern=rf"^{year_pattern}-[0-9]{{2}}-[0-9]{{2}}[Tt ]"),
        custom_error_type="moment",
        custom_error_message=message,
    )
    return _Spelling(
        core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema([spelled, bounds]), python_schema=bounds
        ),
        {"type": "string", "format": "date-time"},
    )


def _day() -> _Spelling:
    bounds = core_schema.date_schema(ge=date(OLDEST_YEAR - 1, 12, 31), lt=date(9999, 1, 1))
    spelled = core_schema.custom_error_schema(
        core_schema.str_schema(strict=True, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
        custom_error_type="day",
        custom_error_message='must be a date such as "2026-03-02"',
    )
    return _Spelling(
        core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema([spelled, bounds]), python_schema=bounds
        ),
        {"type": "string", "format": "date"},
    )


Identifier = Annotated[str, _identifier(128)]
"""1..128 UTF-8 bytes, no control characters: what an outside system may call a thing."""

DerivedIdentifier = Annotated[str, _identifier(384)]
"""Made of identifiers ("<customer_id>:<version>"), hence longer than one."""

Amount = Annotated[Decimal, _decimal(12, 12, signed=False)]
"""Money of one document: 0 <= amount < 10^12."""

ExactAmount = Annotated[Decimal, _decimal(24, 30, signed=True)]
"""Converted, summed or interpolated money, never rounded: wider than any one document."""

LineAmount = Annotated[Decimal, _decimal(32, 32, signed=False)]
"""Quantity times price times rate, never rounded: as many digits as all three together."""

Currency = Annotated[str, _currency()]
"""ISO 4217 alphabetic code; whether there is a rate for it is the policy's to say."""

Moment = Annotated[
    datetime,
    _moment(
        datetime(OLDEST_YEAR - 1, 12, 31, 10, tzinfo=UTC),
        r"(199[0-9]|[2-9][0-9]{3})",
        'must be a moment of 1990 or later with its offset, such as "2026-03-02T10:00:00+08:00"',
    ),
]
"""An aware moment whose year, as written by the sender, is 1990 or later."""

Instant = Annotated[
    datetime,
    _moment(
        datetime(OLDEST_YEAR - 1, 12, 31, tzinfo=UTC),
        r"[0-9]{4}",
        'must be a moment with its offset, such as "2026-03-02T10:00:00+08:00"',
    ),
]
"""A `Moment` that may have been turned to UTC, where the first hours of 1990 may still be 1989."""

Day = Annotated[date, _day()]
"""A business date in the policy's time zone."""

Text = Annotated[str, _text(4096)]
"""A name, a remark, a sentence."""

LongText = Annotated[str, _text(60_000)]
"""The body of a letter: at most half of the largest record, whatever its script."""

CustomerClass = Literal["contract", "sample", "potential"]
"""K1, K2, K3."""

Level = Literal[
    "key",
    "ordinary",
    "lapsed",
    "europe_america",
    "middle_east",
    "asia_africa",
    "high",
    "moderate",
    "none",
]
"""The nine levels of K1-K3, three for each class."""

Potential = Literal["high", "moderate", "none"]
"""K3, K5."""

SamplePhase = Literal["none", "confirming", "delivered"]
"""F2: before any sample, from its order until it arrives, afterwards."""

FileTier = Literal["company", "department", "personal"]
"""A1: who keeps the customer's file."""


Rank = Literal["top_secret", "secret", "confidential", "unclassified"]
"""A3: how secret something is, from rank 3 down to 0."""


class Frozen(BaseModel):
    """What travels in events: immutable; unknown fields are ignored, so that fields can be added within a version."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


class EventData(Frozen):
    """The `data` of an event.

    `moment_field` names the field that says when it happened, which must not lie more than a day ahead;
    `identity_field` the field that identifies the event in the bare form; `key_field` the field that keys this event
    where it is keyed differently from its topic.
    """

    moment_field: ClassVar[str | None] = None
    identity_field: ClassVar[str | None] = None
    key_field: ClassVar[str | None] = None


class Words(Frozen):
    """The same sentence in Chinese and in English."""

    zh: Text
    en: Text


class Cause(Frozen):
    """The event that brought another one about."""

    id: DerivedIdentifier
    type: Identifier
    source: Identifier
