"""What is wrong with a value, in the words of someone who keeps a policy rather than of a validator."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final, get_args

from pydantic import BaseModel

from shared.policy.fields import FINDING
from shared.policy.model import Policy
from shared.words import Text

# By pydantic's error type; the braces are filled from the error's context, `input` is the value as written.
_WORDS: Final = {
    "missing": Text(zh="缺少这个键", en="this key is missing"),
    "int_type": Text(zh="应为整数，现为 {input}", en="must be a whole number, not {input}"),
    "int_parsing": Text(zh="应为整数，现为 {input}", en="must be a whole number, not {input}"),
    "int_from_float": Text(zh="应为整数，现为 {input}", en="must be a whole number, not {input}"),
    "decimal_type": Text(zh="应为数字，现为 {input}", en="must be a number, not {input}"),
    "decimal_parsing": Text(zh="应为数字，现为 {input}", en="must be a number, not {input}"),
    "finite_number": Text(zh="应为有限的数字", en="must be a finite number"),
    "decimal_max_digits": Text(zh="最多 {max_digits} 位数字", en="has more than {max_digits} digits"),
    "decimal_max_places": Text(zh="最多 {decimal_places} 位小数", en="has more than {decimal_places} decimal places"),
    "decimal_whole_digits": Text(zh="整数部分最多 {whole_digits} 位", en="has more than {whole_digits} whole digits"),
    "greater_than": Text(zh="必须大于 {gt}，现为 {input}", en="must be above {gt}, not {input}"),
    "greater_than_equal": Text(zh="不得小于 {ge}，现为 {input}", en="must be at least {ge}, not {input}"),
    "less_than": Text(zh="必须小于 {lt}，现为 {input}", en="must be below {lt}, not {input}"),
    "less_than_equal": Text(zh="不得大于 {le}，现为 {input}", en="must be at most {le}, not {input}"),
    "bool_type": Text(zh="应为 true 或 false，现为 {input}", en="must be true or false, not {input}"),
    "string_type": Text(zh="应为文字，现为 {input}（可加引号）", en="must be text, not {input} (quotes make it text)"),
    "string_too_short": Text(zh="不能为空", en="must not be empty"),
    "string_too_long": Text(zh="最多 {max_length} 个字符", en="has more than {max_length} characters"),
    "literal_error": Text(zh="应为 {expected} 之一，现为 {input}", en="must be {expected}, not {input}"),
    "enum": Text(zh="应为 {expected} 之一，现为 {input}", en="must be {expected}, not {input}"),
    "model_type": Text(zh="应为一组键值，现为 {input}", en="must be a group of keys, not {input}"),
    "dict_type": Text(zh="应为一组键值，现为 {input}", en="must be a group of keys, not {input}"),
    "dataclass_type": Text(zh="应为 {{zh: …, en: …}}，现为 {input}", en="must be {{zh: …, en: …}}, not {input}"),
    "tuple_type": Text(zh="应为列表，现为 {input}", en="must be a list, not {input}"),
    "date_from_datetime_parsing": Text(zh="没有这一天：{input}", en="there is no such day: {input}"),
    "date_parsing": Text(zh="没有这一天：{input}", en="there is no such day: {input}"),
}
# As pydantic calls a key that a model, and one that a dataclass, does not know.
UNKNOWN_KEY: Final = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
_SHOWN_AT_MOST: Final = 40
_OTHERWISE: Final = Text(zh="值无效：{msg}", en="{msg}")


def explain(detail: Any, keys: tuple[int | str, ...]) -> Text:
    """One of pydantic's error details in plain words; `keys` is where the value stands in the policy."""
    context: dict[str, Any] = detail.get("ctx", {})
    if detail["type"] == FINDING:
        return Text(zh=context["zh"], en=context["en"])
    if detail["type"] in UNKNOWN_KEY:
        return _unknown_key(keys)
    words = _WORDS.get(detail["type"], _OTHERWISE)
    values = {**context, "input": _shown(detail["input"]), "msg": detail["msg"]}
    return Text(zh=words.zh.format(**values), en=words.en.format(**values))


def _shown(value: Any) -> str:
    if value is None:
        return "nothing / 空"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    text = str(value)
    if len(text) > _SHOWN_AT_MOST:
        text = f"{text[:_SHOWN_AT_MOST]}…"
    return repr(text) if isinstance(value, str) else text


def _unknown_key(keys: tuple[int | str, ...]) -> Text:
    known = sorted(set(_known_keys(Policy, keys[:-1])))
    close = get_close_matches(str(keys[-1]), known, n=1)
    if close:
        return Text(zh=f"没有这个键；是否想写 {close[0]}？", en=f"there is no such key; did you mean {close[0]}?")
    return Text(
        zh=f"没有这个键；可用的键：{'、'.join(known)}", en=f"there is no such key; known here: {', '.join(known)}"
    )


def _known_keys(annotation: Any, keys: tuple[int | str, ...]) -> Iterator[str]:
    """The keys that may be written at `keys` below a value of the annotated type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}
        if not keys:
            yield from fields
        elif keys[0] in fields:
            yield from _known_keys(fields[str(keys[0])], keys[1:])
        return
    if annotation is Text and not keys:
        yield from ("zh", "en")
        return
    # A list's or mapping's values stand one key deeper; an optional or annotated type at the same place.
    deeper = keys[1:] if getattr(annotation, "__origin__", None) in {tuple, dict} else keys
    for argument in get_args(annotation):
        yield from _known_keys(argument, deeper)
