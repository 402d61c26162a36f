"""Where backups go and for whom they are, from the environment: `TIERLINE_BACKUPS__URL=s3://bucket/prefix`."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import NESTED, PREFIX, ObjectSettings


class BackupGroup(ObjectSettings):
    """Where backups go, `s3://bucket/prefix` or a folder. Everything is optional."""

    # Empty: the stack's own data folder.
    url: str = ""
    # The public keys for which backups are encrypted, a line each.
    recipients_file: Path | None = None
    # The key that signs backups, and the public keys that are believed, a line each.
    signing_key_file: Path | None = None
    signers_file: Path | None = None
    # The folder whose files are backed up as keys, where it is not the stack's own.
    keys_folder: Path | None = None
    # Where a drill may lay out a whole database for its minutes; it needs as much room as the databases.
    scratch: Path | None = None


class BackupSettings(BaseSettings):
    """What the environment says of backups, and of the attachments that they hold."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    backups: BackupGroup = BackupGroup()
    # Archive's own group: the attachments that it keeps beside its database.
    objects: ObjectSettings | None = None
