"""A backup's file: a tar stream, encrypted with age for its recipients; `age -d | tar x` opens it without Tierline.

Parts whose length nobody knows beforehand (a dump, as it comes) lie in numbered pieces: `customers.dump.000000`, …;
`cat customers.dump.* | pg_restore` puts one together. The manifest comes last: a file without it was not finished, and
age's own end mark tells a file that was cut anywhere. So nothing is ever larger in memory than a piece, and nothing
lies unencrypted on a disk.
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

from deploy.failure import ExitCode, Failure
from shared.words import Text

MANIFEST = "manifest.json"
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


class Piece(NamedTuple):
    """A piece of a part, in the order of packing."""

    part: str
    data: bytes


class Broken(Failure):
    """The file is not a whole backup, or not for this key; nothing of it may be used."""


class WrongKey(Broken):
    """It may be whole: this key does not tell."""


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
    piece: int = PIECE,
) -> dict[str, Any]:
    """Write what `fill` packs into `sink`, encrypted, and last the manifest that it returns; returns that, with seals.

    What `fill` raises is raised, and a sink that takes no more is a Failure; it then holds no whole backup.
    """
    async with encrypting(sink, recipients) as plain:
        with tarfile.open(fileobj=plain, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            packer = Packer(tar, piece)
            manifest = await fill(packer)
            manifest["parts"] = {name: list(seal) for name, seal in packer.seals.items()}
            packer.member(MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode())
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


class Opened:
    """A backup being read. Its parts are to be believed only once all of it has been read and `manifest` is there."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._seals: dict[str, Seal] = {}
        self.manifest: dict[str, Any] = {}

    def pieces(self) -> Iterator[Piece]:
        """Every piece, in order; `Broken` where what was packed is not what is read."""
        name, size, digest = "", 0, sha256()
        for member in self._tar:
            stream = self._tar.extractfile(member)
            if stream is None or self.manifest:
                raise broken("the tar inside is not of this form")
            data = stream.read()
            if member.name == MANIFEST:
                self.manifest = json.loads(data)
                continue
            part = member.name.rpartition(".")[0]
            if part != name:
                name, size, digest = part, 0, sha256()
            size += len(data)
            digest.update(data)
            self._seals[name] = Seal(size, digest.hexdigest())
            yield Piece(part, data)
        if {name: list(seal) for name, seal in self._seals.items()} != self.manifest.get("parts"):
            raise broken("a part is not what was packed")


@contextmanager
def unsealed(source: Source, identity: x25519.Identity) -> Iterator[Opened]:
    """The backup in `source`; `Broken` when it is damaged, cut or for another key, at the latest on leaving."""
    reader, writer = os.pipe()
    failures: list[Exception] = []

    def decrypt() -> None:
        with os.fdopen(writer, "wb", buffering=PIPE) as plain:
            try:
                pyrage.decrypt_io(Readable(source), plain, [identity])
            except (OSError, pyrage.DecryptError) as error:
                failures.append(error)
            except ValueError as error:
                failures.append(error)

    thread = threading.Thread(target=decrypt, name="decrypt", daemon=True)
    thread.start()
    try:
        try:
            with os.fdopen(reader, "rb", buffering=PIPE) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
                opened = Opened(tar)
                yield opened
                drained(plain)
        finally:
            thread.join()
    except (tarfile.TarError, Broken, json.JSONDecodeError) as error:
        # Where decrypting ended early the tar ends early too: the first cause is the one to tell.
        raise unreadable(failures[0]) if failures else broken(repr(error)) from None
    if failures:
        raise unreadable(failures[0])
    if not opened.manifest:
        raise broken("it has no manifest")


class Readable(io.RawIOBase):
    """A source as pyrage wants it."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._source.read(size if size >= 0 else PIPE)


def drained(stream: IO[bytes]) -> None:
    """Read to the end: what comes after the tar's own end belongs to what age vouches for."""
    while stream.read(PIPE):
        pass


def unreadable(error: Exception) -> Failure:
    """What age says of a file that it cannot open, in our words."""
    if "No matching keys" in str(error):
        return WrongKey(
            Text(en="The backup is not for this key.", zh="此密钥打不开该备份。"),
            Text(
                en="Its recipients were set when it was made: find the identity file of that time.",
                zh="备份的收件公钥在制作时确定：请找出当时的密钥文件。",
            ),
            code=ExitCode.NOT_SO,
        )
    return broken(str(error))


def broken(why: str) -> Broken:
    return Broken(
        Text(
            en="The backup is damaged or was cut off: nothing of it is used.", zh="备份已损坏或不完整，未作任何恢复。"
        ),
        Text(
            en="Copy it again from where it was kept, or take another one: `tierline backup list`.",
            zh="请从存放处重新拷贝，或改用其他备份：`tierline backup list`。",
        ),
        code=ExitCode.NOT_SO,
        detail=why,
    )
