"""`checkpoints.v1`: the audit's signed tree heads, for whoever keeps them out of our reach; key log."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.types import EventData, Identifier, Instant, Text

HexHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class CheckpointSigned(EventData):
    """The audit's tree came to `size` entries under `root` (SHA-256 in hex, RFC 6962).

    `note` says the same, signed (c2sp.org/tlog-checkpoint): it alone proves anything, and needs no trust in this topic.
    `log` is the name of the log and of its key.
    """

    moment_field: ClassVar[str | None] = "signed_at"

    log: Identifier
    size: Annotated[int, Field(strict=True, ge=1, lt=2**63)]
    root: HexHash
    note: Text
    signed_at: Instant
