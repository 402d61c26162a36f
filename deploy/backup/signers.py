"""The key that signs a stack's backups and the public keys that are believed, as files."""

from __future__ import annotations

import secrets
from pathlib import Path

from deploy.backup.folder import belong
from deploy.backup.keys import lines_of, text_of
from deploy.checkpoint_key import add_public_keys
from deploy.failure import ExitCode, Failure
from deploy.local.layout import write_private
from shared.proof.notes import NoteError, SigningKey, VerificationKey
from shared.words import Text

# In a file of a key that opens backups: to age a comment.
PIN = "# signer:"


def signing_key(private: Path, public: Path) -> SigningKey:
    """The key in `private`, made at first use; its public half is in `public` then, beside those before it.

    A lost one is replaced like that: what it signed stays believed, what comes is signed under another name.
    """
    if not private.exists():
        return new_signing_key(private, public)
    try:
        key = SigningKey.parse(text_of(private))
    except NoteError as error:
        raise no_key(private, error) from None
    add_public_keys(public, f"{key.verification()}\n", write)
    return key


def new_signing_key(private: Path, public: Path) -> SigningKey:
    """Another key from now on."""
    key = SigningKey.generate(f"tierline/backup/{secrets.token_hex(4)}")
    # The public half first: what is signed is believed, whenever this ends.
    add_public_keys(public, f"{key.verification()}\n", write)
    write(private, key.encode() + "\n")
    return key


def read_signers(public: Path) -> list[VerificationKey]:
    """The keys in the stack's file, a line each; empty where there is no file."""
    return [parsed(line, public) for line in lines_of(public)] if public.exists() else []


def pinned(identity: Path) -> list[VerificationKey]:
    """The keys that a key file says are to be believed."""
    lines = (line.strip() for line in text_of(identity).splitlines())
    return [parsed(line.removeprefix(PIN), identity) for line in lines if line.startswith(PIN)]


def parsed(line: str, file: Path) -> VerificationKey:
    try:
        return VerificationKey.parse(line)
    except NoteError as error:
        raise no_key(file, error) from None


def no_key(file: Path, error: NoteError) -> Failure:
    return Failure(
        Text(en=f"{file} has a line that is no key for signatures.", zh=f"{file} 中有一行不是签名密钥。"),
        Text(en="`tierline backup signer` shows what one looks like.", zh="格式请看 `tierline backup signer`。"),
        code=ExitCode.USAGE,
        detail=str(error),
    )


def write(path: Path, text: str) -> None:
    write_private(path, text)
    belong(path)
