"""Signed tree heads as others' tools read them: signed notes and checkpoints (c2sp.org/signed-note, /tlog-checkpoint).

A checkpoint is three lines, the name of the log (which is its key's too), how many entries it has and the root over
them in base64; then an empty one, and a line `— <name> <signature>` for each who signed the lines above.
"""

from __future__ import annotations

import binascii
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.proof.merkle import HASH_BYTES

ED25519 = b"\x01"
ID_BYTES = 4
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
NAME = re.compile(r"[^\s+\x00-\x1f]+")


class NoteError(ValueError):
    """This is no note, no key, or it is not signed by any key that is believed."""


class UnknownSignerError(NoteError):
    """It is a note, and none of the keys that are believed has signed it."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """The public half: the name of whose it is, and 32 bytes."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature says whose it is."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerificationKey:
        """Read `<name>+<id>+<key>`; NoteError when it is none, or not an Ed25519 key."""
        name, _, rest = text.strip().partition("+")
        number, _, coded = rest.partition("+")
        key = cls(name, _key_bytes(coded))
        if not NAME.fullmatch(name) or number != key.id.hex():
            raise NoteError("not a verification key: name, id and key do not fit together")
        return key

    def signed(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """The private half."""

    name: str
    seed: bytes

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        return cls(name, secrets.token_bytes(HASH_BYTES))

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read `PRIVATE+KEY+<name>+<id>+<key>`; NoteError when it is none, without telling what it was."""
        parts = text.strip().split("+", 4)
        if parts[:2] != ["PRIVATE", "KEY"] or len(parts) < 5 or not NAME.fullmatch(parts[2]):  # noqa: PLR2004 - above
            raise NoteError("not a private key for notes")
        key = cls(parts[2], _key_bytes(parts[4]))
        if parts[3] != key.verification().id.hex():
            raise NoteError("not a private key for notes: its id is another's")
        return key

    def encode(self) -> str:
        """The key as it is kept."""
        return f"PRIVATE+KEY+{self.name}+{self.verification().id.hex()}+{b64encode(ED25519 + self.seed).decode()}"

    def verification(self) -> VerificationKey:
        """The public half, for whoever verifies."""
        return VerificationKey(self.name, self._private().public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The note of `text`, which ends with a newline."""
        coded = b64encode(self.verification().id + self._private().sign(text.encode())).decode()
        return f"{text}\n\N{EM DASH} {self.name} {coded}\n"

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def _key_bytes(coded: str) -> bytes:
    try:
        decoded = b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("not a key for notes: it is not base64") from None
    if decoded[:1] != ED25519 or len(decoded) != 1 + HASH_BYTES:
        raise NoteError("not an Ed25519 key for notes")
    return decoded[1:]


def open_note(note: str, keys: Iterable[VerificationKey]) -> str:
    """The text of a note that one of `keys` signed; NoteError when none did, or a signature of theirs is wrong."""
    return read_note(note, keys)[0]


def read_note(note: str, keys: Iterable[VerificationKey]) -> tuple[str, list[VerificationKey]]:
    """The same, and which of `keys` signed it: one or more."""
    keys = tuple(keys)
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise NoteError("not a signed note")
    text += "\n"
    believed = []
    for line in signatures.splitlines():
        mark, _, rest = line.partition(" ")
        name, _, coded = rest.partition(" ")
        if mark != "\N{EM DASH}" or not name:
            raise NoteError("not a signed note: a signature cannot be read")
        for key in keys:
            if key.name == name and (signature := _signature_by(key, coded)) is not None:
                if not key.signed(text, signature):
                    raise NoteError(f"the signature of {name} does not fit what the note says")
                believed.append(key)
    if not believed:
        raise UnknownSignerError("no key that is believed has signed this")
    return text, believed


def _signature_by(key: VerificationKey, coded: str) -> bytes | None:
    """The signature, if it says that it is of this very key."""
    try:
        decoded = b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("not a signed note: a signature is not base64") from None
    return decoded[ID_BYTES:] if decoded[:ID_BYTES] == key.id else None


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The head of a log's tree: how many entries, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    def signed_by(self, key: SigningKey) -> str:
        """The checkpoint: this head as a note."""
        return key.sign(self.text())


def read_checkpoint(note: str, keys: Iterable[VerificationKey]) -> TreeHead:
    """The tree head that a checkpoint vouches for; NoteError when nobody who is believed signed it, or it is none.

    Lines behind the third are another log's extensions, and signed with the rest.
    """
    keys = tuple(keys)
    text = open_note(note, keys)
    lines = text.split("\n")
    try:
        origin, size, coded = lines[:3]
        root = b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("the note is signed, but it is no checkpoint") from None
    if not origin or not SIZE.fullmatch(size) or len(root) != HASH_BYTES:
        raise NoteError("the note is signed, but it is no checkpoint")
    if origin not in {key.name for key in keys}:
        raise NoteError(f"the checkpoint is of another log: {origin}")
    return TreeHead(origin, int(size), root)


def read_keys(text: str) -> tuple[VerificationKey, ...]:
    """The keys of a file, one a line: the one in use, and those before it; NoteError when there is none."""
    keys = tuple(VerificationKey.parse(line) for line in text.splitlines() if line.strip())
    if not keys:
        raise NoteError("no verification key")
    return keys


def new_signing_key() -> SigningKey:
    """A key of a new log, whose name nobody else has."""
    return SigningKey.generate(f"tierline/audit/{secrets.token_hex(4)}")
