"""The master keys that wrap the keys of attachments: in a file, so that no database opens what the other holds."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from pathlib import Path

ATTACHMENT_KEYS_FILE = "attachments.keys"
KEY_BYTES = 32


def make_attachment_keys(folder: Path, write: Callable[[Path, str], object]) -> list[str]:
    """Make the file in `folder` if it is missing, and return its name then.

    Whoever adds a line to it, `<name> <32 bytes in base64>`, has what is new wrapped by that one; older lines stay for
    what they wrapped. A lost file is lost content.
    """
    path = folder / ATTACHMENT_KEYS_FILE
    if path.exists():
        return []
    write(path, f"1 {base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n")
    return [ATTACHMENT_KEYS_FILE]
