"""The stack that is backed up, as its owners' logins and a reader of all topics see it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from deploy.checkpoint_key import PUBLIC_FILE, add_public_keys, renew_checkpoint_key
from deploy.failure import Failure
from deploy.local.databases import Passwords, Server, login_dsn, owner_login
from shared.engine.kafka import KafkaAddress
from shared.objects import Objects
from shared.words import Text

# A dump may take hours, in which its snapshot only waits.
UNLIMITED = {"idle_in_transaction_session_timeout": "0", "transaction_timeout": "0", "statement_timeout": "0"}


@dataclass(frozen=True, slots=True)
class Login:
    """A login to one database; the password goes where `ps` does not show it."""

    dsn: str
    password: str

    async def connect(self) -> asyncpg.Connection[Any]:
        """Failure when the server does not let us in."""
        try:
            return await asyncpg.connect(self.dsn, password=self.password, timeout=30, server_settings=UNLIMITED)
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            raise Failure(
                Text(en="The databases cannot be read.", zh="无法读取数据库。"),
                Text(en="See `tierline doctor`.", zh="请看 `tierline doctor`。"),
                detail=f"{type(error).__name__}: {error}",
            ) from None


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The stack's key files: what restored data could not be read, or would not be believed, without.

    Passwords are no part of it: they open servers, not data, and a restored stack has its own.
    """

    folder: Path
    single: tuple[Path, ...] = ()
    """Files elsewhere, each under its own name."""
    left_out: tuple[str, ...] = ()
    """Patterns of what lies there and is no key."""

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Names and contents; what is not there, or empty, is left out."""
        for path in (*sorted(self.folder.glob("*")), *self.single):
            if path.is_file() and not path.name.startswith(".") and not any(map(path.match, self.left_out)):
                yield path.name, path.read_bytes()

    def put(self, name: str, data: bytes) -> None:
        """Keep a file that came back, as readable as the one that it replaces; not what a backup does not hold."""
        if any(Path(name).match(pattern) for pattern in self.left_out):
            return
        if name == PUBLIC_FILE:
            # Added to those that are there: what was signed since the backup stays believed.
            add_public_keys(self.folder / PUBLIC_FILE, data.decode(), self.write)
            return
        place = next((path for path in self.single if path.name == name), self.folder / Path(name).name)
        self._replace(place, data)

    def renew_checkpoint_key(self) -> None:
        """Sign under another name from now on.

        What comes back may be older than what was signed: under the same key one log would have two pasts, and whoever
        kept a head could not tell which of them is a lie.
        """
        renew_checkpoint_key(self.folder, self.write)

    def write(self, path: Path, text: str) -> None:
        """Write a key file as readable as the one that it replaces."""
        self._replace(path, text.encode())

    def _replace(self, place: Path, data: bytes) -> None:
        mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o600
        draft = place.with_name(f".{place.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        draft.chmod(mode)
        draft.replace(place)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where everything is that a backup holds."""

    postgres: Server
    passwords: Passwords
    kafka: KafkaAddress
    keys: KeyRing
    objects: Objects
    """Attachments, enciphered as they lie."""

    def login(self, service: str, database: str | None = None) -> Login:
        """The owner of a service's database, who may read, and make, all of it."""
        return owner_of(self.postgres, self.passwords, service, database or service)


def owner_of(postgres: Server, passwords: Passwords, service: str, database: str) -> Login:
    owner = owner_login(service)
    return Login(
        login_dsn(postgres, owner, database), passwords.password_file(owner).read_text(encoding="utf-8").rstrip("\r\n")
    )
