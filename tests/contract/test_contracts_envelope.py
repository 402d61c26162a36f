"""The three forms in which the order system may speak, and the one in which we do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.contracts.envelope import decode, encode
from shared.contracts.orders import OrderPlaced, SampleOrdered
from shared.engine.model import Event, Outgoing, Refused

NOW = datetime(2026, 3, 3, tzinfo=UTC)
DATA = {
    "order_id": "SO-1",
    "customer_id": "C-1",
    "amount": "12.50",
    "currency": "CNY",
    "placed_at": "2026-03-02T10:00:00+08:00",
}
ATTRIBUTES = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/erp",
    "type": "order.placed",
    "time": "2026-03-02T11:00:00+08:00",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}
STRUCTURED = json.dumps({**ATTRIBUTES, "datacontenttype": "application/json", "data": DATA}).encode()
BINARY = [(f"ce_{name}", value.encode()) for name, value in ATTRIBUTES.items()]
BODY = json.dumps(DATA).encode()


def read(value: bytes, headers: list[tuple[str, bytes | None]] | None = None) -> Event:
    return decode("orders.v1", b"C-1", value, headers or [], NOW)


def bare(event_type: str, data: dict[str, object]) -> bytes:
    return json.dumps({"type": event_type, "data": data}).encode()


def test_structured_and_binary_forms_are_one_event() -> None:
    """Where the attributes travel makes no difference, not even to the digest."""
    event = read(STRUCTURED)
    assert (event.id, event.source, event.type) == ("e-1", "/erp", "order.placed")
    assert event.time == datetime(2026, 3, 2, 3, tzinfo=UTC)
    assert event.trace == ATTRIBUTES["traceparent"]
    assert event.data == OrderPlaced(
        order_id="SO-1",
        customer_id="C-1",
        amount=Decimal("12.50"),
        currency="CNY",
        placed_at=datetime(2026, 3, 2, 2, tzinfo=UTC),
    )
    assert read(BODY, list(BINARY)) == event


def test_a_bare_event_is_known_by_its_documents_number_and_dated_by_its_data() -> None:
    """Type and order_id make the id, so that the cancellation of an order is not its repetition."""
    event = read(bare("order.placed", dict(DATA)))
    assert (event.id, event.source, event.time) == (
        "order.placed:SO-1",
        "bare",
        datetime(2026, 3, 2, 2, tzinfo=UTC),
    )
    assert event.digest == read(STRUCTURED).digest


@pytest.mark.parametrize(
    ("event_type", "data", "identity"),
    [
        ("order.completed", {"order_id": "O", "completed_at": "2026-01-01T00:00:00Z"}, "order.completed:O"),
        ("order.cancelled", {"order_id": "O", "cancelled_at": "2026-01-01T00:00:00Z"}, "order.cancelled:O"),
        (
            "order.returned",
            {
                "return_id": "R",
                "order_id": "O",
                "amount": 1,
                "currency": "CNY",
                "returned_at": "2026-01-01T00:00:00Z",
            },
            "order.returned:R",
        ),
        (
            "payment.received",
            {
                "payment_id": "P",
                "order_id": "O",
                "amount": 1,
                "currency": "CNY",
                "received_at": "2026-01-01T00:00:00Z",
            },
            "payment.received:P",
        ),
        ("sample.ordered", {"sample_id": "S", "ordered_at": "2026-01-01T00:00:00Z"}, "sample.ordered:S"),
    ],
)
def test_every_document_of_the_order_system_may_come_bare(
    event_type: str, data: dict[str, object], identity: str
) -> None:
    """A return and a payment are known by their own number, not by the order they name."""
    assert read(bare(event_type, {**data, "customer_id": "C-1"})).id == identity


def test_an_event_without_a_time_happened_when_its_data_say() -> None:
    """CloudEvents makes `time` optional; null means unset."""
    for time in ({}, {"time": None}):
        value = json.dumps({**{k: v for k, v in ATTRIBUTES.items() if k != "time"}, **time, "data": DATA}).encode()
        assert read(value).time == datetime(2026, 3, 2, 2, tzinfo=UTC)


def test_an_event_that_nothing_dates_is_refused() -> None:
    """A person's record has no moment of its own."""
    value = {"specversion": "1.0", "id": "1", "source": "/hr", "type": "person.recorded"}
    data = {"person": "p", "role": "rep", "active": True}
    with pytest.raises(Refused, match="bad_envelope: time: is missing"):
        decode("organisation.v1", None, json.dumps({**value, "data": data}).encode(), (), NOW)


