"""The key pair of the audit's checkpoints, as files: the private half is archive's, the public one for who verifies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from shared.proof.notes import SigningKey, new_signing_key

PRIVATE_FILE = "checkpoint.key"
PUBLIC_FILE = "checkpoint.pub"


def make_checkpoint_key(folder: Path, write: Callable[[Path, str], object]) -> list[str]:
    """Make what is missing in `folder` and return the names; a public file with older keys in it stays.

    A key in use that the public file does not name is added to it: nobody would believe what it signs.
    """
    private, public = folder / PRIVATE_FILE, folder / PUBLIC_FILE
    made = []
    if not private.exists():
        write(private, new_signing_key().encode() + "\n")
        made.append(PRIVATE_FILE)
    key = SigningKey.parse(private.read_text(encoding="utf-8")).verification()
    if add_public_keys(public, f"{key}\n", write):
        made.append(PUBLIC_FILE)
    return made


def renew_checkpoint_key(folder: Path, write: Callable[[Path, str], object]) -> None:
    """Another key, and so another log's name, from now on; what older ones signed stays believed."""
    make_checkpoint_key(folder, write)
    write(folder / PRIVATE_FILE, new_signing_key().encode() + "\n")
    make_checkpoint_key(folder, write)


def add_public_keys(public: Path, text: str, write: Callable[[Path, str], object]) -> bool:
    """Add the lines of `text` that are not in the file yet; whether there were any."""
    known = public.read_text(encoding="utf-8").splitlines() if public.exists() else []
    wanted = [*known, *(line for line in text.splitlines() if line.strip() and line not in known)]
    if wanted == known:
        return False
    write(public, "\n".join(wanted) + "\n")
    return True
