"""What went wrong with something a person asked for, and what to do next."""

from __future__ import annotations

from enum import IntEnum

from shared.words import Text


class ExitCode(IntEnum):
    """How the `tierline` command ends; 2 is a wrong use of the command, as everywhere."""

    OK = 0
    NOT_SO = 1
    """What was asked was looked at, and the answer is no: a chain that does not verify, a service that is not ready."""
    USAGE = 2
    UNREACHABLE = 3
    """What it takes could not be had: no stack runs, a server does not answer, a port is taken."""


class Failure(Exception):  # noqa: N818 - it names what the user meets
    """`what` happened and what to do `next`, in both languages; `detail` is the log or answer behind it."""

    def __init__(
        self, what: Text, next_step: Text | None = None, *, code: ExitCode = ExitCode.UNREACHABLE, detail: str = ""
    ) -> None:
        super().__init__(what.en)
        self.what = what
        self.next_step = next_step
        self.code = code
        self.detail = detail
