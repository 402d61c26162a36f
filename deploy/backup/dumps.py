"""pg_dump and pg_restore, their data going through a pipe: nothing of it lies on a disk unencrypted."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from deploy.backup.envelope import Sink
from deploy.backup.source import Login
from deploy.failure import Failure
from deploy.local.placement import clean_environment, usable_programs
from shared.words import Text

CHUNK = 1 << 18


def dump(login: Login, snapshot: str, sink: Sink) -> None:
    """A database as a snapshot of it, in PostgreSQL's own archive format, into `sink`; Failure when that ends early."""
    command = ["pg_dump", "--format=custom", "--compress=gzip:3", f"--snapshot={snapshot}", f"--dbname={login.dsn}"]
    with running(command, login) as process:
        out, _ = pipes(process)
        while chunk := out.read(CHUNK):
            sink.write(chunk)


class Loading:
    """A dump on its way into an empty database, whose owner will own all of it."""

    def __init__(self, login: Login) -> None:
        command = ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={login.dsn}"]
        self._running = running(command, login)
        self._process = self._running.__enter__()

    def write(self, data: bytes) -> None:
        _, into = pipes(self._process)
        try:
            into.write(data)
        except BrokenPipeError:
            # It has given up; its own words are better than a broken pipe's.
            self.close()
            raise

    def close(self) -> None:
        """Return when all of it is committed; Failure otherwise."""
        self._running.__exit__(None, None, None)

    def abandon(self) -> None:
        """End it; nothing of it is committed."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


@contextmanager
def running(command: list[str], login: Login) -> Iterator[subprocess.Popen[bytes]]:
    """A program of PostgreSQL's, with both its ends; it has ended well on leaving, else Failure in its own words."""
    program, *arguments = command
    environment = clean_environment() | {"PGPASSWORD": login.password, "PGCONNECT_TIMEOUT": "30", "LC_ALL": "C"}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [str(usable_programs(None) / program), "--no-password", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
        )
        try:
            yield process
            close(process.stdin)
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            close(process.stdin)
            close(process.stdout)
        if code:
            errors.seek(0)
            raise refused(program, errors)


def pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """What comes out of the program, and what goes into it."""
    if process.stdout is None or process.stdin is None:
        raise ValueError("the program was started without pipes")
    return process.stdout, process.stdin


def close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        try:
            stream.close()
        except BrokenPipeError:
            # What was still to be written has no reader any more; the exit code says why.
            return


def refused(program: str, errors: IO[bytes]) -> Failure:
    return Failure(
        Text(en=f"{program} did not come to its end.", zh=f"{program} 未能完成。"),
        Text(en="See what it says, and `tierline doctor`.", zh="请看其输出与 `tierline doctor`。"),
        detail=errors.read().decode(errors="replace").strip()[-2000:],
    )
