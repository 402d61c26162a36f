"""What is wrong with a field of a request, in Chinese: the library that looks speaks English only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

# By the library's own names (https://docs.pydantic.dev/latest/errors/validation_errors/), with what it tells of each.
_WORDS: Final[Mapping[str, str]] = {
    # Of types of our own (`shared/contracts/types.py`).
    "identifier": "应为 1 至 {max_bytes} 字节的文字，不含控制字符",
    "text": "最多 {max_length} 个字，不含空字符",
    "currency": "应为三个大写字母的货币代码，如 CNY",
    "decimal": "应为最多 {places} 位小数的数字，如 12.50",
    "moment": "应为带时区的时间，如 2026-03-02T18:00:00+08:00，不早于 1990 年",
    "day": "应为日期，如 2026-03-02，不早于 1990 年",
    "missing": "缺少此项",
    "extra_forbidden": "没有这一项",
    "json_invalid": "不是有效的 JSON",
    "model_attributes_type": "应为 JSON 对象",
    "model_type": "应为 JSON 对象",
    "dict_type": "应为 JSON 对象",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "string_type": "应为文字",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "decimal_type": "应为数字",
    "decimal_parsing": "应为数字",
    "decimal_max_places": "小数最多 {decimal_places} 位",
    "decimal_max_digits": "最多 {max_digits} 位数字",
    "finite_number": "应为有限的数",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "date_type": "应为日期，如 2026-03-02",
    "date_parsing": "应为日期，如 2026-03-02",
    "date_from_datetime_parsing": "应为日期，如 2026-03-02",
    "datetime_type": "应为带时区的时间，如 2026-03-02T18:00:00+08:00",
    "datetime_parsing": "应为带时区的时间，如 2026-03-02T18:00:00+08:00",
    "datetime_from_date_parsing": "应为带时区的时间，如 2026-03-02T18:00:00+08:00",
    "timezone_aware": "时间须带时区，如 2026-03-02T18:00:00+08:00",
}


UNFIT: Final = "不符合要求"
# What of these a pattern takes tells people more than the pattern does.
_PERIODS: Final = ("2026", "2026-Q1", "2026-03", "2026-W10")


def in_chinese(error: Mapping[str, Any]) -> str:
    """What an error of the library says, never with the value; of a kind without words here, that it does not fit."""
    kind, context = str(error["type"]), error.get("ctx") or {}
    match kind:
        # A finding that brings its own words.
        case _ if "zh" in context:
            words = str(context["zh"])
        case "string_too_short" | "too_short" if context.get("min_length") == 1:
            words = "不能为空"
        case "string_pattern_mismatch":
            words = _of_pattern(str(context.get("pattern", "")))
        case "value_error":
            words = _of_ours(str(error.get("msg", "")))
        case "literal_error" | "enum":
            words = "可选：" + str(context.get("expected", "")).replace(" or ", "、").replace(", ", "、")
        case _:
            words = _filled(_WORDS.get(kind, UNFIT), context)
    return words


def _filled(words: str, context: Mapping[str, Any]) -> str:
    try:
        return words.format(**context)
    except KeyError:
        return UNFIT


def _of_ours(message: str) -> str:
    """What a rule of ours says: `English / 中文`, or English alone."""
    said = message.removeprefix("Value error, ")
    _, _, zh = said.partition(" / ")
    return zh or f"{UNFIT}：{said}"


def _of_pattern(pattern: str) -> str:
    """What a text that fits looks like."""
    if periods := [period for period in _PERIODS if re.fullmatch(pattern, period)]:
        if not re.fullmatch(pattern, "R-1"):
            return f"应写作 {' 或 '.join(periods)}"
        if not re.fullmatch(pattern, "档案"):
            return "只能用英文字母、数字、点、下划线和连字符，且以字母或数字开头"
    return "不能为空白，也不能含控制字符" if re.fullmatch(pattern, "档案") else "格式不对"
