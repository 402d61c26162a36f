"""Why a record is refused: a word for machines, a sentence in both languages, and where what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pydantic import ValidationError

from shared.engine.model import Refused
from shared.words import Text

LARGEST_RECORD = 512 * 1024
"""Bytes of a record's value."""

REFUSALS: Mapping[str, Text] = MappingProxyType(
    {
        "tombstone": Text("记录没有内容。", "The record has no value."),
        "too_large": Text("记录超过 512 KiB。", "The record is over 512 KiB."),
        "not_json": Text("内容不是有效的 JSON。", "The value is not valid JSON."),
        "bad_envelope": Text("事件的信封不完整或有误。", "The event's envelope is incomplete or wrong."),
        "unknown_type": Text("该主题没有这种事件类型。", "The topic has no event of this type."),
        "bad_data": Text("事件的数据有误。", "The event's data is wrong."),
        "no_identity": Text("事件没有编号，无法识别重复。", "The event has no id, so a repetition could not be told."),
        "future": Text("事件的时间比现在晚一天以上。", "The event lies more than a day ahead."),
        "key_mismatch": Text("记录的键与事件不符。", "The record's key is not the event's."),
        "unknown_currency": Text(
            "政策中没有该币种当日的汇率。", "The policy has no rate for this currency on that day."
        ),
        "conflicting_id": Text(
            "同一编号的事件先前带有不同的数据。", "An event with this id came before with other data."
        ),
        "internal_error": Text("系统处理此记录时出错。", "The system failed on this record."),
    }
)
"""Code of a refusal to its sentence; `Refused.detail` adds where and what."""

_LONGEST_QUOTE = 80
# pydantic writes [key] where the name itself, not its value, is wrong.
_plain = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}|\[key\]").fullmatch

_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing_size": "must be a smaller whole number",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "literal_error": "must be one of {expected}",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_long": "must have at most {max_length} items",
    "timezone_aware": "must have an offset from UTC such as +08:00",
    "datetime_parsing": "must be a moment such as 2026-03-02T10:00:00+08:00: {error}",
    "datetime_from_date_parsing": "must be a moment such as 2026-03-02T10:00:00+08:00: {error}",
    "date_parsing": "must be a date such as 2026-03-02: {error}",
    "date_from_datetime_parsing": "must be a date such as 2026-03-02: {error}",
}


def shown(text: str) -> str:
    """`text` quoted for a sentence: short, and without anything that a terminal or PostgreSQL would choke on."""
    return json.dumps(text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…", ensure_ascii=False)


def unknown_type(event_type: str, known: Iterable[str]) -> Refused:
    return Refused("unknown_type", f"type: {shown(event_type)} is none of {', '.join(known)}")


def refusal_of(error: ValidationError, known_types: Iterable[str], within: tuple[str, ...] | None = None) -> Refused:
    """What the first fault in a record means, in plain words with its path: `data.amount: must be at least 0`.

    `within` is the path of what was validated; None for a whole event, whose faults' paths begin with its type.
    """
    fault = error.errors(include_url=False, include_input=False)[0]
    kind, context = fault["type"], fault.get("ctx", {})
    path = fault["loc"][1:] if within is None else (*within, *fault["loc"])
    if kind == "json_invalid":
        return Refused("not_json", context["error"])
    if kind == "union_tag_invalid":
        return unknown_type(context["tag"], known_types)
    if kind == "union_tag_not_found":
        return Refused("bad_envelope", "type: is missing")
    if not path:
        return Refused("bad_envelope", "must be a JSON object")
    words = _WORDS.get(kind)
    said = words.format(**context) if words else fault["msg"]
    return Refused("bad_data" if path[0] == "data" else "bad_envelope", f"{_spelled(path)}: {said}")


def _spelled(path: tuple[int | str, ...]) -> str:
    """The path as a person would write it; a name that came with the record may hold anything, so it is quoted."""
    return ".".join(str(step) if isinstance(step, int) or _plain(step) else shown(step) for step in path)
