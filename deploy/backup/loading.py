"""Databases come back beside the ones that are there, and take their place only when all of it is sound."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import asyncpg

from deploy.backup.dumps import Loading
from deploy.backup.making import KEYS, dump_of
from deploy.backup.opening import Opened
from deploy.backup.refusals import broken
from deploy.backup.signing import SIGNED_FORMAT, UNSIGNED_FORMAT
from deploy.backup.snapshot import QUERIES, Head, count_rows
from deploy.backup.source import Login, owner_of
from deploy.checkpoint_key import PUBLIC_FILE
from deploy.failure import ExitCode, Failure
from deploy.local.databases import Passwords, Server, owner_login, prepare_databases, run_made
from shared.contracts.registry import SERVICES
from shared.engine.migrations import MigrationError, find_migrations, refuse_changed
from shared.proof.chain import spelled
from shared.proof.merkle import leaf_hash
from shared.proof.notes import NoteError, read_checkpoint, read_keys
from shared.proof.tiles import Edge
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came back: rows of all tables, and the audit's chain recomputed, of which `vouched` entries were signed."""

    manifest: Mapping[str, Any]
    rows: int
    head: Head
    vouched: int


@dataclass(frozen=True, slots=True)
class Target:
    """The server that databases come back on, and the passwords of its logins."""

    server: Server
    passwords: Passwords

    def login(self, service: str) -> Login:
        """The owner, in the database that is being restored."""
        return owner_of(self.server, self.passwords, service, staged(service))

    async def admin(self) -> asyncpg.Connection[Any]:
        """Who may make databases."""
        return await asyncpg.connect(self.server.admin_dsn, timeout=30)


# Entries hashed before the next ones are fetched.
AT_ONCE = 2000


def staged(service: str) -> str:
    """The database that becomes the service's own when all is there."""
    return f"{service}_restored"


async def load(opened: Opened, target: Target) -> Loaded:
    """Fill new databases beside the services' own and hold them against the manifest; Failure when they differ."""
    await prepare_databases(target.server, target.passwords)
    await make_empty(target)
    try:
        return await fill(opened, target)
    except BaseException:
        await remove_staged(target)
        raise


async def fill(opened: Opened, target: Target) -> Loaded:
    """Each dump into its database."""
    wanted = {dump_of(service): service for service in SERVICES}
    public = b""
    for part, pieces in groupby(opened.pieces(), key=lambda piece: piece.part):
        if part == f"{KEYS}{PUBLIC_FILE}":
            public = b"".join(piece.data for piece in pieces)
            continue
        if part not in wanted:
            # Sealed like everything else, and read for that alone.
            deque(pieces, maxlen=0)
            continue
        loading = Loading(target.login(wanted.pop(part)))
        try:
            for piece in pieces:
                loading.write(piece.data)
        except BaseException:
            loading.abandon()
            raise
        loading.close()
    refuse_other_format(opened.manifest)
    if wanted:
        raise broken(f"it lacks {', '.join(wanted)}")
    return await compare(opened.manifest, target, public.decode())


async def make_empty(target: Target) -> None:
    """New databases for what comes; those of an attempt that was killed go."""
    await remove_staged(target)
    admin = await target.admin()
    try:
        for service in SERVICES:
            await run_made(admin, "create_database_statements", staged(service), owner_login(service))
    finally:
        await admin.close()


async def remove_staged(target: Target) -> None:
    """Nothing of an attempt stays."""
    admin = await target.admin()
    try:
        for service in SERVICES:
            await run_made(admin, "drop_database_statements", staged(service))
    finally:
        await admin.close()


async def compare(manifest: Mapping[str, Any], target: Target, public: str) -> Loaded:
    """Count every table, recompute the chain, hold it against the newest head that one of the `public` keys signed."""
    rows = 0
    for service in SERVICES:
        connection = await target.login(service).connect()
        try:
            await refuse_other_release(connection, service)
            counted = await count_rows(connection)
            if counted != (told := manifest["tables"][service]):
                raise differs(f"{service}: {shown(counted, told)}")
            rows += sum(counted.values())
            if service == "archive":
                head = await verify_chain(connection)
                vouched = await verify_tree(connection, public)
        finally:
            await connection.close()
    if head._asdict() != manifest["audit"]:
        raise differs(f"the audit ends in {head}, not in {manifest['audit']}")
    return Loaded(manifest, rows, head, vouched)


