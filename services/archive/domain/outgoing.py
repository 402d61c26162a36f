"""What archive tells the others, as events; every id is the same when the same decision is taken again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.archive.domain.fines import Fine
from services.archive.domain.grants import Grant, Revocation
from services.archive.domain.tree import Checkpoint
from shared.contracts.archive import EntryEvidence, EventEvidence, FineProposed
from shared.contracts.checkpoints import CheckpointSigned
from shared.contracts.grants import GrantGiven, GrantRevoked, GrantsHeartbeat
from shared.contracts.registry import key_of
from shared.contracts.types import Words
from shared.engine.model import Outgoing


def fine_proposed(fine: Fine) -> Sequence[Outgoing]:
    """A proposal to the others; a breach without an amount is recorded here and told to nobody."""
    if fine.amount is None:
        return ()
    data = FineProposed(
        fine_id=fine.fine_id,
        rule=fine.rule,
        person=fine.person,
        file=fine.file,
        amount=fine.amount,
        currency=fine.currency,
        dismissal=fine.dismissal,
        evidence=EntryEvidence(entry=fine.entry) if fine.event is None else EventEvidence(event=fine.event),
        proposed_at=fine.proposed_at,
        words=Words(zh=fine.words_zh, en=fine.words_en),
    )
    return (Outgoing("archive.v1", key_of("archive.v1", data), "fine.proposed", fine.fine_id, data),)


def grant_given(grant: Grant) -> Outgoing:
    data = GrantGiven(
        grant_id=grant.grant_id,
        file=grant.file,
        person=grant.person,
        sections=grant.sections,
        copy_allowed=grant.copy_allowed,
        not_before=grant.not_before,
        until=grant.until,
        approved_by=grant.approved_by,
        uses=grant.uses,
    )
    return Outgoing("grants.v1", grant.file, "grant.given", f"{grant.grant_id}:given", data)


def grant_revoked(revocation: Revocation, file: str) -> Outgoing:
    data = GrantRevoked(
        grant_id=revocation.grant_id,
        file=file,
        revoked_at=revocation.revoked_at,
        revoked_by=revocation.revoked_by,
        reason=revocation.reason,
    )
    return Outgoing("grants.v1", file, "grant.revoked", f"{revocation.grant_id}:revoked", data)


def heartbeat(now: datetime) -> Outgoing:
    data = GrantsHeartbeat(at=now)
    return Outgoing("grants.v1", key_of("grants.v1", data), "grants.heartbeat", f"heartbeat:{now.isoformat()}", data)


def checkpoint_signed(log: str, checkpoint: Checkpoint) -> Outgoing:
    data = CheckpointSigned(
        log=log, size=checkpoint.size, root=checkpoint.root.hex(), note=checkpoint.note, signed_at=checkpoint.signed_at
    )
    key = key_of("checkpoints.v1", data)
    return Outgoing("checkpoints.v1", key, "checkpoint.signed", f"{log}:{checkpoint.size}", data)
