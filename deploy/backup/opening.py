"""A backup's file is read: once to know that it is whole and whose it is, and only then for what is in it.

Both readings see the very same pieces. Who may write where backups are kept could put another file there in between,
or let the file end in another way than it began; so what was examined is remembered by digests, and each piece is held
against its own before anybody gets it.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import IO, Any, NamedTuple

import pyrage
from pyrage import x25519

from deploy.backup.envelope import MANIFEST, PIECE, PIPE, SIGNATURE, Seal, Source
from deploy.backup.refusals import Broken, broken
from deploy.backup.signing import Believed, Signed, judge
from deploy.failure import ExitCode, Failure
from shared.words import Text

# A piece is PIECE; a manifest has a line for each attachment. More is nobody's backup, and would fill the memory.
LARGEST = 64 * PIECE
DIGEST_BYTES = 32


class Piece(NamedTuple):
    """A piece of a part, in the order of packing."""

    part: str
    data: bytes


class WrongKey(Broken):
    """It may be whole: this key does not tell."""


class Examined(NamedTuple):
    """A backup that was read from end to end and is whole; `signed` is None where a person lets be that nobody did.

    `digests` has 32 bytes for each piece (of 4 MiB or less), in their order, and for the manifest.
    """

    manifest: Mapping[str, Any]
    signed: Signed | None
    digests: bytes

    def __str__(self) -> str:
        return "signed by nobody who is believed" if self.signed is None else f"signed by {self.signed.signer}"


def examine(source: Source, identity: x25519.Identity, name: str, believed: Believed) -> Examined:
    """Read all of the backup in `source`, whose file is called `name`, and use nothing of it.

    `Broken` when it is damaged, cut, for another key, or not signed as `believed` wants it.
    """
    with opening(source, identity, None) as opened:
        deque(opened.pieces(), maxlen=0)
    signed = judge(opened.signature, opened.told, opened.manifest, name, believed)
    return Examined(opened.manifest, signed, bytes(opened.digests))


@contextmanager
def unsealed(source: Source, identity: x25519.Identity, examined: Examined) -> Iterator[Opened]:
    """The pieces of a backup that was examined; `Broken` before the first that is another than then."""
    with opening(source, identity, examined.digests) as opened:
        yield opened


class Opened:
    """A backup being read. Its manifest is there once all of it has been read."""

    def __init__(self, tar: tarfile.TarFile, expected: bytes | None) -> None:
        self._tar = tar
        self._expected = expected
        self.digests = bytearray()
        self.told = b""
        self.signature: bytes | None = None
        self.manifest: dict[str, Any] = {}

    def pieces(self) -> Iterator[Piece]:
        """Every piece, in order; `Broken` where what was packed is not what is read."""
        seals: dict[str, Seal] = {}
        name, size, digest = "", 0, sha256()
        for member in self._tar:
            data = self._content(member)
            if member.name in {MANIFEST, SIGNATURE}:
                self._conclude(member.name, data)
                continue
            if self.told:
                raise broken("something stands behind the manifest")
            part = member.name.rpartition(".")[0]
            if part != name:
                if part in seals:
                    # The manifest vouches for one of them, and the other one would be used as well.
                    raise broken("a part comes twice")
                name, size, digest = part, 0, sha256()
            self._note(member.name, data)
            size += len(data)
            digest.update(data)
            seals[name] = Seal(size, digest.hexdigest())
            yield Piece(part, data)
        if not self.told or (self._expected is not None and len(self.digests) != len(self._expected)):
            raise broken("it has no manifest")
        self.manifest = parsed(self.told)
        if {name: list(seal) for name, seal in seals.items()} != self.manifest.get("parts"):
            raise broken("a part is not what was packed")

    def _content(self, member: tarfile.TarInfo) -> bytes:
        stream = self._tar.extractfile(member) if member.size <= LARGEST else None
        if stream is None:
            raise broken("the tar inside is not of this form")
        return stream.read()

    def _conclude(self, name: str, data: bytes) -> None:
        """Keep the manifest, and then its signature."""
        if name == MANIFEST and not self.told:
            self.told = data
            self._note(name, data)
        elif name == SIGNATURE and self.told and self.signature is None:
            self.signature = data
        else:
            raise broken("the tar inside is not of this form")

    def _note(self, name: str, data: bytes) -> None:
        """Remember what was read, and hold it against what was read before."""
        digest = sha256(f"{name}\n".encode())
        digest.update(data)
        begin = len(self.digests)
        self.digests += digest.digest()
        if self._expected is not None and self.digests[begin:] != self._expected[begin : begin + DIGEST_BYTES]:
            raise broken("it is not the file that was examined")


def parsed(told: bytes) -> dict[str, Any]:
    """What a manifest says."""
    try:
        manifest = json.loads(told)
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict):
        raise broken("its manifest cannot be read")
    return manifest


@contextmanager
def opening(source: Source, identity: x25519.Identity, expected: bytes | None) -> Iterator[Opened]:
    """The backup in `source`; `Broken` when it is damaged, cut or for another key, at the latest on leaving."""
    reader, writer = os.pipe()
    failures: list[Exception] = []
    ours = False

    def decrypt() -> None:
        # Whoever reads may have had enough: what waits in the buffer then has no reader any more.
        with suppress(BrokenPipeError), os.fdopen(writer, "wb", buffering=PIPE) as plain:
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
                opened = Opened(tar, expected)
                try:
                    yield opened
                    drained(plain)
                except BaseException:
                    # Whoever stops reading ends the decrypting too, and knows better why.
                    ours = not failures
                    raise
        finally:
            thread.join()
    except (tarfile.TarError, Broken) as error:
        # Where decrypting ended early the tar ends early too: the first cause is the one to tell.
        if failures and not ours:
            raise unreadable(failures[0]) from None
        raise error if isinstance(error, Broken) else broken(repr(error)) from None
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
