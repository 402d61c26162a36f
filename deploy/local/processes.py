"""Child processes that never outlive their stack: they end with it, are told to when it is killed, or are swept up."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
# Two readings of one process's start time differ by rounding at most.
SAME_START_SECONDS = 0.05
TAIL_BYTES = 3000


@dataclass(frozen=True, slots=True)
class Account:
    """Another user to run a program as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Program:
    """A command and how to end it: `ends_with` asks, `cut_with` does not."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    account: Account | None = None
    folder: Path = Path("/")
    ends_with: signal.Signals = signal.SIGTERM
    cut_with: signal.Signals = signal.SIGKILL


class Child:
    """A running program."""

    def __init__(self, program: Program, process: asyncio.subprocess.Process, register: Register) -> None:
        self.program = program
        self._process = process
        self._register = register

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._process.returncode

    async def ended(self) -> int:
        """Wait for its end, return the exit code."""
        code = await self._process.wait()
        self._register.forget(self.program.name)
        return code

    async def end(self, within: float) -> None:
        """Ask it to end; cut it off after `within` seconds."""
        if self.exit_code is None:
            self._signal(self.program.ends_with)
            try:
                async with asyncio.timeout(within):
                    await self._process.wait()
            except TimeoutError:
                self._signal(self.program.cut_with)
        await self.ended()

    def cut(self) -> None:
        """End it at once."""
        if self.exit_code is None:
            self._signal(self.program.cut_with)

    def tail(self) -> str:
        """The end of its log."""
        return tail(self.program.log)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)


class Register:
    """Who runs, in one small file each: process ids are used again, so the start time is kept beside them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def start(self, program: Program) -> Child:
        """Start a program in a session of its own, so that a Ctrl-C meant for the supervisor does not reach it."""
        with program.log.open("ab") as log:
            account = program.account
            process = await asyncio.create_subprocess_exec(
                *program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=program.environment,
                cwd=program.folder,
                user=None if account is None else account.uid,
                group=None if account is None else account.gid,
                extra_groups=None if account is None else [],
                start_new_session=True,
                preexec_fn=_ending_with_parent(program.ends_with),
            )
        self._note(program, process.pid)
        return Child(program, process, self)

    def forget(self, name: str) -> None:
        """It ended."""
        self._file(name).unlink(missing_ok=True)

    def sweep(self, within: float) -> list[str]:
        """End what a killed supervisor left behind, and return the names."""
        found = [(path, left) for path in sorted(self._folder.glob("*.json")) if (left := _survivor(path)) is not None]
        for _, (process, ends_with) in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(ends_with)
        _, stubborn = psutil.wait_procs([process for _, (process, _) in found], timeout=within)
        for process in stubborn:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(stubborn, timeout=within)
        for path in self._folder.glob("*.json"):
            path.unlink()
        return [path.stem for path, _ in found]

    def _note(self, program: Program, pid: int) -> None:
        try:
            started = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        note = {"pid": pid, "started": started, "ends_with": int(program.ends_with)}
        self._file(program.name).write_text(json.dumps(note), encoding="utf-8")

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def tail(log: Path) -> str:
    """The end of a log file; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            return file.read().decode(errors="replace").strip()
    except FileNotFoundError:
        return ""


def _survivor(path: Path) -> tuple[psutil.Process, int] | None:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        process = psutil.Process(note["pid"])
        same = abs(process.create_time() - note["started"]) < SAME_START_SECONDS
    except (psutil.NoSuchProcess, ValueError, KeyError):
        return None
    return (process, note["ends_with"]) if same and process.status() != psutil.STATUS_ZOMBIE else None


def _ending_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """What the child does before it becomes the program: ask the kernel for `number` when the parent is gone."""
    if LIBC is None:
        return None
    supervisor, libc = os.getpid(), LIBC

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        # The parent may have gone before the kernel was asked.
        if os.getppid() != supervisor:
            os._exit(1)

    return ask
