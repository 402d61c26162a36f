"""CloudEvents 1.0 in JSON: the one way in (`decode`) and the one way out (`encode`).

Three forms come in: structured (the body has `specversion`), binary (`ce_*` headers, the body is the data) and bare
(`{"type", "data"}`). pydantic-core validates each record once, from its bytes; nothing is parsed twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from json.encoder import encode_basestring
from operator import attrgetter
from struct import Struct
from typing import Annotated, Any, NotRequired, TypedDict

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema

from shared.contracts.refusals import LARGEST_RECORD, refusal_of, shown, unknown_type
from shared.contracts.registry import SERVICES, TOPICS, Topic
from shared.contracts.types import DerivedIdentifier, EventData, Identifier, Moment
from shared.engine.model import Event, Outgoing, Refused

Views = frozenset[tuple[str, type[EventData]]]
"""Event types that a reader takes only in part, each with the model of that part."""

WHOLE: Views = frozenset()

BARE_SOURCE = "bare"
"""The source of events that came without one, so that their ids have a space of their own."""

_A_DAY = timedelta(days=1)
# Quotes inside JSON strings are escaped: in an event that `encode` wrote, this is where its data begin.
_DATA_AT_THE_END = b',"data":'
_signed_64_bits = Struct(">q").unpack


class _Attributes(TypedDict):
    """What surrounds the data; null means unset (CloudEvents JSON format 2.2), no `specversion` the bare form."""

    type: str
    specversion: NotRequired[str | None]
    id: NotRequired[str | None]
    source: NotRequired[str | None]
    time: NotRequired[datetime | None]
    traceparent: NotRequired[str]


class _Whole(_Attributes):
    data: EventData


class _Shape:
    """Tells pydantic how to validate attributes alone or, given a topic's types, events told apart by `type`."""

    def __init__(self, id_type: Any, types: Mapping[str, type[EventData]] | None = None) -> None:
        self._id_type = id_type
        self._types = types

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        attributes = self._attributes(handler)
        if self._types is None:
            return core_schema.typed_dict_schema(attributes)
        wholes: dict[Hashable, CoreSchema] = {
            name: core_schema.typed_dict_schema(
                {**attributes, "data": core_schema.typed_dict_field(handler.generate_schema(model))}
            )
            for name, model in self._types.items()
        }
        return core_schema.tagged_union_schema(wholes, discriminator="type")

    def _attributes(self, handler: GetCoreSchemaHandler) -> dict[str, core_schema.TypedDictField]:
        def optional(schema: CoreSchema) -> core_schema.TypedDictField:
            return core_schema.typed_dict_field(core_schema.nullable_schema(schema), required=False)

        trace = core_schema.str_schema(strict=True, pattern=r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
        return {
            "type": core_schema.typed_dict_field(core_schema.str_schema(strict=True)),
            "specversion": optional(core_schema.literal_schema(["1.0"])),
            "id": optional(handler.generate_schema(self._id_type)),
            "source": optional(handler.generate_schema(Identifier)),
            "time": optional(handler.generate_schema(Moment)),
            # Tracing is a convenience: a bad trace must not cost the record.
            "traceparent": core_schema.typed_dict_field(
                core_schema.with_default_schema(trace, default="", on_error="default"), required=False
            ),
        }


class _Kind:
    """What decoding must know of one event type, looked up once."""

    __slots__ = ("canonical", "identity", "moment", "validate")

    def __init__(self, model: type[EventData]) -> None:
        self.validate: Callable[[bytes], EventData] = TypeAdapter(model).validator.validate_json
        self.canonical = model.__pydantic_serializer__.to_json
        self.moment: Callable[[EventData], datetime] | None = _getter(model.moment_field)
        self.identity: Callable[[EventData], str] | None = _getter(model.identity_field)


def _getter(field: str | None) -> attrgetter[Any] | None:
    return attrgetter(field) if field else None


class _Decoder:
    """Decodes the records of one topic; of a type in `views` only what that model holds."""

    def __init__(self, topic: Topic, views: Mapping[str, type[EventData]]) -> None:
        writers, services = set(topic.writers), set(SERVICES)
        types = {name: views.get(name, model) for name, model in topic.types.items()}
        # Ids that our own services make are made of identifiers, and so longer than one.
        id_type = DerivedIdentifier if writers & services else Identifier
        attributes: TypeAdapter[_Attributes] = TypeAdapter(Annotated[Any, _Shape(id_type)])
        whole: TypeAdapter[_Whole] = TypeAdapter(Annotated[Any, _Shape(id_type, types)])
        self._topic = topic
        self._types = types
        self._only_ours = writers <= services
        if not self._only_ours and views.keys() & topic.types.keys():
            # Its digest is over what was decoded: a forger could change what a view leaves out.
            raise ValueError(f"{topic.name} has writers outside, so its events are read whole")
        self._kinds = {name: _Kind(model) for name, model in types.items()}
        self._attributes: Callable[[str], _Attributes] = attributes.validator.validate_json
        self._whole: Callable[[bytes], _Whole] = whole.validator.validate_json

    def structured_or_bare(self, value: bytes) -> _Whole:
        try:
            return self._whole(value)
        except ValidationError as error:
            raise refusal_of(error, self._types) from None

    def binary(self, headers: Mapping[str, str], value: bytes) -> _Whole:
        path: tuple[str, ...] = ("headers",)
        try:
            attributes = self._attributes(json.dumps(headers))
            kind = self._kinds.get(attributes["type"])
            if kind is None:
                raise unknown_type(attributes["type"], self._types)
            path = ("data",)
            return {**attributes, "data": kind.validate(value)}
        except ValidationError as error:
            raise refusal_of(error, self._types, within=path) from None

    def event(self, whole: _Whole, value: bytes, key: bytes | None, now: datetime) -> Event:
        """The event in `whole`, once it is known who it is, when it was and that its key is its own."""
        data = whole["data"]
        kind = self._kinds[whole["type"]]
        moment = kind.moment(data) if kind.moment else None
        if whole.get("specversion"):
            identity, source, time = whole.get("id"), whole.get("source"), whole.get("time") or moment
            if not (identity and source and time):
                missing = "id" if not identity else "time" if source else "source"
                raise Refused("bad_envelope", f"{missing}: is missing")
        elif kind.identity and moment:
            identity, source, time = f"{whole['type']}:{kind.identity(data)}", BARE_SOURCE, moment
        else:
            raise Refused("no_identity", f"{whole['type']} in the bare form has nothing to tell a repetition by")
        # In one time zone a comparison is free; across two it costs as much as a tenth of all the decoding.
        latest, time = now + _A_DAY, time.astimezone(UTC)
        if time > latest or (moment is not None and moment.astimezone(UTC) > latest):
            late, when = ("time", time) if time > latest else (f"data.{type(data).moment_field}", moment)
            raise Refused("future", f"{late}: {when} is more than a day after {now}")
        if key is not None and key != (expected := self._topic.key_of(data)).encode():
            raise Refused("key_mismatch", f"the key is {shown(key.decode(errors='replace'))}, not {shown(expected)}")
        # What our own services wrote is canonical as it stands, and to write it again is a third of all the decoding.
        start = value.find(_DATA_AT_THE_END) if self._only_ours else -1
        canonical = kind.canonical(data, exclude_none=True) if start < 0 else value[start:]
        return Event(
            identity,
            source,
            whole["type"],
            time,
            whole.get("traceparent", ""),
            data,
            _signed_64_bits(blake2b(canonical, digest_size=8).digest())[0],
        )


@cache
def _decoder(topic: str, views: Views) -> _Decoder:
    return _Decoder(TOPICS[topic], dict(views))


def decode(  # noqa: PLR0913, PLR0917 - a record has that many parts
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes | None]],
    now: datetime,
    views: Views = WHOLE,
) -> Event:
    """The event in a record of `topic`; raises `Refused`, and nothing else, whatever the bytes.

    Of a type in `views` only what that model holds is decoded, which costs accordingly less.

    The digest leaves out what is null, so that a field added later does not change that of older data; neither the
    order of keys nor white space does. On topics that only our services write it is over the bytes that `encode` made.
    A record without a key is taken: its order among its customer's events is lost, which no rule depends on.
    """
    if value is None:
        raise Refused("tombstone", "the record has no value")
    if len(value) > LARGEST_RECORD:
        raise Refused("too_large", f"{len(value)} bytes, at most {LARGEST_RECORD} are taken")
    decoder = _decoder(topic, views)
    attributes = _binary_attributes(headers) if headers else None
    whole = decoder.structured_or_bare(value) if attributes is None else decoder.binary(attributes, value)
    return decoder.event(whole, value, key, now)


