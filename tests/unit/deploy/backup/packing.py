"""Backups of a few bytes, and what somebody who can open them may make of them."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyrage
from pyrage import x25519

from deploy.backup.envelope import Packer, seal
from deploy.backup.opening import examine, unsealed
from deploy.backup.signing import Believed, signature
from shared.proof.notes import SigningKey

KEY, OTHER = x25519.Identity.generate(), x25519.Identity.generate()
SIGNER, STRANGER = SigningKey.generate("tierline/backup/ours"), SigningKey.generate("tierline/backup/theirs")
BELIEVED = Believed((SIGNER.verification(),))
NAME = "tierline-20260301T020000Z-0000.tierline.age"
PARTS = {"customers.dump": bytes(range(256)) * 900, "keys/token-key.json": b"{}", "kafka.jsonl": b""}
Member = tuple[str, bytes]


def signed(key: SigningKey, name: str) -> Callable[[bytes], bytes]:
    """How a backup of that name is signed."""
    return lambda manifest: signature(key, name, manifest)


def packed(
    parts: Mapping[str, bytes], step: int = 7_777, *, key: SigningKey = SIGNER, name: str = NAME, at: str = "noon"
) -> bytes:
    """A backup of these parts, written some bytes at a time."""

    async def fill(packer: Packer) -> dict[str, Any]:
        for part_name, data in parts.items():
            with packer.part(part_name) as part:
                for start in range(0, len(data), step):
                    part.write(data[start : start + step])
        return {"format": 2, "at": at}

    sink = io.BytesIO()
    recipients = [KEY.to_public(), OTHER.to_public()]
    asyncio.run(seal(sink, recipients, fill, signed(key, name), piece=10_000))
    return sink.getvalue()


def opened(
    data: bytes, key: x25519.Identity = KEY, *, name: str = NAME, believed: Believed = BELIEVED
) -> dict[str, bytes]:
    """The parts again, once the backup was examined."""
    examined = examine(io.BytesIO(data), key, name, believed)
    found: dict[str, bytes] = {}
    with unsealed(io.BytesIO(data), key, examined) as backup:
        for part, piece in backup.pieces():
            found[part] = found.get(part, b"") + piece
    assert backup.manifest == examined.manifest
    return found


def members(data: bytes, key: x25519.Identity = KEY) -> list[Member]:
    """What is in the tar inside."""
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(data, [key]))) as tar:
        return [(member.name, stream.read()) for member in tar if (stream := tar.extractfile(member))]


def enciphered(found: Iterable[Member], recipient: x25519.Recipient | None = None) -> bytes:
    """A file of these members, as anybody makes one who knows the public key."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, data in found:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    file: bytes = pyrage.encrypt(plain.getvalue(), [recipient or KEY.to_public()])
    return file


WHOLE = packed(PARTS)
