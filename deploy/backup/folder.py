"""Backups in a folder: each there whole, or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from deploy.backup.places import SUFFIX, Kept
from deploy.failure import ExitCode, Failure
from shared.words import Text

# What is being written; a killed backup leaves it, and the next one removes it.
DRAFT = ".part"


class Folder:
    """Implements `Place` in a folder that is made when the first backup comes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """A file that takes its name when all of it is on the disk; on an exception nothing is left."""
        draft = self._path / f"{name}{DRAFT}"
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            belong(self._path)
            for left in self._path.glob(f"*{SUFFIX}{DRAFT}"):
                remove_abandoned(left)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            raise cannot(self._path, error) from None
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            belong(draft)
            draft.rename(self._path / name)
            write_through(self._path)
        except OSError as error:
            raise cannot(self._path, error) from None
        finally:
            draft.unlink(missing_ok=True)

    @contextmanager
    def reading(self, name: str) -> Iterator[IO[bytes]]:
        path = self._path / name
        try:
            file = path.open("rb")
        except OSError as error:
            raise Failure(
                Text(en=f"{path} cannot be read: {error.strerror}", zh=f"无法读取 {path}：{error.strerror}"),
                Text(en="`tierline backup list` names what there is.", zh="`tierline backup list` 列出现有备份。"),
                code=ExitCode.NOT_SO,
            ) from None
        with file:
            yield file

    def kept(self) -> list[Kept]:
        found = []
        for path in self._path.glob(f"*{SUFFIX}"):
            status = path.stat()
            found.append(Kept(path.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)))
        return found

    def remove(self, name: str) -> None:
        (self._path / name).unlink(missing_ok=True)


def remove_abandoned(draft: Path) -> None:
    """Remove what a killed backup left; one that is being written is held by its writer."""
    with draft.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        draft.unlink(missing_ok=True)


def belong(path: Path) -> None:
    """Let what root makes, in a container, be whose the folder around it is."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def write_through(folder: Path) -> None:
    """Let a new name outlive a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def cannot(folder: Path, error: OSError) -> Failure:
    return Failure(
        Text(en=f"{folder} cannot be written: {error.strerror}", zh=f"无法写入 {folder}：{error.strerror}"),
        Text(
            en="Make room, or name another place: --to, or TIERLINE_BACKUPS__URL.",
            zh="请腾出空间，或另指定位置：--to，或 TIERLINE_BACKUPS__URL。",
        ),
        detail=str(error),
    )
