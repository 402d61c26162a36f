"""The audit chain; its rules are shared with whoever verifies it without this service."""

from __future__ import annotations

from shared.proof.chain import (
    EPOCH,
    GENESIS,
    MICROSECOND,
    Entry,
    Fault,
    FaultKind,
    Head,
    Link,
    Verdict,
    Verifier,
    canonical,
    seal,
    verify,
)

__all__ = [
    "EPOCH",
    "GENESIS",
    "MICROSECOND",
    "Entry",
    "Fault",
    "FaultKind",
    "Head",
    "Link",
    "Verdict",
    "Verifier",
    "canonical",
    "seal",
    "verify",
]
