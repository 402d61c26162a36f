"""The command's tree, of which only the branch that is called is loaded: most commands need little of the program."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from deploy.cli.contents import CONTENTS
from deploy.cli.options import both, localise
from shared.words import choose_language


class LazyGroup(TyperGroup):
    """Knows its commands' names and help, which is all that `--help` and a misspelt name need."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands.update({name: TyperCommand(name, help=about(name)) for name in CONTENTS})

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is called, loaded and in the user's language."""
        name = args[0]
        if name in CONTENTS:
            self.commands[name] = load(name)
            localise(self.commands[name], choose_language())
        return super().resolve_command(ctx, args)


def load(name: str) -> Any:
    """A command of the table as its module registers it, its help in both languages."""
    registry = typer.Typer(add_completion=False, rich_markup_mode=None)
    import_module(f"deploy.cli.{CONTENTS[name].module}").register(registry)
    command = get_group(registry).commands[name]
    command.help = about(name)
    return command


def about(name: str) -> str:
    """What a command is for."""
    return both(CONTENTS[name].en, CONTENTS[name].zh)