@pytest.mark.parametrize(
    "header",
    [
        ("ce_specversion", None),
        ("ce_specversion", b"\xff"),
        ("ce_id", b"other"),
        ("trace", None),
        ("content-type", b"\xff\xfe"),
        ("ключ", b"\x00"),
    ],
)
def test_a_strange_header_does_no_harm_to_a_good_record(header: tuple[str, bytes | None]) -> None:
    """Null and unreadable headers do not count, and a few attributes do not make the binary form."""
    assert read(STRUCTURED, [header]) == read(STRUCTURED)
    if not header[0].startswith("ce_"):
        assert read(BODY, [*BINARY, header]) == read(STRUCTURED)


def test_the_content_type_decides_when_attributes_travel_twice() -> None:
    """A gateway may copy attributes into headers; the body is still the whole event, as the content type says."""
    copied = [*BINARY, ("Content-Type", b"application/cloudevents+json; charset=UTF-8")]
    assert read(STRUCTURED, list(copied)) == read(STRUCTURED)


@pytest.mark.parametrize(
    ("headers", "body", "code", "detail"),
    [
        ({"ce_type": None}, BODY, "bad_envelope", "headers.type: is missing"),
        ({"ce_type": b"order.eaten"}, BODY, "unknown_type", 'type: "order.eaten" is none of order.placed'),
        ({"ce_id": b"a\0"}, BODY, "bad_envelope", "headers.id: must be text of 1 to 128 bytes"),
        ({"ce_id": None}, BODY, "bad_envelope", "id: is missing"),
        ({"ce_time": b"soon"}, BODY, "bad_envelope", "headers.time: must be a moment"),
        ({"ce_specversion": b"2.0"}, BODY, "bad_envelope", "headers.specversion: must be one of '1.0'"),
        ({}, b'{"order_id":"SO-1"}', "bad_data", "data.customer_id: is missing"),
        ({}, b"[1]", "bad_data", "data: must be an object"),
        ({}, b"{", "not_json", "EOF while parsing an object"),
    ],
)
def test_a_bad_binary_record_says_which_header_or_field(
    headers: dict[str, bytes | None], body: bytes, code: str, detail: str
) -> None:
    """The path tells attributes in headers from fields of the data."""
    changed: dict[str, bytes | None] = {**dict(BINARY), **headers}
    with pytest.raises(Refused) as caught:
        read(body, list(changed.items()))
    assert caught.value.code == code
    assert caught.value.detail.startswith(detail)


def test_a_body_cannot_forge_what_its_headers_say() -> None:
    """Attributes inside the body of a binary record are unknown fields of its data."""
    forged = json.dumps({**DATA, "id": "e-2", "source": "/other", "type": "order.cancelled"}).encode()
    assert read(forged, list(BINARY)) == read(STRUCTURED)


def test_unknown_fields_are_ignored_everywhere() -> None:
    """A sender of a later minor version is understood; the digest does not count what nobody read."""
    value = json.dumps({**ATTRIBUTES, "subject": "x", "data": {**DATA, "colour": [None, {"a": 1e400}]}}).encode()
    assert read(value) == read(STRUCTURED)


def test_a_bad_trace_costs_no_order() -> None:
    """Tracing is a convenience: what is no traceparent is dropped."""
    for trace in (None, 5, "", "00-xyz"):
        value = json.dumps({**ATTRIBUTES, "traceparent": trace, "data": DATA}).encode()
        assert read(value).trace == ""
        assert read(value).digest == read(STRUCTURED).digest


def test_what_we_send_is_a_structured_event_in_plain_json() -> None:
    """Ids are escaped, decimals are plain strings, an event's own time goes before the batch's."""
    data = SampleOrdered(sample_id='"\\客', customer_id="C", ordered_at=NOW)
    own = datetime(2026, 1, 1, tzinfo=UTC)
    sent = json.loads(encode(Outgoing("orders.v1", "C", "sample.ordered", '"\\客', data, own), '/"', NOW))
    assert sent == {
        "specversion": "1.0",
        "source": '/"',
        "type": "sample.ordered",
        "datacontenttype": "application/json",
        "id": '"\\客',
        "time": "2026-01-01T00:00:00+00:00",
        "data": {"sample_id": '"\\客', "customer_id": "C", "ordered_at": "2026-03-03T00:00:00Z"},
    }
    assert json.loads(encode(Outgoing("orders.v1", "C", "sample.ordered", "1", data), "/", NOW))["time"].startswith(
        "2026-03-03"
    )


@pytest.mark.parametrize(("amount", "written"), [("0E-9", "0.000000000"), ("1E+3", "1000"), ("0.0000001", "0.0000001")])
def test_decimals_are_written_without_exponents(amount: str, written: str) -> None:
    """Python writes some decimals as 0E-9, which spreadsheets take for a float or for text."""
    data = OrderPlaced(order_id="1", customer_id="C", amount=Decimal(amount), currency="CNY", placed_at=NOW)
    sent = json.loads(encode(Outgoing("orders.v1", "C", "order.placed", "1", data), "/", NOW))
    assert sent["data"]["amount"] == written
