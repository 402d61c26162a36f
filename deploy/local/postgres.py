"""PostgreSQL from its wheel, as a child process."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from deploy.failure import Failure
from deploy.local.databases import QUERIES, Server
from deploy.local.layout import Layout
from deploy.local.placement import clean_environment, place_cluster, run_as, unprivileged, usable_programs
from deploy.local.ports import HOST, free_port
from deploy.local.processes import Child, Program, Register
from shared.words import Text

SUPERUSER = "tierline"
START_SECONDS = 60.0
# Of a start that failed; a stack that stops says how long there is.
GIVE_UP_SECONDS = 2.5

SETTINGS: Mapping[str, str] = {
    "listen_addresses": HOST,
    # The path of a socket may not exceed 107 bytes, and a data folder can lie deeper than that.
    "unix_socket_directories": "",
    # Four services with their pools, the CLI, and tests that look in.
    "max_connections": "100",
    "shared_buffers": "256MB",
    # An order is durable when it is acknowledged, on a laptop too.
    "fsync": "on",
    "synchronous_commit": "on",
    # Checkpoints in the middle of a feed write every page twice.
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    # Outbox and inbox are queues: their dead rows come fast and must go fast.
    "autovacuum_naptime": "10s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_vacuum_insert_scale_factor": "0.2",
    "autovacuum_vacuum_cost_limit": "2000",
    # The statements are short; compiling one costs more than running it.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] %d/%u ",
    # A file a day of the week, begun anew when its day comes round.
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "0",
}


class EmbeddedPostgres:
    """The cluster of one data folder."""

    def __init__(self, layout: Layout, register: Register, settings: Mapping[str, str] = SETTINGS) -> None:
        self._layout = layout
        self._register = register
        self._settings = settings
        self._account = unprivileged()
        self._child: Child | None = None

    async def start(self, wanted_port: int | None) -> Server:
        """Make the cluster if there is none, start it, return when it takes logins; Failure with its log otherwise."""
        password_file = self._layout.password_file(SUPERUSER)
        programs = await asyncio.to_thread(usable_programs, self._account)
        cluster = await asyncio.to_thread(place_cluster, self._layout, self._account)
        if not (cluster / "PG_VERSION").exists():
            await self._create(programs, cluster, password_file.read_text(encoding="utf-8"))
        refuse_other_version(cluster, programs)
        port = free_port(wanted_port)
        settings = [f"--{name}={value}" for name, value in {**self._settings, "port": str(port)}.items()]
        program = Program(
            "postgres",
            [str(programs / "postgres"), "-D", str(cluster), *settings],
            self._layout.logs / "postgres.log",
            environment=clean_environment(),
            account=self._account,
            ends_with=signal.SIGINT,  # "fast": sessions are cut off, nothing committed is lost
            cut_with=signal.SIGQUIT,  # "immediate": as after a power cut
        )
        self._child = await self._register.start(program)
        password = password_file.read_text(encoding="utf-8")
        server = Server(
            f"{HOST}:{port}", f"postgresql://{SUPERUSER}:{password}@{HOST}:{port}/postgres?sslmode=disable", HOST, port
        )
        await self._until_it_answers(self._child, server)
        return server

    async def write_down(self, server: Server, within: float) -> None:
        """Start writing memory to disk while the services still drain, so that stopping has little left to write."""
        try:
            connection = await asyncpg.connect(server.admin_dsn, timeout=2)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return
        try:
            await connection.execute(QUERIES["checkpoint"], timeout=within)
        except (asyncpg.PostgresError, TimeoutError):
            return
        finally:
            connection.terminate()

    async def stop(self, within: float) -> None:
        """End it in order; cut off after `within` seconds, it recovers at its next start."""
        if self._child is not None:
            await self._child.end(within)

    def cut(self) -> None:
        """End it at once; it recovers at the next start."""
        if self._child is not None:
            self._child.cut()

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    async def _create(self, programs: Path, cluster: Path, password: str) -> None:
        # initdb wants the folder empty and its own; what a broken attempt left is no cluster.
        await asyncio.to_thread(empty, cluster)
        made = await asyncio.to_thread(self._initdb, programs, cluster, password)
        if made.returncode:
            raise Failure(
                Text(en="PostgreSQL could not make its data folder.", zh="PostgreSQL 无法建立数据目录。"),
                Text(
                    en=f"Is there room on the disk of {cluster}, and may it be written?",
                    zh=f"请检查 {cluster} 所在磁盘的空间和写权限。",
                ),
                detail=made.stderr.strip(),
            )

    def _initdb(self, programs: Path, cluster: Path, password: str) -> subprocess.CompletedProcess[str]:
        # A file, since the account may not open a pipe of ours; where it may look, since it may not look everywhere.
        with tempfile.NamedTemporaryFile("w", prefix="tierline-", encoding="utf-8") as words:
            words.write(password)
            words.flush()
            if self._account is not None:
                os.chown(words.name, self._account.uid, self._account.gid)
            command = [
                str(programs / "initdb"), "-D", str(cluster), f"--username={SUPERUSER}", f"--pwfile={words.name}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--no-instructions",
            ]  # fmt: skip
            return run_as(self._account, command)

    async def _until_it_answers(self, child: Child, server: Server) -> None:
        failure: Exception | None = None
        try:
            async with asyncio.timeout(START_SECONDS):
                while child.exit_code is None:
                    try:
                        connection = await asyncpg.connect(server.admin_dsn, timeout=5)
                    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                        failure = error
                        await asyncio.sleep(0.05)
                    else:
                        await connection.close()
                        return
        except TimeoutError:
            await child.end(GIVE_UP_SECONDS)
        raise Failure(
            Text(en="PostgreSQL did not start.", zh="PostgreSQL 未能启动。"),
            Text(en=f"Its log: {child.program.log}", zh=f"日志：{child.program.log}"),
            detail=child.tail() or repr(failure),
        )


def refuse_other_version(cluster: Path, programs: Path) -> None:
    """A cluster of another major version cannot be opened; say so before PostgreSQL does in its log."""
    made_by = (cluster / "PG_VERSION").read_text(encoding="utf-8").strip()
    shown = subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    if shown.split()[2].partition(".")[0] != made_by:
        raise Failure(
            Text(
                en=f"The data was written by PostgreSQL {made_by}, and this is {shown.split()[2]}.",
                zh=f"数据由 PostgreSQL {made_by} 写入，而当前版本是 {shown.split()[2]}。",
            ),
            Text(en="Start on another --data folder.", zh="请用 --data 另选数据目录。"),
        )


def empty(folder: Path) -> None:
    """Remove all that is in `folder`."""
    for item in folder.iterdir():
        shutil.rmtree(item) if item.is_dir() and not item.is_symlink() else item.unlink()
