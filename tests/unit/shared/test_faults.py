"""What is wrong with a request's field is told in Chinese too, and never by a pattern."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from services.archive.api.doors import Reason
from shared.contracts.types import Amount, Currency, Day, Identifier, Moment, Text
from shared.http.faults import in_chinese


class Asked(BaseModel):
    """One field of each kind that our doors have."""

    reason: Reason = "x"
    month: Annotated[str, Field(pattern=r"^(199\d|[2-9]\d{3})-(0[1-9]|1[0-2])$")] = "2026-03"
    period: Annotated[str, Field(pattern=r"^[0-9]{4}(-Q[1-4])?$")] = "2026"
    record: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = "R-1"
    rank: Literal["secret", "confidential", "unclassified"] = "secret"
    amount: Annotated[Decimal, Field(gt=0, decimal_places=2)] = Decimal(1)
    count: Annotated[int, Field(ge=1, le=10)] = 1
    names: Annotated[list[str], Field(min_length=1, max_length=2)] = ["x"]
    day: date = date(2026, 3, 2)
    at: AwareDatetime = datetime.fromisoformat("2026-03-02T18:00:00+08:00")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("reason", "", "不能为空"),
        ("reason", "  ", "不能为空白，也不能含控制字符"),
        ("reason", "x" * 1001, "最多 1000 个字"),
        ("reason", 7, "应为文字"),
        ("month", "2026-13", "应写作 2026-03"),
        ("period", "2026Q3", "应写作 2026 或 2026-Q1"),
        ("record", "../etc/passwd", "只能用英文字母、数字、点、下划线和连字符，且以字母或数字开头"),
        ("rank", "机密", "可选：'secret'、'confidential'、'unclassified'"),
        ("amount", "一千", "应为数字"),
        ("amount", "0", "应大于 0"),
        ("amount", "1.005", "小数最多 2 位"),
        ("count", 11, "不得大于 10"),
        ("count", "many", "应为整数"),
        ("names", [], "不能为空"),
        ("names", ["a", "b", "c"], "最多 2 项"),
        ("day", "昨天", "应为日期，如 2026-03-02"),
        ("at", "昨天", "应为带时区的时间，如 2026-03-02T18:00:00+08:00"),
        ("at", "2026-03-02T18:00:00", "时间须带时区，如 2026-03-02T18:00:00+08:00"),
    ],
)
def test_a_field_that_does_not_fit_is_told_of_in_words(field: str, value: Any, said: str) -> None:
    """What would fit, and never the value: it may be somebody's data."""
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate({field: value})
    (error,) = refused.value.errors()
    assert in_chinese(error) == said
    assert not re.search(r"[\\^$]", said)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Value error, last is not before first / 结束日期不得早于开始日期", "结束日期不得早于开始日期"),
        ("Value error, of English words", "不符合要求：of English words"),
    ],
)
def test_a_rule_of_ours_says_it_in_chinese_where_it_can(message: str, said: str) -> None:
    """A validator has one text for both languages."""
    assert in_chinese({"type": "value_error", "msg": message}) == said


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (Identifier, "", "应为 1 至 128 字节的文字，不含控制字符"),
        (Text, "长" * 5000, "最多 4096 个字，不含空字符"),
        (Currency, "元", "应为三个大写字母的货币代码，如 CNY"),
        (Day, "1.2.2026", "应为日期，如 2026-03-02，不早于 1990 年"),
        (Moment, "昨天", "应为带时区的时间，如 2026-03-02T18:00:00+08:00，不早于 1990 年"),
    ],
)
def test_types_of_our_own_are_told_of_too(kind: Any, value: str, said: str) -> None:
    """They carry an error of their own in place of the library's."""
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_json(json.dumps(value))
    assert in_chinese(refused.value.errors()[0]) == said


def test_an_amount_is_told_of_with_its_places() -> None:
    """How many depends on the amount."""
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Amount).validate_json('"一千"')
    assert re.fullmatch(r"应为最多 \d+ 位小数的数字，如 12.50", in_chinese(refused.value.errors()[0]))


def test_a_finding_that_brings_its_words_keeps_them() -> None:
    """As those of a policy do."""
    assert in_chinese({"type": "finding", "ctx": {"en": "no such zone", "zh": "没有这个时区"}}) == "没有这个时区"


def test_what_has_no_words_does_not_fit() -> None:
    """A library that learns a new error says that much."""
    assert in_chinese({"type": "of_next_year", "ctx": {"value": "secret"}}) == "不符合要求"
    assert in_chinese({"type": "less_than"}) == "不符合要求"
