"""Signed heads, proofs and the entries themselves over HTTP, for whoever does not take our word."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from services.archive.api.doors import Prover, Reader, lawful
from services.archive.usecases import ProveAudit
from shared.http.noting import no_file
from shared.proof.export import header, line_of

LINES = "application/x-ndjson"
# Entries that are in memory at once.
PAGE = 1000

Seq = Annotated[int, Path(ge=1, lt=2**63)]
Size = Annotated[int, Query(ge=0, lt=2**63)]


class SignedHead(BaseModel):
    """The newest signed head of the audit's tree; `note` is what proves it (c2sp.org/tlog-checkpoint).

    `key` is the public key as this service knows it: believe the copy that you were handed in person.
    """

    size: int
    root: str
    note: str
    signed_at: datetime
    key: str


class InclusionProof(BaseModel):
    """An entry, and the path (hex, RFC 6962) from its leaf `index` to the root that `checkpoint` signs.

    `entry` is spelled as in an export.
    """

    entry: dict[str, Any]
    index: int
    size: int
    path: list[str]
    checkpoint: str


class ConsistencyProof(BaseModel):
    """The path (hex, RFC 6962) that shows that the tree of `new` entries begins with that of `old`."""

    old: int = Field(serialization_alias="from")
    new: int = Field(serialization_alias="to")
    path: list[str]


def proofs_router(prove: ProveAudit) -> APIRouter:
    """What is needed to verify the audit elsewhere."""
    router = APIRouter(prefix="/audit", tags=["audit"])

    @router.get("/checkpoint", openapi_extra=no_file("counts and hashes, no entry"))
    async def checkpoint(_: Prover) -> SignedHead:
        with lawful():
            signed = await prove.checkpoint()
        return SignedHead(
            size=signed.size,
            root=signed.root.hex(),
            note=signed.note,
            signed_at=signed.signed_at,
            key=str(prove.key),
        )

    @router.get("/proofs/inclusion/{seq}")
    async def inclusion(who: Reader, seq: Seq) -> InclusionProof:
        with lawful():
            found = await prove.inclusion(who, seq)
        return InclusionProof(
            entry=json.loads(line_of(found.link)),
            index=seq - 1,
            size=found.checkpoint.size,
            path=[part.hex() for part in found.path],
            checkpoint=found.checkpoint.note,
        )

    @router.get("/proofs/consistency", openapi_extra=no_file("counts and hashes, no entry"))
    async def consistency(
        _: Prover, old: Annotated[Size, Query(alias="from")], new: Annotated[Size | None, Query(alias="to")] = None
    ) -> ConsistencyProof:
        with lawful():
            path, end = await prove.consistency(old, new)
        return ConsistencyProof(old=old, new=end, path=[part.hex() for part in path])

    @router.get("/export", response_class=StreamingResponse, responses={200: {"content": {LINES: {}}}})
    async def export(who: Reader) -> StreamingResponse:
        entries, signed = await prove.begin_export(who)
        first = header(entries, None if signed is None else signed.note)
        return StreamingResponse(_lines(prove, first, entries), media_type=LINES)

    return router


async def _lines(prove: ProveAudit, first: str, entries: int) -> AsyncIterator[str]:
    yield first + "\n"
    async with aclosing(prove.export(entries, PAGE)) as pages:
        async for page in pages:
            yield "".join(f"{line_of(link)}\n" for link in page)
