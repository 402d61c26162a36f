"""A stack's own place for backups, its keys, and where its parts are: of a folder here, or of containers."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pyrage import x25519

from deploy.backup.bucket import Bucket
from deploy.backup.folder import Folder
from deploy.backup.keys import read_recipients
from deploy.backup.places import SUFFIX, Place
from deploy.backup.settings import BackupGroup, BackupSettings
from deploy.backup.signers import pinned, read_signers
from deploy.backup.signing import Believed
from deploy.backup.source import KeyRing, Origin
from deploy.failure import ExitCode, Failure
from deploy.local.databases import Server
from deploy.local.layout import Layout
from deploy.local.settings import StackSettings
from deploy.local.state import StackState
from shared.objects import Objects, open_bucket, open_objects
from shared.settings import ObjectSettings, load_settings
from shared.words import Text

RECIPIENTS, SIGNING_KEY, SIGNERS = "backup-recipients", "backup-signing-key", "backup-signers"
# In Compose's folder of secrets: what opens servers, and what was made of that.
NO_KEYS = (
    "*_password",
    "*_access_key",
    "*_secret_key",
    "kafka_jaas.conf",
    "backup_recipients",
    # Who opens a backup shall not sign one; and whom to believe is not for a backup to say.
    "backup_signing_key",
    "backup_signers",
)


def backup_settings() -> BackupGroup:
    return load_settings(BackupSettings).backups


def origin_of(layout: Layout, state: StackState) -> Origin:
    """Where everything is that a backup of a running stack holds."""
    host, _, port = state.postgres.rpartition(":")
    settings = load_settings(StackSettings)
    embedded = "kafka" in state.embedded
    kafka = settings.embedded_kafka(state.kafka) if embedded else settings.external_kafka(state.kafka)
    return Origin(Server(state.postgres, "", host, int(port)), layout, kafka, keys_of(layout), objects_of(layout))


def keys_of(layout: Layout) -> KeyRing:
    """The stack's key files."""
    folder = backup_settings().keys_folder
    return KeyRing(layout.keys, (layout.channels,)) if folder is None else KeyRing(folder, left_out=NO_KEYS)


def objects_of(layout: Layout) -> Objects:
    """Where the stack's archive keeps attachments."""
    named = load_settings(BackupSettings).objects
    return open_objects(named or ObjectSettings(url=layout.objects.resolve().as_uri()))


def recipients_file(layout: Layout) -> Path:
    return backup_settings().recipients_file or layout.root / RECIPIENTS


def recipients_of(layout: Layout) -> list[x25519.Recipient]:
    """For whom backups are; Failure while that is nobody."""
    recipients = read_recipients(recipients_file(layout))
    if not recipients:
        raise Failure(
            Text(en="Nobody could open a backup: no key has been made.", zh="尚未生成备份密钥，备份将无人能打开。"),
            Text(
                en="`tierline backup key FILE` makes one; keep FILE somewhere else, it is needed to restore.",
                zh="用 `tierline backup key 文件` 生成；请将该文件另行保管，恢复时必须用到。",
            ),
            code=ExitCode.NOT_SO,
        )
    return recipients


def signing_files(layout: Layout) -> tuple[Path, Path]:
    """The key that signs this stack's backups, and the public keys that are believed."""
    settings = backup_settings()
    return (
        settings.signing_key_file or layout.root / SIGNING_KEY,
        settings.signers_file or layout.root / SIGNERS,
    )


def believed_by(layout: Layout, identity: Path | None, *, unsigned: bool = False) -> Believed:
    """Whose backups are used here: those of the keys in the stack's own file and in the file of the key that opens."""
    keys = read_signers(signing_files(layout)[1]) + ([] if identity is None else pinned(identity))
    return Believed(tuple(dict.fromkeys(keys)), unsigned)


def place_of(layout: Layout, url: str | None) -> Place:
    """Where backups are kept: `url`, or what the settings say, or the data folder."""
    settings = backup_settings()
    url = url or settings.url
    parts = urlsplit(url)
    if parts.scheme == "s3" and parts.netloc:
        return Bucket(open_bucket(settings, parts.netloc, parts.path.strip("/")), url)
    if parts.scheme not in {"", "file"} or parts.netloc:
        raise Failure(
            Text(
                en=f"Backups go into a folder or into s3://bucket/prefix, not to {url}.",
                zh=f"备份可存放于目录或 s3://存储桶/前缀，而不是 {url}。",
            ),
            code=ExitCode.USAGE,
        )
    return Folder(Path(unquote(parts.path)) if url else layout.root.absolute() / "backups")


def find_backup(layout: Layout, backup: str) -> tuple[Place, str]:
    """Where a backup lies, and what it is called there: `backup` is a file, or a name as `backup list` shows it.

    Failure where there is none, before a server is started and anybody is asked what may be replaced.
    """
    file = Path(backup)
    named = file.name if file.name.endswith(SUFFIX) else f"{file.name}{SUFFIX}"
    place, name = (Folder(file.parent), file.name) if file.is_file() else (place_of(layout, None), named)
    with place.reading(name):
        return place, name


def signed_beyond(layout: Layout, entries: int) -> int | None:
    """Up to which entry the folder of checkpoints vouches, if that is beyond `entries`."""
    try:
        signed = int((layout.checkpoints / "checkpoint").read_text(encoding="utf-8").splitlines()[1])
    except (OSError, ValueError, IndexError):
        return None
    return signed if signed > entries else None


def set_aside(layout: Layout, entries: int) -> Path | None:
    """Move the folder of signed checkpoints away if they went further than `entries`; returns where it is now.

    A chain that grows again from fewer entries cannot be signed in the same place: that is what the place is for. What
    was signed stays, because it proves what is lost.
    """
    if signed_beyond(layout, entries) is None:
        return None
    aside = layout.checkpoints.with_name(f"checkpoints-until-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    return layout.checkpoints.rename(aside)


def hand_back(layout: Layout) -> None:
    """Let files that root wrote for another belong to that one: to whoever owns the folder that they lie in."""
    if os.geteuid() != 0:
        return
    named = load_settings(BackupSettings).objects
    places = [layout.objects if named is None else Path(unquote(urlsplit(named.url).path))]
    places += [folder] if (folder := backup_settings().keys_folder) is not None else []
    for place in places:
        if place.is_dir():
            owner = place.stat()
            for path in place.rglob("*"):
                os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
