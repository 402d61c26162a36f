"""A piece of content and its row, when what joins them is cut in the middle (A3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from shared.roles import Role
from tests.integration.archive.house import Archive

pytestmark = pytest.mark.backend

SCAN = b"%PDF-1.7 " + bytes(range(256)) * 40


async def attach(archive: Archive) -> int:
    """File a record with a piece of content, and answer how the piece was taken."""
    body = {"record_id": "R-1", "title": "合同", "rank": "unclassified", "class": "contracts", "department": "d1",
            "sections": [{"name": "text"}]}  # fmt: skip
    query = {"section": "text", "name": "扫描件.pdf", "media_type": "application/pdf"}
    async with archive.client("zhao", Role.ARCHIVIST) as client:
        await client.post("/records", json=body)
        return (await client.post("/records/R-1/attachments", params=query, content=SCAN)).status_code


async def pieces(archive: Archive) -> list[str]:
    return [found.key async for found in archive.objects.list()]


async def test_a_piece_whose_commit_was_not_heard_of_keeps_its_content(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection ends behind COMMIT: the row may be there, so the content is not taken away from under it."""
    transaction = archive.database.transaction

    @asynccontextmanager
    async def cut() -> AsyncIterator[Any]:
        async with transaction() as tx:
            yield tx
            filed = await tx.fetchval("SELECT count(*) FROM attachments")
        if filed:
            raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(archive.database, "transaction", cut)
        assert await attach(archive) == 503
    async with archive.client("boss", Role.GM) as client:
        (piece,) = (await client.get("/records/R-1")).json()["attachments"]
        read = await client.get(f"/records/R-1/attachments/{piece['attachment_id']}")
    assert (read.status_code, read.content) == (200, SCAN)


async def test_content_whose_row_was_refused_is_removed(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Nothing opens it, and nobody would ever ask for it."""
    await superuser.execute("REVOKE INSERT ON attachments FROM archive_app")
    assert await attach(archive) == 500
    assert await pieces(archive) == []
