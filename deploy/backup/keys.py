"""For whom backups are encrypted: public keys in the stack, the identities that open them outside it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from pyrage import IdentityError, RecipientError, x25519

from deploy.backup.folder import belong
from deploy.failure import ExitCode, Failure
from shared.words import Text

COMMENT = "#"


def make_identity(path: Path, notes: Iterable[str] = ()) -> x25519.Recipient:
    """Write a new identity, in age's own form and for its owner alone, and return its public half.

    `notes` are further comments, a line each.
    """
    identity = x25519.Identity.generate()
    recipient = identity.to_public()
    lines = (f"# created: {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", f"# public key: {recipient}", *notes, identity)
    text = "".join(f"{line}\n" for line in lines)
    try:
        # Never over another one: what was encrypted for that would be lost.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Failure(
            Text(en=f"{path} is there already.", zh=f"{path} 已存在。"),
            Text(
                en="A key is never written over; name another file.",
                zh="密钥文件不会被覆盖；请换一个文件名。",
            ),
            code=ExitCode.USAGE,
        ) from None
    except OSError as error:
        raise Failure(
            Text(en=f"{path} cannot be written: {error.strerror}", zh=f"无法写入 {path}：{error.strerror}"),
            code=ExitCode.USAGE,
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    belong(path)
    return recipient


def read_identity(path: Path) -> x25519.Identity:
    """The identity in a file as age-keygen writes it; Failure when there is none."""
    for line in lines_of(path):
        try:
            return x25519.Identity.from_str(line)
        except IdentityError:
            break
    raise Failure(
        Text(en=f"{path} holds no age identity.", zh=f"{path} 中没有 age 密钥。"),
        Text(en="It has a line AGE-SECRET-KEY-1…", zh="文件中应有以 AGE-SECRET-KEY-1 开头的一行。"),
        code=ExitCode.USAGE,
    )


def read_recipients(path: Path) -> list[x25519.Recipient]:
    """The public keys in a file, a line each; empty where there is no file."""
    recipients = []
    for line in lines_of(path) if path.exists() else ():
        try:
            recipients.append(x25519.Recipient.from_str(line))
        except RecipientError:
            raise Failure(
                Text(en=f"{path} has a line that is no age public key.", zh=f"{path} 中有一行不是 age 公钥。"),
                Text(en="Each line is age1…; write none but public keys there.", zh="每行应为 age1 开头的公钥。"),
                code=ExitCode.USAGE,
                detail=line[:8] + "…",
            ) from None
    return recipients


def add_recipient(path: Path, recipient: x25519.Recipient) -> None:
    """One more who can open what is made from now on."""
    # In place: Compose mounts the very file, and a new one under its name would not be seen.
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{recipient}\n")
    belong(path)


def lines_of(path: Path) -> list[str]:
    """What a file says, without blank lines and comments; Failure when it cannot be read."""
    return [line.strip() for line in text_of(path).splitlines() if line.strip() and not line.startswith(COMMENT)]


def text_of(path: Path) -> str:
    """All that a file says; Failure when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
        raise Failure(
            Text(en=f"{path} cannot be read: {why}", zh=f"无法读取 {path}：{why}"), code=ExitCode.USAGE
        ) from None
