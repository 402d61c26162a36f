"""Archive's numbers of the machine: those that every service has, and where its checkpoints go."""

from __future__ import annotations

from pathlib import Path

from shared.proof.notes import NoteError, SigningKey
from shared.settings import ObjectSettings, ServiceSettings, SettingsError


class CheckpointSettings(ObjectSettings):
    """The second place of the audit's signed tree heads, best under credentials of its own; `key_file` signs them."""

    key_file: Path

    def signing_key(self) -> SigningKey:
        """The key; SettingsError when its file holds none."""
        try:
            return SigningKey.parse(self.key_file.read_text(encoding="utf-8"))
        except (OSError, NoteError) as error:
            raise SettingsError(f"cannot sign checkpoints with {self.key_file}: {error}") from None


class ArchiveSettings(ServiceSettings):
    """An audit whose tree heads nobody signs proves nothing against its own database: there is no doing without."""

    checkpoints: CheckpointSettings
