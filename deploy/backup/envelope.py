"""A backup's file: a tar stream, encrypted with age for its recipients; `age -d | tar x` opens it without Tierline.

Parts whose length nobody knows beforehand (a dump, as it comes) lie in numbered pieces: `customers.dump.000000`, …;
`cat customers.dump.* | pg_restore` puts one together. The manifest comes behind them, with the size and SHA-256 of each
part, and last its signature: a file without these was not finished, and age's own end mark tells a file that was cut
anywhere. So nothing is ever larger in memory than a piece, and nothing lies unencrypted on a disk.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import IO, Any, NamedTuple, Protocol

import pyrage
from pyrage import x25519

from deploy.failure import Failure
from shared.words import Text

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
PIECE = 4 * 1024 * 1024
PIPE = 1 << 16


class Source(Protocol):
    """A backup's bytes."""

    def read(self, size: int, /) -> bytes: ...


class Sink(Protocol):
    """Where a backup's bytes go."""

    def write(self, data: bytes, /) -> object: ...


class Seal(NamedTuple):
    """What a part was when it was packed: its bytes, and their SHA-256 in hex."""

    size: int
    sha256: str


@dataclass(slots=True)
class Pending:
    """A part on its way into the file."""

    name: str
    pack: Packer
    _rest: bytearray = field(default_factory=bytearray)
    _pieces: int = 0
    _size: int = 0
    _digest: Any = field(default_factory=sha256)

    def write(self, data: bytes) -> None:
        self._size += len(data)
        self._digest.update(data)
        self._rest += data
        size = self.pack.piece
        while len(self._rest) >= size:
            self._put(bytes(self._rest[:size]))
            del self._rest[:size]

    def close(self) -> Seal:
        if self._rest or not self._pieces:
            self._put(bytes(self._rest))
        return Seal(self._size, self._digest.hexdigest())

    def _put(self, data: bytes) -> None:
        self.pack.member(f"{self.name}.{self._pieces:06}", data)
        self._pieces += 1


@dataclass(slots=True)
class Packer:
    """Takes a backup's parts, one after another."""

    tar: tarfile.TarFile
    piece: int = PIECE
    seals: dict[str, Seal] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[Pending]:
        """A part that is written as it comes."""
        pending = Pending(name, self)
        yield pending
        self.seals[name] = pending.close()

    def add(self, name: str, data: bytes) -> None:
        """A part that is there already."""
        with self.part(name) as part:
            part.write(data)

    def member(self, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o600
        self.tar.addfile(info, io.BytesIO(data))


async def seal(
    sink: Sink,
    recipients: Sequence[x25519.Recipient],
    fill: Callable[[Packer], Awaitable[dict[str, Any]]],
    sign: Callable[[bytes], bytes],
    piece: int = PIECE,
) -> dict[str, Any]:
    """Write what `fill` packs into `sink`, encrypted, then the manifest that it returns; returns that, with seals.

    `sign` makes the signature of the manifest, whose bytes it is given. What `fill` raises is raised, and a sink that
    takes no more is a Failure; it then holds no whole backup.
    """
    async with encrypting(sink, recipients) as plain:
        with tarfile.open(fileobj=plain, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            packer = Packer(tar, piece)
            manifest = await fill(packer)
            manifest["parts"] = {name: list(seal) for name, seal in packer.seals.items()}
            told = json.dumps(manifest, indent=1, sort_keys=True).encode()
            packer.member(MANIFEST, told)
            packer.member(SIGNATURE, sign(told))
    return manifest


@asynccontextmanager
async def encrypting(sink: Sink, recipients: Sequence[x25519.Recipient]) -> AsyncIterator[IO[bytes]]:
    """A pipe's end; what is written there arrives in `sink` encrypted, all of it by the time of leaving."""
    reader, writer = os.pipe()
    failures: list[Exception] = []

    def encrypt() -> None:
        with os.fdopen(reader, "rb", buffering=PIPE) as plain:
            try:
                pyrage.encrypt_io(plain, sink, recipients)
            except (OSError, pyrage.EncryptError) as error:
                failures.append(error)

    thread = threading.Thread(target=encrypt, name="encrypt", daemon=True)
    thread.start()
    try:
        try:
            with os.fdopen(writer, "wb", buffering=PIPE) as plain:
                yield plain
        finally:
            thread.join()
    except BrokenPipeError:
        # The sink gave up first, and knows why.
        if not failures:
            raise
    if failures:
        raise not_written(failures[0])


def not_written(error: Exception) -> Failure:
    return Failure(
        Text(en="The backup could not be written.", zh="备份无法写入。"),
        Text(en="Is there room where it goes, and may it be written?", zh="请检查目标位置的剩余空间与写权限。"),
        detail=str(error),
    )
