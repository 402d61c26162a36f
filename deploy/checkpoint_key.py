"""The key pair of the audit's checkpoints, as files: the private half is archive's, the public one for who verifies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from shared.proof.notes import SigningKey, new_signing_key

PRIVATE_FILE = "checkpoint.key"
PUBLIC_FILE = "checkpoint.pub"


def make_checkpoint_key(folder: Path, write: Callable[[Path, str], object]) -> list[str]:
    """Make what is missing in `folder` and return the names; a public file with older keys in it stays."""
    private, public = folder / PRIVATE_FILE, folder / PUBLIC_FILE
    made = []
    if not private.exists():
        write(private, new_signing_key().encode() + "\n")
        made.append(PRIVATE_FILE)
    if not public.exists():
        key = SigningKey.parse(private.read_text(encoding="utf-8"))
        write(public, f"{key.verification()}\n")
        made.append(PUBLIC_FILE)
    return made
