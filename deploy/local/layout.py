"""Where a local stack keeps what: one folder names it, so several run side by side."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.failure import Failure
from shared.links import KEY_BYTES
from shared.links import KEY_FILE as LINK_KEY_FILE
from shared.words import Text

DEFAULT_FOLDER = Path(".tierline")


@dataclass(frozen=True, slots=True)
class Layout:
    """The data folder of one stack."""

    root: Path

    @property
    def postgres(self) -> Path:
        """The cluster, or a link to where the user that PostgreSQL runs as can reach it."""
        return self.root / "postgres"

    @property
    def broker(self) -> Path:
        return self.root / "broker"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def keys(self) -> Path:
        """The key that signs this stack's tokens, and its public half."""
        return self.root / "keys"

    @property
    def objects(self) -> Path:
        """Attachments of records, enciphered, unless a bucket elsewhere holds them."""
        return self.root / "objects"

    @property
    def checkpoints(self) -> Path:
        """The second place of the audit's checkpoints, unless a bucket elsewhere is it."""
        return self.root / "checkpoints"

    @property
    def secrets(self) -> Path:
        """Passwords of the database logins, one file each."""
        return self.root / "secrets"

    @property
    def channels(self) -> Path:
        """Robots and mail servers with their keys, where the user has written any."""
        return self.root / "channels.yaml"

    @property
    def processes(self) -> Path:
        """Who was started, so that what a killed supervisor left behind is found."""
        return self.root / "processes"

    @property
    def cache(self) -> Path:
        """Downloads; outlives a renewed demo."""
        return self.root / "cache"

    @property
    def state(self) -> Path:
        """Addresses and process ids for other commands; no secrets."""
        return self.root / "stack.json"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def demo(self) -> Path:
        """Says that the data is a demo's and may be thrown away."""
        return self.root / "demo"

    def create(self) -> None:
        """Make the folders; the ones with secrets are the owner's alone. OSError when the place cannot be written."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.logs, self.processes):
            folder.mkdir(exist_ok=True)
        for folder in (self.keys, self.secrets, self.objects):
            folder.mkdir(mode=0o700, exist_ok=True)

    def password_file(self, login: str) -> Path:
        """The file with a login's password, made with a random one at first use."""
        path = self.secrets / f"{login}.password"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path

    def link_key(self) -> Path:
        """The key of the links in personal messages, made at first use."""
        path = self.keys / LINK_KEY_FILE
        if not path.exists():
            write_private(path, secrets.token_hex(KEY_BYTES))
        return path


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


@contextmanager
def locked(layout: Layout) -> Iterator[None]:
    """Hold the folder for one running stack; the lock goes with the process, however it ends."""
    with layout.lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(
                Text(
                    en=f"A stack is already running on {layout.root}.",
                    zh=f"数据目录 {layout.root} 上已有一套系统在运行。",
                ),
                Text(
                    en="See it with `tierline status`, or start another one with --data OTHER_FOLDER.",
                    zh="用 `tierline status` 查看，或用 --data 另选目录再启动一套。",
                ),
            ) from None
        yield


def is_running(layout: Layout) -> bool:
    """Whether a supervisor holds the folder."""
    try:
        with layout.lock.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
