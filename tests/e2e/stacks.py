"""Local stacks for tests, driven as a user drives them: by the command, its JSON and its exit codes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from deploy.cli.client import StackClient
from deploy.cli.draining import until_quiet
from deploy.local.layout import Layout
from shared.roles import Role

# Cold, on two cores that other tests use too.
START_SECONDS = 120


class Tierline:
    """The command on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.up: subprocess.Popen[str] | None = None
        self.log = data.with_suffix(".err")

    def run(self, *arguments: str, expect: int | None = 0) -> Any:
        """What a command answers in JSON; its exit code is `expect` unless that is None."""
        done = subprocess.run(
            [*self._command, *arguments, "--json", "--data", str(self.data)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert expect is None or done.returncode == expect, (
            f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return json.loads(done.stdout)

    def start(self, *arguments: str) -> Any:
        """Run `tierline up` until it is ready, and return what it says then."""
        with self.log.open("ab") as errors:
            self.up = subprocess.Popen(
                [*self._command, "up", "--json", "--data", str(self.data), *arguments],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.up.stdout is not None
        line = self.up.stdout.readline()
        assert line, self.log.read_text("utf-8")
        return json.loads(line)

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """End the supervisor and return its exit code."""
        assert self.up is not None
        self.up.send_signal(how)
        code = self.up.wait(60)
        assert self.up.stdout is not None
        self.up.stdout.close()
        self.up = None
        return code

    def drain(self) -> None:
        """Return when nothing waits anywhere in the stack."""
        with StackClient(Layout(self.data), Role.OPS) as client:
            asyncio.run(until_quiet(client, lambda _: None))

    def pids(self) -> list[int]:
        """Every process of the stack but the supervisor, from its own account and the kernel's."""
        assert self.up is not None
        return [child.pid for child in psutil.Process(self.up.pid).children(recursive=True)]

    @property
    def _command(self) -> list[str]:
        return [sys.executable, "-m", "deploy.cli"]


def eventually(condition: Callable[[], Any], what: str, within: float = 60) -> Any:
    """The first true answer of `condition`; AssertionError naming `what` when there is none in time."""
    deadline = time.monotonic() + within
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {within:g} s"
        time.sleep(0.1)
    return answer


def alive(pid: int) -> bool:
    """Whether a process runs: a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill(pid: int) -> None:
    """As the kernel's out-of-memory killer would."""
    os.kill(pid, signal.SIGKILL)
