"""Archive's numbers of the machine beyond those that every service has."""

from __future__ import annotations

from pathlib import Path

from shared.settings import ServiceSettings


class ArchiveSettings(ServiceSettings):
    """What archive is told by its environment."""

    # The key of the links in personal messages, which followup holds as well; without it no link decides anything.
    link_key_file: Path | None = None
