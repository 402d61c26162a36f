"""Server processes that end with the program that started them."""

from __future__ import annotations

import ctypes
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.local.processes import Account

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def wait_until(condition: Callable[[], bool], what: str, within: float) -> None:
    """Poll `condition` until it holds; raise `TimeoutError` naming `what` after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {within:g} s")
        time.sleep(0.02)


class ServerProcess:
    """A command that can be started again with the same words, its output kept in one file."""

    def __init__(  # noqa: PLR0913 - each is a fact of the command
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        account: Account | None = None,
        folder: Path = Path("/"),
        end_with: signal.Signals = signal.SIGTERM,
        kill_with: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.env = env
        self.account = account
        self.folder = folder
        self.end_with = end_with
        self.kill_with = kill_with
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def start(self, ready: Callable[[], bool], within: float) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.env) if self.env is not None else None,
                cwd=self.folder,
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - nothing but one system call; tests fork from one thread
            )

        def up() -> bool:
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended while starting:\n{self.tail()}")
            return ready()

        try:
            wait_until(up, f"{self.name} answering", within)
        except TimeoutError as error:
            self.kill()
            raise TimeoutError(f"{error}:\n{self.tail()}") from None

    def kill(self) -> None:
        self._end(self.kill_with, 30)

    def stop(self, within: float = 30) -> None:
        self._end(self.end_with, within)

    def tail(self, size: int = 3000) -> str:
        return self.log.read_bytes()[-size:].decode(errors="replace")

    def _end(self, how: signal.Signals, within: float) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(within)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None


def _die_with_parent() -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def answers_kafka(port: int) -> bool:
    """Whether a broker serves requests there: a listening socket alone says little, so ask for its API versions."""
    request = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return len(connection.recv(8)) > 0
    except OSError:
        return False


def answers_postgres(port: int) -> bool:
    """Whether a server lets users in there: while it recovers it listens already, and answers with an error."""
    words = b"user\0postgres\0database\0postgres\0\0"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(struct.pack(">ii", 8 + len(words), 3 << 16) + words)
            return connection.recv(1) == b"R"
    except OSError:
        return False
