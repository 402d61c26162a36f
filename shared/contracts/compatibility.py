"""What may change inside a version: fields may be added and bounds widened, so that old events decode for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

# What limits a value from below and from above.
_FLOORS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_CEILINGS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
# Of two patterns nobody can say in general which is wider: any change counts as narrowing. A changed key would put a
# customer's events on another partition.
_SPELLINGS = ("pattern", "format", "x-key")


def incompatibilities(old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[str]:
    """Why events that fit the `old` schemas might not fit the `new` ones, each reason with its path.

    Both map the path of a file to the JSON Schema in it, as pydantic writes it: other keywords are not looked at.
    """
    for name in sorted(old):
        if name not in new:
            yield f"{name}: this event type or its topic was removed"
        else:
            for reason in _narrowings(_expanded(old[name], old[name]), _expanded(new[name], new[name]), ""):
                yield f"{name}: {reason}"


def _expanded(node: Any, root: Json) -> Any:
    """The same schema with every reference replaced by what it refers to (none of ours refers to itself)."""
    if isinstance(node, list):
        return [_expanded(item, root) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].removeprefix("#/$defs/")
        return _expanded(root["$defs"][name], root)
    return {key: _expanded(value, root) for key, value in node.items() if key != "$defs"}


def _narrowings(old: Json, new: Json, path: str) -> Iterator[str]:
    if "anyOf" in old or "anyOf" in new:
        yield from _lost_alternatives(old, new, path)
        return
    where = path.removesuffix(".") or "the event"
    for lost in sorted(_types(old) - _types(new)):
        yield f"{where}: {lost} is no longer taken"
    yield from _lost_values(old, new, where)
    yield from _tightened(old, new, where)
    yield from _lost_fields(old, new, path)
    for index, (before, after) in enumerate(zip(old.get("prefixItems", []), new.get("prefixItems", []), strict=False)):
        yield from _narrowings(before, after, f"{path}{index}.")
    if isinstance(new.get("items"), dict):
        yield from _narrowings(old.get("items", {}), new["items"], f"{path}[].")


def _lost_alternatives(old: Json, new: Json, path: str) -> Iterator[str]:
    """Each old alternative must be taken whole by one of the new."""
    choices = new.get("anyOf", [new])
    for alternative in old.get("anyOf", [old]):
        attempts = [list(_narrowings(alternative, choice, path)) for choice in choices]
        if all(attempts):
            yield from min(attempts, key=len)


def _types(schema: Json) -> set[str]:
    named = schema.get("type", ["null", "boolean", "integer", "number", "string", "array", "object"])
    types = {named} if isinstance(named, str) else set(named)
    return types | {"integer"} if "number" in types else types


def _lost_values(old: Json, new: Json, where: str) -> Iterator[str]:
    """Values of a closed list that the new one has no more; a list that was open and is closed now."""
    before, after = _closed_list(old), _closed_list(new)
    if after is None:
        return
    if before is None:
        yield f"{where}: only {after} are taken now"
        return
    for value in before:
        if value not in after:
            yield f"{where}: {value!r} is no longer taken"


def _closed_list(schema: Json) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _tightened(old: Json, new: Json, where: str) -> Iterator[str]:
    for bound in _FLOORS:
        if bound in new and (bound not in old or new[bound] > old[bound]):
            yield f"{where}: {bound} rose from {old.get(bound, 'none')} to {new[bound]}"
    for bound in _CEILINGS:
        if bound in new and (bound not in old or new[bound] < old[bound]):
            yield f"{where}: {bound} fell from {old.get(bound, 'none')} to {new[bound]}"
    for spelling in _SPELLINGS:
        if spelling in new and new[spelling] != old.get(spelling):
            yield f"{where}: {spelling} changed from {old.get(spelling, 'none')} to {new[spelling]}"


def _lost_fields(old: Json, new: Json, path: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, schema in before.items():
        if name not in after:
            yield f"{path}{name}: this field was removed or renamed"
        else:
            yield from _narrowings(schema, after[name], f"{path}{name}.")
    for name in new.get("required", []):
        if name not in old.get("required", []):
            yield f"{path}{name}: this field {'must be given now' if name in before else 'is new and must be given'}"
    others, others_now = old.get("additionalProperties", True), new.get("additionalProperties", True)
    if others_now is False and others is not False:
        yield f"{path}*: fields of other names are no longer taken"
    elif isinstance(others_now, dict):
        yield from _narrowings(others if isinstance(others, dict) else {}, others_now, f"{path}*.")
