"""Data keys come under another master key, batch by batch, and the old one can be taken away."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import APIRouter

from services.archive.api.keys import keys_router
from services.archive.domain.envelope import GoneError, WrappedKey
from services.archive.domain.records import Attachment
from services.archive.store import ObjectVault, RecordStore
from services.archive.store.destructions import KeySweeper
from services.archive.store.keys import DataKeyStore, KeyRing
from services.archive.usecases.keys import RewrapKeys
from shared.roles import Role
from tests.integration.archive.house import Archive
from tests.integration.archive.master_keys import BOTH, NEW, OLD
from tests.integration.archive.record_office import RecordOffice

ROOT = Path(__file__).parents[3]
PIECES = [f"r-{number}" for number in range(5)]


class Safe:
    """Records with a piece each, and the doors at which their keys are wrapped anew."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.archive = archive
        self.office = RecordOffice(archive, folder)
        self._doors: dict[tuple[str, ...], APIRouter] = {}

    async def ask(
        self, masters: Mapping[str, bytes], method: str, rest: str = "", role: Role = Role.OPS, **body: str | None
    ) -> httpx.Response:
        """Operations ask a service that was given these master keys."""
        door = self._doors.get(tuple(masters))
        if door is None:
            sweep = KeySweeper(self.archive.database)
            use = RewrapKeys(self.archive.desk, DataKeyStore(), KeyRing(masters), at_once=2, sweep=sweep)
            door = self._doors[tuple(masters)] = keys_router(use)
        async with self.archive.client("oscar", role, doors=(door,)) as client:
            return await client.request(method, f"/attachment-keys{rest}", json=body or None)

    async def rewrap_all(self) -> list[int]:
        """Batch by batch; how many keys were in each."""
        after, batches = None, []
        while True:
            batch = (await self.ask(BOTH, "POST", "/rewrapping", after=after, reason="轮换")).json()
            batches.append(batch["keys"])
            after = batch["after"]
            if after is None:
                return batches

    async def read(self, masters: Mapping[str, bytes]) -> list[bytes]:
        """What every piece says to a vault that has these master keys."""
        store, vault = RecordStore(), ObjectVault(self.office.objects, masters)
        found = []
        for record in PIECES:
            (piece,), key = await self._piece(store, record)
            found.append(await vault.get(piece, key))
        return found

    async def _piece(self, store: RecordStore, record: str) -> tuple[list[Attachment], WrappedKey]:
        async with self.archive.database.transaction() as tx:
            pieces = list(await store.attachments(tx, record))
            keys = await store.keys(tx, [piece.attachment_id for piece in pieces])
        return pieces, keys[pieces[0].attachment_id]

    async def masters(self) -> list[str]:
        rows = await self.archive.rows("SELECT master FROM data_keys ORDER BY attachment_id")
        return [row["master"] for row in rows]


@pytest.fixture
async def safe(archive: Archive, tmp_path: Path) -> Safe:
    """Five records, under the old master key."""
    (tmp_path / "store").mkdir()
    safe = Safe(archive, tmp_path / "store")
    for record in PIECES:
        await safe.office.file(record, content=record.encode())
    return safe


CONTENT = [record.encode() for record in PIECES]


async def noted(archive: Archive) -> list[str]:
    """What the audit will hold of it, up to the reason."""
    return [
        e["data"]["reason"].partition(":")[0]
        for e in await archive.sent("audit.v1")
        if e["data"].get("action") == "attachment_keys.rewrapped"
    ]


async def test_afterwards_the_old_master_key_is_not_needed(safe: Safe, tmp_path: Path) -> None:
    """In batches, each with its entry; the objects are not touched."""
    before = {path: path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file()}
    assert len(before) == 5
    assert (await safe.ask(BOTH, "GET")).json() == {"newest": "m2", "wraps": {"m1": 5, "m2": 0}, "missing": []}
    assert await safe.rewrap_all() == [2, 2, 1]
    assert (await safe.ask(NEW, "GET")).json() == {"newest": "m2", "wraps": {"m2": 5}, "missing": []}
    assert await safe.read(NEW) == CONTENT
    with pytest.raises(GoneError):
        await safe.read(OLD)
    assert {path: path.read_bytes() for path in before} == before
    assert await noted(safe.archive) == [
        "2 under m2, before m1; 0 unreadable; 3 left", "2 under m2, before m1; 0 unreadable; 1 left",
        "1 under m2, before m1; 0 unreadable; 0 left",
    ]  # fmt: skip
    assert await safe.rewrap_all() == [0]


