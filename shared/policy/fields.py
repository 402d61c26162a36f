"""The kinds of values that a policy is made of, and how a rule says what it finds wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from shared.words import Text

# Names the errors that carry their own words in both languages.
FINDING = "policy_finding"


class Section(BaseModel):
    """A part of the policy: frozen, and refusing keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, at a place below the value being checked (`("2", "from")`; empty for the value itself)."""

    what: Text
    at: tuple[int | str, ...] = ()


def report(findings: Iterable[Finding]) -> None:
    """Raise all findings as one validation error, each at its own place; return when there are none."""
    details = [
        InitErrorDetails(
            type=PydanticCustomError(FINDING, "{en}", {"en": finding.what.en, "zh": finding.what.zh}),
            loc=finding.at,
            input=None,
        )
        for finding in findings
    ]
    if details:
        raise ValidationError.from_exception_data("policy", details)


def refuse(en: str, zh: str) -> PydanticCustomError:
    """A finding about the value being validated, to be raised."""
    return PydanticCustomError(FINDING, "{en}", {"en": en, "zh": zh})


def _spelled(pattern: str, en: str, zh: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise refuse(f"{en}, not {value[:40]!r}", f"{zh}，现为 {value[:40]!r}")
        return value

    return AfterValidator(check)


def sized(least: int, most: int | None = None) -> AfterValidator:
    """How many items a list has; pydantic's own count leaves out faulty items, which then look like missing ones."""

    def check(value: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(value) < least:
            raise refuse(f"needs {least} or more items, not {len(value)}", f"至少要有 {least} 项，现为 {len(value)} 项")
        if most is not None and len(value) > most:
            raise refuse(f"has at most {most} items, not {len(value)}", f"最多 {most} 项，现为 {len(value)} 项")
        return value

    return AfterValidator(check)


def _plain(number: Decimal) -> str:
    # One spelling for equal numbers, so that 0.2 and 0.20 give the same digest.
    return format(number.normalize(), "f")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise refuse(f"no such time zone: {name!r} (for example Asia/Shanghai)", f"没有这个时区：{name!r}") from None
    return name


def _written_date(value: Any) -> Any:
    # Left to itself pydantic takes 20260131 for seconds since 1970, and a moment at midnight for a date.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return value
    raise refuse("a date is written 2026-01-31", "日期写作 2026-01-31")


def _written_time(value: Any) -> Any:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:00)?", value):
        return value
    raise refuse('a time of day is written "08:30"', '时刻写作 "08:30"')


def _month_day(value: str) -> str:
    try:
        # 29 February begins no season: it comes only every fourth year.
        date.fromisoformat(f"2026-{value}")
    except ValueError:
        raise refuse("a day of the year is written 05-01 (month-day)", "年内日期写作 05-01（月-日）") from None
    return value


Exact = Annotated[Decimal, Field(max_digits=28), PlainSerializer(_plain, return_type=str, when_used="json")]
"""An exact number; in JSON a string in plain notation."""
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Days = Annotated[int, Field(strict=True, ge=1, le=36_500)]
"""A hundred years at most: a window of more reaches beyond the calendar, where there are no dates to compute with."""
Name = Annotated[
    str, _spelled("[a-z][a-z0-9_]{0,63}", "a name is lower-case letters, digits and _", "名称只用小写字母、数字和 _")
]
RuleId = Annotated[str, _spelled("[A-Z][0-9]{1,2}", "a rule id is written F3", "规则编号写作 F3")]
"""The id of a rule of the company's documents, `F3`."""
Share = Annotated[Exact, Field(gt=0, lt=1)]
"""A part of a whole, above 0 and below 1."""
Currency = Annotated[
    str, _spelled("[A-Z]{3}", "a currency is three capital letters, CNY", "币种是三个大写字母，如 CNY")
]
"""ISO 4217 alphabetic code."""
Country = Annotated[str, _spelled("[A-Z]{2}", "a country is two capital letters, CN", "国家是两个大写字母，如 CN")]
"""ISO 3166-1 alpha-2 code."""
Version = Annotated[
    str, _spelled(r"[^\x00-\x1f\x7f-\x9f]{1,40}", "a version is 1 to 40 characters", "版本号为 1 至 40 个字符")
]
"""What a company calls one state of its policy; fits an event's identifier."""
Day = Annotated[date, BeforeValidator(_written_date), Field(ge=date(1990, 1, 1))]
TimeOfDay = Annotated[time, BeforeValidator(_written_time)]
MonthDay = Annotated[str, AfterValidator(_month_day)]
Zone = Annotated[str, AfterValidator(_zone)]
"""IANA name of a time zone."""
Yes = Annotated[bool, Field(strict=True)]
