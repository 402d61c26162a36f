"""A piece of content and its row, when what joins them is cut in the middle (A3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from services.archive.domain.records import Attachment, NewAttachment
from shared.identity import Principal
from shared.roles import Role
from tests.integration.archive.house import Archive

pytestmark = pytest.mark.backend

SCAN = b"%PDF-1.7 " + bytes(range(256)) * 4


@pytest.fixture(autouse=True)
async def record(archive: Archive) -> None:
    """A record to which something is to be filed."""
    body = {"record_id": "R-1", "title": "合同", "rank": "unclassified", "class": "contracts", "department": "d1",
            "sections": [{"name": "text"}]}  # fmt: skip
    async with archive.client("zhao", Role.ARCHIVIST) as client:
        assert (await client.post("/records", json=body)).status_code == 201


async def attach(archive: Archive) -> Attachment:
    new = NewAttachment("text", "扫描件.pdf", "application/pdf", SCAN)
    return await archive.records().file.attach(Principal("zhao", Role.ARCHIVIST), "R-1", new)


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
        with pytest.raises(ConnectionResetError):
            await attach(archive)
    async with archive.client("boss", Role.GM) as client:
        (piece,) = (await client.get("/records/R-1")).json()["attachments"]
        read = await client.get(f"/records/R-1/attachments/{piece['attachment_id']}")
    assert (read.status_code, read.content) == (200, SCAN)


async def test_content_whose_row_was_refused_is_removed(archive: Archive, superuser: asyncpg.Connection) -> None:
    """Nothing opens it, and nobody would ever ask for it."""
    await superuser.execute("REVOKE INSERT ON attachments FROM archive_app")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await attach(archive)
    assert [found.key async for found in archive.objects.list()] == []
