"""Whatever the bytes: an event, or a refusal whose reason a human understands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.contracts import REFUSALS
from shared.contracts.envelope import decode
from shared.contracts.refusals import LARGEST_RECORD
from shared.contracts.registry import TOPICS
from shared.engine.model import Event, Refused
from tests.contract.event_strategies import NOW, json_values

Headers = Sequence[tuple[str, bytes | None]]

ORDER = {
    "order_id": "SO-1",
    "customer_id": "C-1",
    "amount": "12.50",
    "currency": "CNY",
    "placed_at": "2026-03-02T10:00:00+08:00",
    "lines": [{"sku": "A-1", "quantity": 1, "unit_price": "12.50"}],
}
EVENT = {"specversion": "1.0", "id": "e-1", "source": "/erp", "type": "order.placed", "time": "2026-03-02T02:00:00Z"}
GOOD = json.dumps({**EVENT, "data": ORDER})
MISSING = object()


def placed(**changes: object) -> bytes:
    """An order with fields of its data changed or, where MISSING, left out."""
    data = {name: value for name, value in {**ORDER, **changes}.items() if value is not MISSING}
    return json.dumps({**EVENT, "data": data}).encode()


def enveloped(**changes: object) -> bytes:
    """An order with attributes of its envelope changed or, where MISSING, left out."""
    whole = {**EVENT, "data": ORDER, **changes}
    return json.dumps({name: value for name, value in whole.items() if value is not MISSING}).encode()


def refusal(value: bytes | None, key: bytes | None = None, headers: Headers = (), topic: str = "orders.v1") -> Refused:
    with pytest.raises(Refused) as caught:
        decode(topic, key, value, headers, NOW)
    return caught.value


DECIMAL = 'must be a decimal in a string such as "12.50", at most 12 places, or a whole number (a float is not exact)'
IDENTIFIER = "must be text of 1 to 128 bytes in UTF-8 without control characters"
MOMENT = 'must be a moment of 1990 or later with its offset, such as "2026-03-02T10:00:00+08:00"'


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("amount", "-0.01", "must be at least 0"),
        ("amount", "1000000000000", "must be less than 1000000000000"),
        ("amount", 10**12, "must be less than 1000000000000"),
        ("amount", 12.5, DECIMAL),
        ("amount", True, DECIMAL),
        ("amount", None, DECIMAL),
        ("amount", "NaN", DECIMAL),
        ("amount", "Infinity", DECIMAL),
        ("amount", "1e5", DECIMAL),
        ("amount", "1_000", DECIMAL),
        ("amount", " 1", DECIMAL),
        ("amount", "１２", DECIMAL),
        ("amount", "", DECIMAL),
        ("amount", "0.0000000000001", DECIMAL),
        ("amount", MISSING, "is missing"),
        ("currency", "cny", 'must be an ISO 4217 code of three capitals such as "CNY"'),
        ("customer_id", "", IDENTIFIER),
        ("customer_id", "x" * 129, IDENTIFIER),
        ("customer_id", "客" * 43, IDENTIFIER),
        ("customer_id", "x" * 10_000, IDENTIFIER),
        ("customer_id", "a\0b", IDENTIFIER),
        ("customer_id", "a\x85b", IDENTIFIER),
        ("customer_id", "a\n", IDENTIFIER),
        ("customer_id", 42, IDENTIFIER),
        ("placed_at", "2026-03-02T10:00:00", "must have an offset from UTC such as +08:00"),
        ("placed_at", "1989-12-31T23:59:59Z", MOMENT),
        ("placed_at", "2026-03-02", MOMENT),
        ("placed_at", 1772416800, MOMENT),
        ("placed_at", "1772416800", MOMENT),
        ("channel", "visit\0", "must be text of at most 4096 characters without NUL"),
        ("lines", {}, "must be a list"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_wrong_in_it(field: str, value: object, said: str) -> None:
    """The detail of bad data is the field's path and a sentence about its value."""
    refused = refusal(placed(**{field: value}))
    assert (refused.code, refused.detail) == ("bad_data", f"data.{field}: {said}")


def test_a_fault_in_a_list_is_named_by_its_place() -> None:
    """Lines are counted from 0, as JSON counts."""
    line = {"sku": "A", "quantity": 1, "unit_price": 1}
    assert refusal(placed(lines=[line, {**line, "sku": ""}])).detail == f"data.lines.1.sku: {IDENTIFIER}"


