"""The `tierline` command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

# As shells say of a program that Ctrl-C ended.
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run what was typed, or `arguments` (`deploy.cli.app`); Ctrl-C ends it in silence, also while it is loaded."""
    with suppress(KeyboardInterrupt):
        import_module("deploy.cli.app").main(arguments)
    sys.exit(INTERRUPTED)
