"""Archive's numbers and places of the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from shared.environment import SettingsError
from shared.proof.notes import NoteError, SigningKey, VerificationKey, read_keys
from shared.settings import ObjectSettings, ServiceSettings

MIB = 1024 * 1024


class CheckpointSettings(ObjectSettings):
    """The second place of the audit's signed tree heads, best under credentials of its own; `key_file` signs them."""

    key_file: Path
    # Public keys, a line each, that signed earlier heads of this audit: what they vouched for is gone on from.
    public_file: Path | None = None

    def believed(self) -> tuple[VerificationKey, ...]:
        """Whose heads are this audit's own: the key in use, and those before it."""
        own = self.signing_key().verification()
        if self.public_file is None:
            return (own,)
        try:
            return tuple(dict.fromkeys((own, *read_keys(self.public_file.read_text(encoding="utf-8")))))
        except (OSError, NoteError) as error:
            raise SettingsError(f"cannot read keys of checkpoints in {self.public_file}: {error}") from None

    def signing_key(self) -> SigningKey:
        """The key; SettingsError when its file holds none."""
        try:
            return SigningKey.parse(self.key_file.read_text(encoding="utf-8"))
        except (OSError, NoteError) as error:
            raise SettingsError(f"cannot sign checkpoints with {self.key_file}: {error}") from None


class ArchiveSettings(ServiceSettings):
    """What archive is told besides what every service is."""

    # Where attachments lie, enciphered, and the keys that their keys are wrapped with: lines of a name and 32 bytes in
    # base64, of which the last is used for what is new.
    objects: ObjectSettings
    master_keys_file: Path
    # A piece is whole in memory, twice, and two are worked on at a time.
    attachment_bytes: Annotated[int, Field(ge=1, le=256 * MIB)] = 32 * MIB
    # As is all that one export takes out.
    export_bytes: Annotated[int, Field(ge=1, le=256 * MIB)] = 64 * MIB
    # And so many records does one export of a search take out at most, each with an entry and some rows.
    export_records: Annotated[int, Field(ge=1, le=10_000)] = 200
    # Keys that come under another master key in one transaction, of some milliseconds.
    rewrap_keys: Annotated[int, Field(ge=1, le=10_000)] = 500
    # The key of the links in personal messages, which followup holds as well; without it no link decides anything.
    link_key_file: Path | None = None
    # An audit whose tree heads nobody signs proves nothing against its own database: there is no doing without.
    checkpoints: CheckpointSettings
    # Pieces are read whole, one after the other: a page is a matter of seconds, after which the round may go on later.
    scan_pieces: Annotated[int, Field(ge=1, le=10_000)] = 50
