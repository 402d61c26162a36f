"""From a file to a policy, or to the list of everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from shared.policy.document import Document, Place, read_document
from shared.policy.document import Path as Keys
from shared.policy.messages import UNKNOWN_KEY, explain
from shared.policy.model import Policy
from shared.words import Language, Text


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake, at a line and column counted from 1; `path` is the place by keys, `rates.USD[0].rate`."""

    line: int
    column: int
    path: str
    message_en: str
    message_zh: str

    def in_(self, language: Language) -> str:
        """One line for a terminal: where, and what is wrong."""
        where = f"{self.path}: " if self.path else ""
        if language is Language.ZH:
            return f"第 {self.line} 行第 {self.column} 列：{where}{self.message_zh}"
        return f"line {self.line}, column {self.column}: {where}{self.message_en}"


class PolicyError(Exception):
    """The policy cannot be used; `problems` are all its mistakes, and the message tells each in both languages."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        lines = [
            f"the policy {source} cannot be used / 政策文件无法使用:",
            *(f"  {problem.in_(Language.EN)} / {problem.message_zh}" for problem in problems),
        ]
        super().__init__("\n".join(lines))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class WrittenPolicy:
    """A policy and the text that says so, comments and all."""

    text: str
    policy: Policy


def load_policy(path: Path | str | None = None) -> Policy:
    """Read a policy file, by default the one that Tierline ships; PolicyError lists everything that is wrong."""
    return load_written(path).policy


def load_written(path: Path | str | None = None) -> WrittenPolicy:
    """As `load_policy`, with the text."""
    text, source = _text_of(path), "default.yaml" if path is None else str(path)
    return parse_policy(text, source) if isinstance(text, str) else _fail(source, text)


def parse_policy(text: str, source: str) -> WrittenPolicy:
    """A policy from the text of its file; `source` is what the PolicyError calls it."""
    policy, problems = _parse(text)
    return WrittenPolicy(text, policy) if policy is not None else _fail(source, problems)


def check_policy(path: Path | str) -> list[Problem]:
    """Every mistake of a policy file in the order of its lines; empty when it can be used."""
    text = _text_of(path)
    return _parse(text)[1] if isinstance(text, str) else text


def default_text() -> str:
    """The policy file that Tierline ships, with its comments: what a company starts from."""
    return files("shared.policy").joinpath("default.yaml").read_text(encoding="utf-8")


def _fail(source: str, problems: list[Problem]) -> NoReturn:
    raise PolicyError(source, problems)


def _text_of(path: Path | str | None) -> str | list[Problem]:
    """The file's text, or why there is none."""
    try:
        return default_text() if path is None else Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return [Problem(1, 1, "", f"the file is not UTF-8 text: {error.reason}", "文件不是 UTF-8 文本")]
    except OSError as error:
        return [Problem(1, 1, "", f"the file cannot be read: {error.strerror}", f"文件无法读取：{error.strerror}")]


def _parse(text: str) -> tuple[Policy | None, list[Problem]]:
    document = read_document(text)
    problems = [_problem(flaw.place, flaw.path, flaw.what) for flaw in document.flaws]
    if document.value is None:
        if not problems:
            problems = [Problem(1, 1, "", "the file is empty", "文件是空的")]
        return None, problems
    policy = None
    try:
        policy = Policy.model_validate(document.value)
    except ValidationError as error:
        problems += [_located(document, detail) for detail in error.errors(include_url=False)]
    return (None if problems else policy), sorted(set(problems))


def _located(document: Document, detail: Any) -> Problem:
    # For a faulty key of a mapping pydantic appends "[key]" to the place.
    keys: Keys = detail["loc"]
    of_key = bool(keys) and keys[-1] == "[key]"
    keys = keys[:-1] if of_key else keys
    places = document.keys if of_key or detail["type"] in UNKNOWN_KEY else document.values
    place = places.get(keys)
    nearest = keys
    while place is None and nearest:
        nearest = nearest[:-1]
        place = document.keys.get(nearest) or document.values.get(nearest)
    return _problem(place or Place(1, 1), keys, explain(detail, keys))


def _problem(place: Place, keys: Keys, what: Text) -> Problem:
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")
    return Problem(place.line, place.column, path, what.en, what.zh)
