"""YAML read with the line of every value, so that each mistake can be shown where it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import yaml

from shared.words import Text

Path = tuple[int | str, ...]

# A policy is a few hundred lines: a larger file is something else, and is not worth the memory.
LARGEST: Final = 1024 * 1024
DEEPEST: Final = 50
LONGEST_NUMBER: Final = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with the YAML itself."""

    place: Place
    path: Path
    what: Text


@dataclass(slots=True)
class Document:
    """The values of a YAML file, with the place of each value and key, and what is wrong with its writing."""

    value: Any = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)


class _Loader(yaml.SafeLoader):
    """Composes nodes by the scalar rules of YAML 1.2.

    PyYAML's own are YAML 1.1's: there the country NO is false and 8:30 is the number 510.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own shape

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.get_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not used here", event.start_mark)
        return super().compose_node(parent, index)


for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def read_document(text: str) -> Document:
    """Parse one YAML document; never raises: what cannot be read is in `flaws`. Numbers with a point are Decimal."""
    document = Document()
    if len(text) > LARGEST:
        document.flaws.append(
            Flaw(Place(1, 1), (), Text(zh="文件过大，不是政策文件", en="the file is too large to be a policy"))
        )
        return document
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        document.flaws.append(_syntax_flaw(error))
    except yaml.reader.ReaderError as error:
        document.flaws.append(_character_flaw(text, error.position))
    except yaml.YAMLError as error:
        document.flaws.append(
            Flaw(Place(1, 1), (), Text(zh=f"不是有效的 YAML：{error}", en=f"this is not valid YAML: {error}"))
        )
    except RecursionError:
        document.flaws.append(_too_deep(Place(1, 1), ()))
    else:
        if root is not None:
            document.value = _Reader(document).read(root, ())
    return document


def _syntax_flaw(error: yaml.MarkedYAMLError) -> Flaw:
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    said = ", ".join(part for part in (error.context, error.problem) if part)
    return Flaw(place, (), Text(zh=f"YAML 语法错误：{said}", en=f"YAML syntax: {said}"))


def _character_flaw(text: str, position: int) -> Flaw:
    before = text[:position]
    place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
    code = f"U+{ord(text[position]):04X}"
    return Flaw(place, (), Text(zh=f"不允许的控制字符 {code}", en=f"the character {code} is not allowed in YAML"))


def _too_deep(place: Place, path: Path) -> Flaw:
    return Flaw(place, path, Text(zh="嵌套过深", en="nested too deeply"))


class _Reader:
    """Turns composed nodes into values, noting where each was."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def read(self, node: yaml.Node, path: Path) -> Any:
        place = _place(node)
        self._document.values[path] = place
        if len(path) > DEEPEST:
            self._document.flaws.append(_too_deep(place, path))
            return None
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        return _scalar(node)

    def _pairs(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, Place] = {}
        for key_node, value_node in node.value:
            place = _place(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._document.flaws.append(Flaw(place, path, Text(zh="键必须是一个词", en="a key must be a word")))
                continue
            key = str(key_node.value)
            if key in seen:
                what = Text(
                    zh=f"键 {key} 重复，第 {seen[key].line} 行已有",
                    en=f"{key} is already given on line {seen[key].line}",
                )
                self._document.flaws.append(Flaw(place, (*path, key), what))
                continue
            seen[key] = self._document.keys[(*path, key)] = place
            yield key, self.read(value_node, (*path, key))


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _scalar(node: yaml.Node) -> Any:
    written = str(node.value)
    try:
        return _resolved(node.tag, written)
    # A tag written by hand (`!!int x`) need not fit its value, which then stays text and is refused as such.
    except (ValueError, InvalidOperation):
        return written


def _resolved(tag: str, written: str) -> Any:
    match tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return written.lower() == "true"
        # Python refuses to read integers of thousands of digits; such a value stays text and is refused as one.
        case "int" if len(written) <= LONGEST_NUMBER:
            return int(written)
        case "float" if len(written) <= LONGEST_NUMBER:
            return Decimal(written)
        case _:
            return written