@pytest.mark.parametrize("batches", [1, 3])
async def test_killed_in_the_middle_it_goes_on_where_it_was(safe: Safe, tmp_path: Path, batches: int) -> None:
    """Of the batch that was under way nothing happened; all before it stands, each with its entry; all is readable."""
    words = [sys.executable, "-m", "tests.integration.archive.lone_rewrap", safe.archive.database._dsn, str(batches)]
    process = await asyncio.create_subprocess_exec(*words, str(tmp_path), cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            for _ in range(batches):
                while b"batch" not in await process.stdout.readline():
                    assert process.returncode is None, "it ended before"
        process.kill()
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    done = 2 * (batches - 1)
    assert sorted(await safe.masters()) == ["m1"] * (5 - done) + ["m2"] * done
    assert len(await noted(safe.archive)) == batches - 1
    assert await safe.read(BOTH) == CONTENT
    again = 0
    async with asyncio.timeout(60):
        # Until the server has let go of what the dead had in hand, that is left out.
        while again < 5 - done:
            again += sum(await safe.rewrap_all())
    assert again == 5 - done
    assert await safe.read(NEW) == CONTENT


async def test_two_at_once_share_the_keys(safe: Safe) -> None:
    """Neither waits for the other for ever, nor wraps what the other has in hand."""
    async with asyncio.timeout(60):
        one, other = await asyncio.gather(safe.rewrap_all(), safe.rewrap_all())
    rest = sum(await safe.rewrap_all())
    assert sum(one) + sum(other) + rest == 5
    assert await safe.read(NEW) == CONTENT


async def test_a_key_that_cannot_be_unwrapped_is_named_and_stays(safe: Safe, superuser: asyncpg.Connection) -> None:
    """Altered, or under a master key that nobody has: the others are done, and the missing master key is told."""
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute("UPDATE data_keys SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)"
                            " WHERE attachment_id = 'at-r-1'")  # fmt: skip
    await superuser.execute("UPDATE data_keys SET master = 'lost' WHERE attachment_id = 'at-r-3'")
    unreadable: list[str] = []
    after = None
    for _ in range(3):
        batch = (await safe.ask(BOTH, "POST", "/rewrapping", after=after, reason="轮换")).json()
        unreadable, after = unreadable + batch["unreadable"], batch["after"]
    assert (unreadable, after, batch["left"]) == (["at-r-1", "at-r-3"], None, 2)
    assert await safe.masters() == ["m2", "m1", "m2", "lost", "m2"]
    assert (await safe.ask(BOTH, "GET")).json()["missing"] == ["lost"]


async def test_a_key_is_only_ever_wrapped_anew(safe: Safe, superuser: asyncpg.Connection) -> None:
    """Not given to another piece, nor exchanged under the same master key."""
    for statement in (
        "UPDATE data_keys SET wrapped = '\\x00'", "UPDATE data_keys SET attachment_id = 'x', master = 'm2'",
    ):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await superuser.execute(statement)


async def test_an_entry_that_cannot_be_written_leaves_the_keys_as_they_are(
    safe: Safe, superuser: asyncpg.Connection
) -> None:
    """No audit, no act."""
    await superuser.execute("REVOKE INSERT ON outbox FROM archive_app")
    answer = await safe.ask(BOTH, "POST", "/rewrapping", reason="轮换")
    assert answer.status_code == 500
    assert await safe.masters() == ["m1"] * 5


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPS])
async def test_only_operations_do_it(safe: Safe, role: Role) -> None:
    """The keys are the machine's."""
    for method, rest, body in (("GET", "", {}), ("POST", "/rewrapping", {"reason": "轮换"})):
        assert (await safe.ask(BOTH, method, rest, role, **body)).json()["code"] == "role_not_allowed"