@pytest.mark.parametrize(
    ("amount", "customer_id", "placed_at"),
    [
        ("0", "C", "1990-01-01T00:00:00+08:00"),
        ("999999999999.999999999999", "客" * 42, "2026-03-04T04:05:06+00:00"),
        (0, "x" * 128, "2026-03-02T10:00:00.123456789-05:00"),
        ("0000000000000000001.00", " ", "2026-03-02t10:00Z"),
    ],
)
def test_the_bounds_themselves_are_taken(amount: object, customer_id: str, placed_at: str) -> None:
    """Zero amounts, ids of exactly 128 bytes, the first moment of 1990 as written, a day ahead to the second."""
    event = decode("orders.v1", None, placed(amount=amount, customer_id=customer_id, placed_at=placed_at), (), NOW)
    assert event.data.customer_id == customer_id


@pytest.mark.parametrize(
    ("value", "code", "detail"),
    [
        (None, "tombstone", "the record has no value"),
        (b" " * (LARGEST_RECORD + 1), "too_large", "524289 bytes, at most 524288 are taken"),
        (b"", "not_json", "EOF while parsing a value at line 1 column 0"),
        (GOOD.encode() + b"{}", "not_json", "trailing characters"),
        (GOOD.encode()[:-1], "not_json", "EOF while parsing an object"),
        (GOOD.encode("utf-16"), "not_json", "expected value"),
        (GOOD.encode("utf-8-sig"), "not_json", "expected value at line 1 column 1"),
        (GOOD.replace("SO-1", "\udcff").encode(errors="surrogateescape"), "not_json", "invalid unicode code point"),
        (GOOD.replace("SO-1", "\\ud800").encode(), "not_json", "unexpected end of hex escape"),
        (b"[" * 100_000, "not_json", "recursion limit exceeded"),
        (b'{"type":' * 50_000, "not_json", "recursion limit exceeded"),
        (GOOD.replace('"12.50"', "1" * 250_000).encode(), "not_json", "number out of range"),
        (b"[]", "bad_envelope", "must be a JSON object"),
        (b'"order.placed"', "bad_envelope", "must be a JSON object"),
        (b"null", "bad_envelope", "must be a JSON object"),
        (b"NaN", "bad_envelope", "must be a JSON object"),
        (b"{}", "bad_envelope", "type: is missing"),
        (enveloped(type=MISSING), "bad_envelope", "type: is missing"),
        (enveloped(specversion="0.3"), "bad_envelope", "specversion: must be one of '1.0'"),
        (enveloped(id=MISSING), "bad_envelope", "id: is missing"),
        (enveloped(id=None), "bad_envelope", "id: is missing"),
        (enveloped(id="x" * 129), "bad_envelope", f"id: {IDENTIFIER}"),
        (enveloped(id="a\0"), "bad_envelope", f"id: {IDENTIFIER}"),
        (enveloped(source=""), "bad_envelope", f"source: {IDENTIFIER}"),
        (enveloped(source=MISSING), "bad_envelope", "source: is missing"),
        (enveloped(time="yesterday"), "bad_envelope", f"time: {MOMENT}"),
        (enveloped(data=MISSING), "bad_data", "data: is missing"),
        (enveloped(data="{}"), "bad_data", "data: must be an object"),
        (enveloped(type="order.exploded"), "unknown_type", 'type: "order.exploded" is none of order.placed, '),
        (enveloped(type="tier.changed"), "unknown_type", 'type: "tier.changed" is none of order.placed, '),
        (enveloped(type="\0\x1b[31m"), "unknown_type", 'type: "\\u0000\\u001b[31m" is none of'),
        (enveloped(time="2026-03-04T04:05:07Z"), "future", "time: 2026-03-04 04:05:07+00:00 is more than a day after"),
        (placed(placed_at="2026-03-04T12:05:07+08:00"), "future", "data.placed_at: 2026-03-04 12:05:07+08:00 is"),
        (placed(placed_at="9998-12-30T23:59:59-23:59"), "future", "data.placed_at: 9998-12-30"),
    ],
)
def test_what_is_no_event_is_refused_with_its_reason(value: bytes | None, code: str, detail: str) -> None:
    """Each way to be wrong has its own code, and unknown types are told apart from bad data."""
    refused = refusal(value)
    assert refused.code == code
    assert detail in refused.detail


def test_a_moment_just_inside_a_day_ahead_is_taken_and_a_second_later_is_not() -> None:
    """The line is a day after the reader's now."""
    value = placed(placed_at="2026-03-04T05:00:00Z")
    assert refusal(value).code == "future"
    assert decode("orders.v1", None, value, (), NOW + timedelta(hours=1)).id == "e-1"


