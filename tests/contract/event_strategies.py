"""Any event of any topic, as hypothesis sees it: built from the models' own annotations."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic import JsonValue, StrictBool, TypeAdapter

from shared.contracts import activities, customers, organisation, policy, reminders, types
from shared.contracts.registry import TOPICS

NOW = dt.datetime(2026, 3, 3, 4, 5, 6, tzinfo=dt.UTC)

EVENT_TYPES = [(topic.name, name) for topic in TOPICS.values() for name in topic.types]

zones = st.integers(-15 * 60, 15 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))


def moments(oldest: dt.datetime) -> st.SearchStrategy[dt.datetime]:
    return st.datetimes(oldest, dt.datetime(2026, 3, 3), timezones=zones)  # noqa: DTZ001 - hypothesis adds the zone


def decimals(limit_digits: int, places: int, *, signed: bool) -> st.SearchStrategy[Decimal]:
    """Every scale below the limit, zeros with many places and trailing zeros among them."""

    def spelled(sign: int, whole: int, scale: int, rest: int) -> Decimal:
        fraction = f".{rest % 10**scale:0{scale}}" if scale else ""
        return Decimal(f"{'-' if sign and signed else ''}{whole}{fraction}")

    return st.builds(
        spelled,
        st.integers(0, 1),
        st.integers(0, 10**limit_digits - 1) | st.just(0),
        st.integers(0, places),
        st.integers(0, 10**places - 1) | st.just(0) | st.just(1),
    )


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
identifiers = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=32)
json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)

_SPELLED: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (types.Identifier, identifiers),
    (types.DerivedIdentifier, identifiers),
    (types.Amount, decimals(12, 12, signed=False)),
    (types.ExactAmount, decimals(24, 30, signed=True)),
    (types.LineAmount, decimals(32, 32, signed=False)),
    (types.Currency, st.text("ABCXYZ", min_size=3, max_size=3)),
    (types.Moment, moments(dt.datetime(1990, 1, 1))),  # noqa: DTZ001
    (types.Instant, moments(dt.datetime(1990, 1, 2))),  # noqa: DTZ001
    (types.Day, st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))),
    (types.Text, texts),
    (types.LongText, texts),
    (activities.ProfileTexts, st.dictionaries(identifiers, texts, max_size=3)),
    (customers.Attributes, st.dictionaries(identifiers, texts, max_size=3)),
    (organisation.Network, st.ip_addresses().map(str)),
    (policy.PolicyBody, st.dictionaries(texts, json_values, max_size=3)),
    (reminders.IsoWeek, st.dates(dt.date(1990, 1, 8), dt.date(2100, 1, 1)).map(lambda day: f"{day:%G-W%V}")),
    (StrictBool, st.booleans()),
    (NoneType, st.none()),
]


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Any value that a field so annotated takes."""
    spelled = next((strategy for known, strategy in _SPELLED if known == annotation), None)
    if spelled is not None:
        return spelled
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of([values_of(each) for each in arguments])
    if origin is tuple:
        return tuples(arguments)
    if origin is Annotated:
        return integers(annotation) if arguments[0] is int else values_of(arguments[0])
    return models(annotation)


def tuples(items: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    if items[-1] is Ellipsis:
        return st.lists(values_of(items[0]), max_size=2).map(tuple)
    return st.tuples(*[values_of(each) for each in items])


def integers(annotation: Any) -> st.SearchStrategy[int]:
    schema = TypeAdapter(annotation).json_schema()
    return st.integers(schema["minimum"], schema["maximum"] if "maximum" in schema else schema["exclusiveMaximum"] - 1)


def models(model: type[types.Frozen]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(model, include_extras=True)
    fields = {name: values_of(hints[name]) for name in model.model_fields}
    return st.fixed_dictionaries(fields).map(lambda values: model(**values))


def data_of(topic: str, event_type: str) -> st.SearchStrategy[types.EventData]:
    return models(TOPICS[topic].types[event_type])
