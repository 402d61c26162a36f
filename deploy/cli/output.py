"""How the command speaks: in the user's language to people, in JSON to programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.failure import Failure
from shared.called import called
from shared.words import Language, Text, choose_language

# Into a file or a pipe a table is written out whole.
PIPE_WIDTH = 200


class Output:
    """One command's voice. What it found goes to standard output, what it is doing meanwhile to standard error."""

    def __init__(self, language: str | None, as_json: bool) -> None:
        self.language = choose_language(language)
        self.as_json = as_json
        self.console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPE_WIDTH)
        self.errors = Console(highlight=False, soft_wrap=True, stderr=True)

    def of(self, text: Text) -> str:
        """The text in the user's language."""
        return text.in_(self.language)

    def named(self, code: str, names: Mapping[str, Text]) -> str:
        """What people call a code, in the user's language."""
        return self.of(called(code, names))

    def say(self, text: Text, style: str = "") -> None:
        """A line for people; nothing with --json."""
        if not self.as_json:
            self.console.print(escape(self.of(text)), style=style)

    def note(self, text: Text) -> None:
        """A line on what is being done; with --json too, since standard error is not the result."""
        self.errors.print(escape(self.of(text)), style="dim")

    def result(self, data: Any, show: Callable[[], object]) -> None:
        """The result: `data` as one JSON value, or what `show` prints."""
        if self.as_json:
            json.dump(data, sys.stdout, ensure_ascii=False, default=str, indent=2 if sys.stdout.isatty() else None)
            sys.stdout.write("\n")
            sys.stdout.flush()
        else:
            show()

    def table(
        self, columns: Sequence[Text], rows: Iterable[Sequence[object]], *, title: Text | None = None, right: int = 0
    ) -> None:
        """A table; the last `right` columns hold numbers."""
        table = Table(
            box=SIMPLE_HEAD,
            pad_edge=False,
            show_edge=False,
            title=None if title is None else escape(self.of(title)),
            title_justify="left",
            title_style="bold",
        )
        for place, column in enumerate(columns):
            number = place >= len(columns) - right
            table.add_column(self.of(column), justify="right" if number else "left", overflow="fold")
        for row in rows:
            table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
        self.console.print(table)

    def failed(self, failure: Failure) -> None:
        """What went wrong and what to do next, on standard error; with --json as an object on standard output."""
        next_step = None if failure.next_step is None else self.of(failure.next_step)
        if self.as_json:
            error = {"what": self.of(failure.what), "next": next_step, "detail": failure.detail or None}
            json.dump({"error": error}, sys.stdout, ensure_ascii=False)
            sys.stdout.write("\n")
            return
        self.errors.print(escape(self.of(failure.what)), style="bold red")
        if failure.detail:
            self.errors.print(escape(failure.detail), style="dim")
        if next_step:
            self.errors.print(escape(next_step))


def spoken_language(arguments: Sequence[str]) -> str | None:
    """The value of `--lang` on a command line, None where there is none or it names no language."""
    value = None
    for place, argument in enumerate(arguments):
        if argument == "--lang" and place + 1 < len(arguments):
            value = arguments[place + 1]
        elif argument.startswith("--lang="):
            value = argument.removeprefix("--lang=")
    return value if value in set(Language) else None
