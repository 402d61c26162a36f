"""Who made a backup: its manifest is signed by the stack, and whoever restores has the public half beforehand.

Encryption does not tell: for a public key anybody encrypts. The private half is beside the key of no other service and
in no backup; who opens an old backup cannot sign a new one. The public half stands in the stack's own file and in the
file of each key that opens backups, as a comment: what is needed to restore says itself whom to believe.

The signature is a note (c2sp.org/signed-note) of three lines: what it is, the backup's name, and the SHA-256 of its
manifest, which has the size and SHA-256 of every part.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from deploy.backup.refusals import forged, stranger, unsigned
from shared.proof.notes import NoteError, SigningKey, UnknownSignerError, VerificationKey, read_note

KIND = "tierline/backup"
# Of the names that backups are given; a file that an operator calls otherwise may be called anything.
NAMED = "tierline-"
UNSIGNED_FORMAT, SIGNED_FORMAT = 1, 2


class Believed(NamedTuple):
    """Whose backups are used; `unsigned`: also one that none of them signed, because a person says so.

    That is one from before backups were signed, or by a key whose public half is lost. Nothing else is let be by it.
    """

    keys: tuple[VerificationKey, ...]
    unsigned: bool = False


class Signed(NamedTuple):
    """Which key signed, and what backup that was."""

    signer: str
    backup: str


def signature(key: SigningKey, backup: str, manifest: bytes) -> bytes:
    """The signed statement that this is the manifest of that backup."""
    return key.sign(statement(backup, manifest)).encode()


def statement(backup: str, manifest: bytes) -> str:
    return f"{KIND}\n{backup}\n{sha256(manifest).hexdigest()}\n"


def judge(note: bytes | None, told: bytes, manifest: Mapping[str, Any], name: str, believed: Believed) -> Signed | None:
    """Who signed the manifest `told` of a file called `name`; None: nobody who is believed, and that is let be.

    `Broken` when that is nobody who is believed, or not the backup that this is.
    """
    if note is None:
        if manifest.get("format") != UNSIGNED_FORMAT:
            raise forged("its signature was taken off")
        if believed.unsigned:
            return None
        raise unsigned()
    try:
        text, (key, *_) = read_note(note.decode(), believed.keys)
    except UnknownSignerError:
        if believed.unsigned:
            return None
        raise stranger(note) from None
    except (NoteError, UnicodeDecodeError) as error:
        raise forged(str(error)) from None
    kind, _, rest = text.partition("\n")
    backup, _, _ = rest.partition("\n")
    if kind != KIND or text != statement(backup, told):
        raise forged(f"what is signed is the manifest of another backup: {backup}")
    if name.startswith(NAMED) and name != backup:
        raise forged(f"it is {backup} under another's name")
    return Signed(key.name, backup)