def _binary_attributes(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str] | None:
    """The attributes of the binary form; None where the headers do not make one. Unreadable headers do not count."""
    attributes: dict[str, str] = {}
    for name, raw in headers:
        if raw is None:
            continue
        if name.startswith("ce_"):
            try:
                attributes[name.removeprefix("ce_")] = raw.decode()
            except UnicodeDecodeError:
                continue
        elif name.lower() == "content-type" and raw.startswith(b"application/cloudevents"):
            return None
    return attributes if "specversion" in attributes else None


@cache
def _opening(source: str, event_type: str) -> bytes:
    """All of an event that is the same for all of one service's events of one type, up to the value of `id`."""
    return (
        f'{{"specversion":"1.0","source":{encode_basestring(source)},"type":{encode_basestring(event_type)},'
        '"datacontenttype":"application/json","id":'
    ).encode()


def encode(outgoing: Outgoing, source: str, time: datetime, trace: str | None = None) -> bytes:
    """The event in the structured form; `time` and `trace` are used where `outgoing` has none of its own."""
    middle = f'{encode_basestring(outgoing.id)},"time":"{(outgoing.time or time).isoformat()}"'
    trace = outgoing.trace or trace
    if trace:
        middle += f',"traceparent":{encode_basestring(trace)}'
    data = outgoing.data.__pydantic_serializer__.to_json(outgoing.data)
    return b"%b%b%b%b}" % (_opening(source, outgoing.type), middle.encode(), _DATA_AT_THE_END, data)
