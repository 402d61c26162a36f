"""Attachments in the object store, each enciphered under a key of its own."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from services.archive.domain.envelope import (
    KEY_BYTES,
    NONCE_BYTES,
    AlteredError,
    GoneError,
    WrappedKey,
    decipher,
    encipher,
    of_key,
)
from services.archive.domain.records import Attachment
from shared.environment import SettingsError
from shared.objects import NoSuchObjectError, Objects

# A piece is whole in memory, in the clear and enciphered, while it is worked on.
AT_ONCE = 2


class ObjectVault:
    """Implements `Vault` over any object store."""

    def __init__(self, objects: Objects, masters: Mapping[str, bytes]) -> None:
        """`masters` by name; the last one wraps what is new."""
        self._objects = objects
        self._masters = masters
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def put(self, attachment_id: str, object_key: str, content: bytes) -> WrappedKey:
        async with self._turns:
            sealed, wrapped = await asyncio.to_thread(self._seal, attachment_id, content)
            await self._objects.put(object_key, sealed)
        return wrapped

    async def get(self, attachment: Attachment, key: WrappedKey) -> bytes:
        async with self._turns:
            try:
                sealed = await self._objects.get(attachment.object_key)
            except NoSuchObjectError:
                raise GoneError(attachment.attachment_id) from None
            return await asyncio.to_thread(self._open, attachment, key, sealed)

    async def drop(self, object_key: str) -> None:
        await self._objects.delete(object_key)

    def _seal(self, attachment_id: str, content: bytes) -> tuple[bytes, WrappedKey]:
        name, master = list(self._masters.items())[-1]
        key = os.urandom(KEY_BYTES)
        wrapped = encipher(key, master, os.urandom(NONCE_BYTES), of_key(attachment_id))
        return encipher(content, key, os.urandom(NONCE_BYTES), attachment_id), WrappedKey(name, wrapped)

    def _open(self, attachment: Attachment, key: WrappedKey, sealed: bytes) -> bytes:
        master = self._masters.get(key.master)
        if master is None:
            raise GoneError(f"{attachment.attachment_id}: there is no master key {key.master!r}")
        unwrapped = decipher(key.wrapped, master, of_key(attachment.attachment_id))
        content = decipher(sealed, unwrapped, attachment.attachment_id)
        if sha256(content).digest() != attachment.sha256:
            raise AlteredError(attachment.attachment_id)
        return content


def read_master_keys(path: Path) -> dict[str, bytes]:
    """Master keys by name, of lines `name base64` in a file: new content goes under the last, all open what is theirs.

    SettingsError when the file cannot be read, or holds something else.
    """
    try:
        lines = [line.split() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
        keys = {name: base64.b64decode(key, validate=True) for name, key in lines}
    except (OSError, ValueError, binascii.Error) as error:
        raise SettingsError(
            f"cannot read master keys from {path}: {getattr(error, 'strerror', None) or error}"
        ) from None
    if not keys or len(keys) < len(lines) or any(len(key) != KEY_BYTES for key in keys.values()):
        raise SettingsError(f"{path} holds no master keys: lines of a name and {KEY_BYTES} bytes in base64 are wanted")
    return keys