async def verify_chain(connection: asyncpg.Connection[Any]) -> Head:
    """The chain's end, once every entry is known to be as it was sealed; Failure naming the first that is not."""
    found = await connection.fetchrow(QUERIES["recompute_chain"])
    if found["first_bad"] is not None:
        raise tampered(found["first_bad"])
    seq, digest = await connection.fetchrow(QUERIES["read_head"])
    last = await connection.fetchrow(QUERIES["read_last_entry"])
    if seq != found["entries"] or (last is not None and (last["seq"], last["hash"]) != (seq, digest)):
        raise differs(f"the audit has {found['entries']} entries, and says that it has {seq}")
    return Head(seq, digest.hex())


async def verify_tree(connection: asyncpg.Connection[Any], public: str) -> int:
    """How many entries are those that the newest head was signed over; Failure where they are others.

    A chain that was made anew as a whole, by whoever may write everything, fits itself: not its signature.
    """
    latest = await connection.fetchrow(QUERIES["read_checkpoint"])
    if latest is None:
        return 0
    try:
        head = read_checkpoint(latest["note"], read_keys(public))
    except NoteError as error:
        raise differs(f"the audit's newest head is signed by nobody whose key is in the backup: {error}") from None
    edge, page = Edge(), list[bytes]()
    async with connection.transaction():
        async for seq, at, recorded_at, *texts in connection.cursor(
            QUERIES["read_entries"], head.size, prefetch=AT_ONCE
        ):
            page.append(leaf_hash(spelled(seq, at, recorded_at, texts)))
            if len(page) == AT_ONCE:
                edge.extend(page)
                page.clear()
    edge.extend(page)
    if (edge.size, edge.root()) != (head.size, head.root):
        raise differs(f"the first {head.size} entries of the audit are not those that were signed")
    return head.size


def shown(counted: Mapping[str, int], told: Mapping[str, int]) -> str:
    """Where two counts differ."""
    return ", ".join(
        f"{table} {counted.get(table)} instead of {told.get(table)}"
        for table in sorted(counted.keys() | told.keys())
        if counted.get(table) != told.get(table)
    )


def tampered(entry: int) -> Failure:
    """The backup is what was backed up, and somebody had altered that before: another backup made now is no better."""
    return Failure(
        Text(
            en=f"Entry {entry} of the audit in this backup is not as it was sealed.",
            zh=f"备份中审计记录第 {entry} 条与封存时不符，曾被改动。",
        ),
        Text(
            en="See `tierline audit verify` on the running stack, and keep the last backup that came back whole "
            "(`tierline backup list`).",
            zh="请在运行中的系统上用 `tierline audit verify` 核对，并保留最近一份验证通过的备份"
            "（`tierline backup list`）。",
        ),
        code=ExitCode.NOT_SO,
    )


def differs(why: str) -> Failure:
    return Failure(
        Text(en="What came back is not what was backed up.", zh="恢复出来的数据与备份时不一致。"),
        Text(en="Take another backup: `tierline backup list`.", zh="请改用其他备份：`tierline backup list`。"),
        code=ExitCode.NOT_SO,
        detail=why,
    )


async def refuse_other_release(connection: asyncpg.Connection[Any], service: str) -> None:
    """Failure where a migration was applied that this release has not: no service of it would start on that."""
    applied = {row["migration"]: row["checksum"] for row in await connection.fetch(QUERIES["read_migrations"])}
    try:
        refuse_changed(applied, list(find_migrations(("shared.engine", f"services.{service}"))))
    except MigrationError as error:
        raise newer_release(str(error)) from None


def refuse_other_format(manifest: Mapping[str, Any]) -> None:
    if manifest.get("format") not in {UNSIGNED_FORMAT, SIGNED_FORMAT}:
        raise newer_release()


def newer_release(why: str = "") -> Failure:
    return Failure(
        Text(en="The backup was made by a newer release.", zh="该备份由更新的版本制作。"),
        Text(en="Restore it with that release.", zh="请用该版本恢复。"),
        code=ExitCode.NOT_SO,
        detail=why,
    )