@pytest.mark.parametrize(
    ("topic", "value"),
    [
        ("activities.v1", {"type": "inquiry.judged", "data": {}}),
        ("organisation.v1", {"type": "person.recorded", "data": {"person": "p", "role": "rep", "active": True}}),
    ],
)
def test_the_bare_form_needs_data_that_say_who_they_are(topic: str, value: dict[str, object]) -> None:
    """Outside the order system's own documents nothing tells a repetition of a bare event."""
    if value["type"] == "inquiry.judged":
        value = {
            **value,
            "data": {"inquiry_id": "i", "customer_id": "C", "judged_at": ORDER["placed_at"], "potential": "high"},
        }
    assert refusal(json.dumps(value).encode(), topic=topic).code == "no_identity"


def test_a_key_that_is_not_the_customers_is_refused() -> None:
    """An order on another customer's partition would lose its order; one without a key is taken."""
    value = placed()
    refused = refusal(value, key=b"C-2\0\xff")
    assert (refused.code, refused.detail) == ("key_mismatch", 'the key is "C-2\\u0000�", not "C-1"')
    assert decode("orders.v1", None, value, (), NOW) == decode("orders.v1", b"C-1", value, (), NOW)


@pytest.mark.parametrize(
    ("name", "quoted"),
    [("a\0\x1b", '"a\\u0000\\u001b".[key]'), ("n" * 5000, f'"{"n" * 80}…".[key]'), ("a.b", '"a.b"'), ("客", '"客"')],
)
def test_a_name_in_the_path_is_quoted_harmlessly(name: str, quoted: str) -> None:
    """Names inside free-form data are the sender's: no control characters and no thousand letters in a reason."""
    data = {"customer_id": "C", "profiled_at": ORDER["placed_at"], "fields": {"profile": {name: 5}}}
    value = json.dumps({**EVENT, "type": "customer.profiled", "data": data}).encode()
    assert refusal(value, topic="activities.v1").detail.startswith(f"data.fields.profile.{quoted}: must be text of")


BYTES = st.binary(max_size=200)
JSON = json_values.map(lambda value: json.dumps(value).encode())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good record with a stretch of its bytes replaced."""
    good = GOOD.encode()
    start = draw(st.integers(0, len(good)))
    end = draw(st.integers(start, min(len(good), start + 8)))
    return good[:start] + draw(st.binary(max_size=8)) + good[end:]


@st.composite
def misfit(draw: st.DrawFn) -> bytes:
    """A good record with one field, wherever it is, replaced by any JSON."""
    value = draw(json_values)
    field = draw(st.sampled_from([*EVENT, "data", *ORDER]))
    return placed(**{field: value}) if field in ORDER else enveloped(**{field: value})


headers = st.lists(
    st.tuples(
        st.sampled_from(["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type", "x"])
        | st.text(),
        st.none() | st.sampled_from([b"1.0", b"e-1", b"order.placed", b"/erp"]) | st.binary(max_size=20),
    ),
    max_size=6,
)


@settings(max_examples=600, deadline=None)
@given(
    topic=st.sampled_from(sorted(TOPICS)),
    key=st.none() | st.binary(max_size=10),
    value=st.none() | BYTES | JSON | damaged() | misfit(),
    headers=headers,
)
@example(topic="orders.v1", key=None, value=GOOD.encode(), headers=[("ce_specversion", b"1.0"), ("ce_type", b"\0")])
@example(topic="policy.v1", key=None, value=b'{"type":"policy.activated","data":{"policy":{"a":NaN}}}', headers=[])
def test_every_record_is_an_event_or_a_refusal(
    topic: str, key: bytes | None, value: bytes | None, headers: Headers
) -> None:
    """Nothing else is ever raised, and a reason can be shown, logged and stored by PostgreSQL."""
    try:
        outcome: Event | Refused = decode(topic, key, value, headers, NOW)
    except Refused as refused:
        outcome = refused
    if isinstance(outcome, Event):
        assert -(2**63) <= outcome.digest < 2**63
    else:
        assert outcome.code in REFUSALS
        assert b"\0" not in outcome.detail.encode()
        assert len(outcome.detail) < 1000


def test_every_code_is_explained_in_both_languages() -> None:
    """A refusal's sentence exists in Chinese and in English."""
    for sentence in REFUSALS.values():
        assert sentence.zh.endswith("。")
        assert sentence.en.endswith(".")


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_a_policy_cannot_bring_numbers_that_json_does_not_have(number: str) -> None:
    """They would pass every door as text and fail where somebody computes with them."""
    data = {"version": "1", "digest": "d", "activated_at": ORDER["placed_at"], "author": "a", "reason": "", "policy": 0}
    value = json.dumps({**EVENT, "type": "policy.activated", "data": {**data, "policy": {"x": ["number"]}}})
    refused = refusal(value.replace('"number"', number).encode(), topic="policy.v1")
    assert refused.detail == "data.policy: must hold finite numbers only"
