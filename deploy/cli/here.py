"""What most commands are: a question to the running stack, or somebody's act there, told in words or in JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, get_type_hints

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, layout_of
from deploy.cli.output import Output
from deploy.local.layout import Layout
from shared.roles import Role
from shared.words import Language, Text

Options = ParamSpec("Options")


class Who(NamedTuple):
    """Who asks or acts: a role, and a person where an act is somebody's own."""

    role: Role
    person: str | None = None


ANYBODY = Who(Role.GM)
"""Whoever sits at the keyboard of the machine sees what the GM sees."""


class Here:
    """The stack that `--data` names, and the words that the user understands."""

    def __init__(self, layout: Layout, output: Output) -> None:
        self.layout = layout
        self.output = output

    def client(self, who: Who = ANYBODY) -> StackClient:
        """To ask more than once."""
        return StackClient(self.layout, who.role, person=who.person)

    def get(self, service: str, path: str, *, who: Who = ANYBODY, **params: Any) -> Any:
        """One answer."""
        with self.client(who) as client:
            return client.get(service, path, **params)

    def listed(self, service: str, path: str, limit: int | None, *, who: Who = ANYBODY, **params: Any) -> list[Any]:
        """The first `limit` items of a list of pages, or all."""
        with self.client(who) as client:
            return list(client.pages(service, path, limit, **params))

    def download(self, service: str, path: str, *, who: Who = ANYBODY, **params: Any) -> bytes:
        """A file."""
        with self.client(who) as client:
            return client.download(service, path, **params)

    def post(self, service: str, path: str, body: Any, *, who: Who = ANYBODY) -> Any:
        """An act, and what came of it."""
        with self.client(who) as client:
            return client.post(service, path, body)

    def tell(self, found: Any, words: Text) -> None:
        """An answer that is a line of words to people."""
        self.output.result(found, lambda: self.output.say(words))

    def show(self, found: Any, shown: Callable[[Any, Output], object]) -> None:
        """An answer that is shown to people in a way of its own."""
        self.output.result(found, lambda: shown(found, self.output))

    def table(
        self,
        found: Any,
        columns: Sequence[Text],
        rows: Iterable[Sequence[object]],
        *,
        none: Text | None = None,
        right: int = 0,
    ) -> None:
        """An answer that is a table to people, or `none` where it is empty; its last `right` columns are numbers."""

        def shown(found: Any, output: Output) -> None:
            if none is not None and not found:
                output.say(none)
            else:
                output.table(columns, rows, right=right)

        self.show(found, shown)


def at_stack(command: Callable[Concatenate[Here, Options], None]) -> Callable[..., None]:
    """The command with the three options that every command on a stack has, after its own: --data, --json, --lang."""

    def run(*, data: Path = DEFAULT_DATA, as_json: bool = False, lang: Language | None = None, **options: Any) -> None:
        take(Here(layout_of(data), Output(lang, as_json)), **options)

    take: Callable[..., None] = command
    hints = get_type_hints(command, include_extras=True)
    _, *own = signature(command).parameters.values()
    added = {"data": (Data, DEFAULT_DATA), "as_json": (AsJson, False), "lang": (Lang, None)}
    parameters = [each.replace(annotation=hints[each.name], kind=Parameter.KEYWORD_ONLY) for each in own]
    parameters += [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=hint, default=default)
        for name, (hint, default) in added.items()
    ]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run
