"""What the registry says, in the languages that outsiders read: JSON Schema 2020-12 per event, AsyncAPI 3 of the whole.

The schemas describe what is taken; what is written fits them too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from shared.contracts.registry import SERVICES, TOPICS, Topic
from shared.contracts.types import DerivedIdentifier, EventData, Identifier, Moment

Json = dict[str, Any]

CONTENT_TYPE = "application/cloudevents+json"


class _Untitled(GenerateJsonSchema):
    """Without the titles that pydantic makes of field names: they say nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def get_title_from_name(self, name: str) -> str:
        return name


def event_schema(topic: Topic, event_type: str) -> Json:
    """JSON Schema of one event in the structured form; the data alone is under `#/properties/data`."""
    data = topic.types[event_type].model_json_schema(schema_generator=_Untitled)
    definitions = data.pop("$defs", {})
    del data["description"], data["title"]  # the event's own are those of its data
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tierline:{topic.name}:{event_type}",
        **_around(topic, event_type, data),
    }
    return {**schema, "$defs": definitions} if definitions else schema


def _around(topic: Topic, event_type: str, data: Json) -> Json:
    """The envelope around the schema of the data; `x-key` is part of the contract as much as the fields are."""
    model = topic.types[event_type]
    required = ["specversion", "id", "source", "type", "data"]
    if model.moment_field is None:
        required.append("time")
    return {
        "title": event_type,
        "description": _said(model),
        "x-topic": topic.name,
        "x-key": _key_in_words(topic, model),
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": _schema_of(DerivedIdentifier if set(topic.writers) & set(SERVICES) else Identifier),
            "source": _schema_of(Identifier),
            "type": {"const": event_type},
            "time": _schema_of(Moment),
            "datacontenttype": {"type": "string"},
            "traceparent": {"type": "string"},
            "data": data,
        },
        "required": required,
    }


@cache
def _schema_of(annotation: Any) -> Json:
    return TypeAdapter(annotation).json_schema(schema_generator=_Untitled)


def _said(model: type[EventData]) -> str:
    return " ".join((model.__doc__ or "").split())


def _key_in_words(topic: Topic, model: type[EventData]) -> str:
    field = model.key_field or topic.key
    return field if field in model.model_fields else repr(topic.keyless)


def schema_files() -> Iterator[tuple[str, Json]]:
    """Every event's schema with its path below the folder of schemas."""
    for topic in TOPICS.values():
        for event_type in topic.types:
            yield f"{topic.name}/{event_type}.json", event_schema(topic, event_type)


def asyncapi_document() -> Json:
    """The whole system as AsyncAPI 3.0.0: channels are topics, operations say which service sends and receives."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tierline",
            "version": "1",
            "description": "Order events become customers' levels, reps' reminders and an audit trail. Events are "
            "CloudEvents 1.0 in JSON; orders.v1 is also taken in the binary form and bare as {type, data}.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic.name: _channel(topic) for topic in TOPICS.values()},
        "operations": dict(_operations()),
        "components": {
            "messages": {event_type: _message(topic, event_type) for topic, event_type in _events()},
            "schemas": _component_schemas(),
        },
    }


def _events() -> Iterator[tuple[Topic, str]]:
    return ((topic, event_type) for topic in TOPICS.values() for event_type in topic.types)


def _channel(topic: Topic) -> Json:
    kafka: Json = {"topic": topic.name, "partitions": topic.partitions, "bindingVersion": "0.5.0"}
    if topic.compacted:
        kafka["topicConfiguration"] = {"cleanup.policy": ["compact"]}
    return {
        "address": topic.name,
        "title": topic.title,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in topic.types},
        "bindings": {"kafka": kafka},
    }


def _operations() -> Iterator[tuple[str, Json]]:
    for topic in TOPICS.values():
        for action, parties in (("send", topic.writers), ("receive", topic.readers)):
            for party in parties:
                yield (
                    f"{party}.{action}.{topic.name}",
                    {
                        "action": action,
                        "title": f"{party} {action}s {topic.name}",
                        "channel": {"$ref": f"#/channels/{topic.name}"},
                    },
                )


def _message(topic: Topic, event_type: str) -> Json:
    model = topic.types[event_type]
    return {
        "name": event_type,
        "title": event_type,
        "summary": _said(model),
        "contentType": CONTENT_TYPE,
        "payload": {"$ref": f"#/components/schemas/{event_type}"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": _key_in_words(topic, model)},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _component_schemas() -> Json:
    """The models once each, and every event around its model."""
    models: list[tuple[type[EventData], Literal["validation"]]] = [
        (topic.types[event_type], "validation") for topic, event_type in _events()
    ]
    _, schema = models_json_schema(models, schema_generator=_Untitled, ref_template="#/components/schemas/{model}")
    wholes = {
        event_type: _around(topic, event_type, {"$ref": f"#/components/schemas/{topic.types[event_type].__name__}"})
        for topic, event_type in _events()
    }
    return {**wholes, **schema["$defs"]}
