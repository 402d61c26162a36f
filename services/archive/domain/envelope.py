"""Content under keys: each piece under one of its own, and that under a master key that is in no database.

Whoever has the objects alone has nothing, nor whoever has the database alone; and without the row of its data key a
piece is gone for good, wherever copies of its object may lie (A7).

An object is 12 bytes of nonce and AES-256-GCM of the content; a wrapped key is the same of the data key. Both are bound
to the id of the piece, so that one cannot be passed off as another.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class WrappedKey(NamedTuple):
    """A data key, enciphered by the master key called `master`."""

    master: str
    wrapped: bytes


def of_key(attachment_id: str) -> str:
    """What a wrapped key is bound to, so that it cannot be passed off as another piece's, nor as content."""
    return f"key:{attachment_id}"


class AlteredError(Exception):
    """The bytes are not those that were put away, or the key is not theirs."""


class GoneError(AlteredError):
    """There are no bytes, or no key."""


def encipher(plain: bytes, key: bytes, nonce: bytes, about: str) -> bytes:
    """Seal `plain` under a key of 32 bytes, with 12 bytes that no other sealing under this key ever has."""
    return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())


def decipher(sealed: bytes, key: bytes, about: str) -> bytes:
    """The inverse of `encipher`; `AlteredError` for anything that it did not make under this key, about this."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError):
        raise AlteredError(about) from None
