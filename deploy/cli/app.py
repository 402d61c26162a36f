"""The command line: one file per group of commands, of which `contents` is the table."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import typer
from typer.main import get_command

from deploy.cli import INTERRUPTED
from deploy.cli.lazy import LazyGroup
from deploy.cli.misuse import told
from deploy.cli.options import Lang, both, localise
from deploy.cli.output import Output, spoken_language
from deploy.failure import ExitCode, Failure
from shared.environment import SettingsError
from shared.words import Text, choose_language

# Typer brings a click of its own, of which it shows only this error's children.
MISUSE: Any = typer.BadParameter.__bases__[0]
# A group of commands that was called alone: its help is the answer.
NO_COMMAND: Any = next(kind for kind in MISUSE.__subclasses__() if kind.__name__ == "NoArgsIsHelpError")
LANGUAGE_VARIABLE = "TIERLINE_LANG"


def build() -> typer.Typer:
    """The whole command, of which a part is loaded when it is called."""
    app = typer.Typer(
        cls=LazyGroup,
        name="tierline",
        help=both(
            "Classifies customers from order events, and tells each rep whom to contact today.",
            "依据订单事件为客户分级，并告诉每位业务员今天该联系谁。",
        ),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
    )
    app.callback()(speak)
    return app


def speak(lang: Lang = None) -> None:
    """Take `--lang` before the command's name too; `main` has read it already."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run what was typed, or `arguments`; a failure is told in the user's language, with what to do next.

    Exit codes are honest: see `ExitCode`.
    """
    # The Kafka client tells of each attempt to reach a broker that is still starting.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    language = spoken_language(arguments)
    if language is not None:
        os.environ[LANGUAGE_VARIABLE] = language
    as_json = "--json" in arguments
    command = get_command(build())
    localise(command, choose_language())
    try:
        # Wrong uses are told by us, in the user's language: the library would tell of them in English.
        sys.exit(command(arguments, prog_name="tierline", standalone_mode=False) or ExitCode.OK)
    except Failure as failure:
        Output(None, as_json).failed(failure)
        sys.exit(failure.code)
    except MISUSE as error:
        if isinstance(error, NO_COMMAND) and not as_json:
            error.show()
            sys.exit(ExitCode.USAGE)
        name = "tierline" if error.ctx is None else error.ctx.command_path
        how = Text(en=f"`{name} --help` says how it is used.", zh=f"用法见 `{name} --help`。")
        Output(None, as_json).failed(Failure(told(error.format_message()), how))
        sys.exit(ExitCode.USAGE)
    except SettingsError as error:
        what = Text(en="The environment does not fit.", zh="环境变量设置有误。")
        Output(None, as_json).failed(Failure(what, detail=str(error)))
        sys.exit(ExitCode.USAGE)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever reads has seen enough; what is left in the buffer goes nowhere, and no error is told of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.NOT_SO)
