"""The audit, read and proved: by its own chain, and by heads that were signed and carried outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from services.archive.api import audit_router, proofs_router
from services.archive.parts.ground import Ground
from services.archive.store import ChainStore, EntryStore, SecondPlace, StretchReader, TreeStore
from services.archive.usecases import (
    AskAboutAlarms,
    Means,
    ProveAudit,
    ReadAudit,
    Sources,
    VerifyAudit,
    Vouch,
)
from shared.alarms import Alarms
from shared.engine.lease import Lease
from shared.policy.audit import AuditRules
from shared.proof.notes import SigningKey, VerificationKey


class Notary(NamedTuple):
    """Who signs the audit's heads, whose signatures are believed, and where the heads are carried."""

    key: SigningKey
    believed: Sequence[VerificationKey]
    outside: SecondPlace


@dataclass(frozen=True, slots=True)
class Proof:
    """What is asked of the audit."""

    read: ReadAudit
    verify: VerifyAudit
    prove: ProveAudit
    zone: Callable[[], ZoneInfo]

    @classmethod
    def over(cls, ground: Ground, notary: Notary, stretches: StretchReader) -> Self:
        desk, entries = ground.desk, EntryStore()
        return cls(
            read=ReadAudit(desk, entries),
            verify=verifier(ground, notary, stretches),
            prove=ProveAudit(desk, entries, ChainStore(), TreeStore(), notary.key.verification()),
            zone=ground.zone,
        )

    def routers(self) -> tuple[APIRouter, ...]:
        return audit_router(self.read, self.verify, self.zone), proofs_router(self.prove)


def verifier(ground: Ground, notary: Notary, stretches: StretchReader) -> VerifyAudit:
    """Who recomputes the audit and holds it against the heads outside; `stretches` are the helpers."""
    sources = Sources(EntryStore(), ChainStore(), TreeStore(), notary.outside, stretches, notary.believed)
    return VerifyAudit(ground.database, sources)


def voucher(ground: Ground, notary: Notary, lease: Lease, alarms: Alarms, rules: Callable[[], AuditRules]) -> Vouch:
    """Who signs what has grown, of several processes one; `alarms` stand for what contradicts the heads before."""
    means = Means(
        ground.database,
        ChainStore(),
        TreeStore(),
        notary.outside,
        ground.outbox,
        ground.clock,
        notary.key,
        notary.believed,
    )
    return Vouch(means, lease, alarms, AskAboutAlarms(ground.desk, ground.people, ground.tell), rules)


def lease_of(ground: Ground) -> Lease:
    """Whose turn it is to sign."""
    return Lease(ground.database, "checkpoints", seconds=10)
