"""What is written is what is read, for every event there is, and it fits the schema that outsiders are given."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.asyncapi import event_schema
from shared.contracts.envelope import decode, encode
from shared.contracts.registry import TOPICS, key_of
from shared.contracts.tiers import LevelDecided
from shared.contracts.types import EventData
from shared.engine.model import Outgoing
from tests.contract.event_strategies import EVENT_TYPES, NOW, data_of, identifiers, moments

TIMES = moments(datetime(2020, 1, 1))  # noqa: DTZ001 - hypothesis adds the zone
TRACES = st.none() | st.from_regex(r"\A00-[0-9a-f]{32}-[0-9a-f]{16}-01\Z")


@pytest.mark.parametrize(("topic", "event_type"), EVENT_TYPES)
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_every_event_comes_back_as_it_was_sent(topic: str, event_type: str, draws: st.DataObject) -> None:
    """Id, source, time, trace and every field of the data survive the way over the wire."""
    data = draws.draw(data_of(topic, event_type))
    event_id, source, time = draws.draw(identifiers), draws.draw(identifiers), draws.draw(TIMES)
    trace = draws.draw(TRACES)
    key = key_of(topic, data)

    value = encode(Outgoing(topic, key, event_type, event_id, data, time, trace), source, NOW)
    event = decode(topic, key.encode(), value, (), NOW)

    assert (event.id, event.source, event.type, event.time) == (event_id, source, event_type, time)
    assert event.time.tzinfo is UTC
    assert event.trace == (trace or "")
    assert event.data == data
    assert type(event.data) is type(data)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_view_is_the_same_event_with_less_in_it(draws: st.DataObject) -> None:
    """A reader that needs little tells a repetition from a forgery as one that reads all does."""
    data = draws.draw(data_of("tiers.v1", "tier.changed"))
    key = key_of("tiers.v1", data)
    value = encode(Outgoing("tiers.v1", key, "tier.changed", "e-1", data), "/tierline/scoring", NOW)
    whole = decode("tiers.v1", key.encode(), value, (), NOW)
    part = decode("tiers.v1", key.encode(), value, (), NOW, frozenset({("tier.changed", LevelDecided)}))
    assert part._replace(data=None) == whole._replace(data=None)
    assert part.data == LevelDecided.model_validate(data.model_dump(by_alias=True, exclude={"why"}))


def test_events_from_outside_are_read_whole() -> None:
    """Their digest is over what was decoded: a view would let a forgery pass for a repetition."""
    with pytest.raises(ValueError, match="has writers outside"):
        decode("orders.v1", None, b"{}", (), NOW, frozenset({("order.placed", LevelDecided)}))


@pytest.mark.parametrize(("topic", "event_type"), EVENT_TYPES)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_every_event_fits_its_published_schema(topic: str, event_type: str, draws: st.DataObject) -> None:
    """The JSON Schema in docs/ is true of what we write, plain notation of decimals included."""
    data = draws.draw(data_of(topic, event_type))
    value = encode(Outgoing(topic, "", event_type, draws.draw(identifiers), data), "/tierline", NOW)
    validator(topic, event_type).validate(json.loads(value))


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_the_digest_tells_data_apart_and_nothing_else(draws: st.DataObject) -> None:
    """Order of keys, white space, ids and times leave the digest alone; another value of a field changes it."""
    data = draws.draw(data_of("activities.v1", "customer.profiled"))
    value = encode(Outgoing("activities.v1", "", "customer.profiled", "e-1", data), "/crm", NOW)
    parsed = json.loads(value)
    turned = json.dumps(backwards({**parsed, "id": "e-2", "time": "2026-01-01T00:00:00Z"}), indent=3).encode()
    parsed["data"]["customer_id"] += "x"
    other = json.dumps(parsed).encode()

    digest = decode("activities.v1", None, value, (), NOW).digest
    assert decode("activities.v1", None, turned, (), NOW).digest == digest
    assert decode("activities.v1", None, other, (), NOW).digest != digest


@pytest.mark.parametrize(("topic", "event_type"), EVENT_TYPES)
@settings(max_examples=10, deadline=None)
@given(st.data())
def test_the_same_data_sent_again_have_the_same_digest(topic: str, event_type: str, draws: st.DataObject) -> None:
    """A decision taken twice is one event, whenever and in whatever trace it was taken; other data are another."""
    data, other = draws.draw(data_of(topic, event_type)), draws.draw(data_of(topic, event_type))
    first, again, changed = (
        decode(topic, None, encode(Outgoing(topic, "", event_type, "e", d, time, trace), "/x", NOW), (), NOW).digest
        for d, time, trace in ((data, None, None), (data, draws.draw(TIMES), draws.draw(TRACES)), (other, None, None))
    )
    assert first == again
    assert (first == changed) == (encode_data(data) == encode_data(other))


def encode_data(data: EventData) -> str:
    return data.model_dump_json()


def test_a_digest_does_not_change_when_an_optional_field_is_spelled_out() -> None:
    """A null field and an absent one are the same data: a field added later leaves old digests as they are."""
    short = (
        b'{"type":"order.cancelled","data":{"order_id":"1","customer_id":"C","cancelled_at":"2026-01-01T00:00:00Z"}}'
    )
    placed = (
        b'{"type":"order.placed","data":{"order_id":"1","customer_id":"C","amount":1,"currency":"CNY",'
        b'"placed_at":"2026-01-01T00:00:00Z"%b}}'
    )
    absent, null = (decode("orders.v1", None, placed % end, (), NOW) for end in (b"", b',"lines":null,"sold_by":null'))
    assert absent.digest == null.digest != decode("orders.v1", None, short, (), NOW).digest


def backwards(value: object) -> object:
    if isinstance(value, dict):
        return {name: backwards(value[name]) for name in reversed(value)}
    return [backwards(item) for item in value] if isinstance(value, list) else value


@cache
def validator(topic: str, event_type: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(event_schema(TOPICS[topic], event_type))
