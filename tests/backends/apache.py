"""A real Apache Kafka, one KRaft node, from jars on the local Java: neither Docker nor an installation."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.local.ports import free_port
from tests.backends.model import Unavailable
from tests.backends.processes import ServerProcess, answers_kafka

POM = Path(__file__).parent / "apache_kafka" / "pom.xml"
LOGGING = POM.with_name("log4j2.properties")
JAVA_NEEDED = 17  # the server of Kafka 4 is compiled for it
HOW_TO_INSTALL = "on Debian or Ubuntu: apt-get install openjdk-17-jre-headless maven"
# Any 16 bytes in base64: the node is alone, but its storage must bear a cluster's name.
CLUSTER_ID = "5L6g3nShT-eMCtK--X86sw"


class ApacheKafka:
    """Keeps its address and data over `kill` and `start`."""

    keeps_acknowledged = True

    def __init__(self, folder: Path, *, heap_mb: int = 512) -> None:
        self.name = f"Apache Kafka {version()}"
        self.port = free_port()
        self.controller_port = free_port(besides=[self.port])
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._folder = folder
        self._jars = f"{jars()}/*"
        folder.mkdir(parents=True, exist_ok=True)
        self._properties = folder / "server.properties"
        self._server = ServerProcess(
            self.name,
            [
                *("java", f"-Xmx{heap_mb}m", f"-Dlog4j2.configurationFile={LOGGING}", "-cp", self._jars),
                *("kafka.Kafka", str(self._properties)),
            ],
            folder / "kafka.log",
        )

    @property
    def pid(self) -> int | None:
        return self._server.pid

    def start(self) -> None:
        if not self._properties.exists():
            self._format()
        self._server.start(lambda: answers_kafka(self.port), within=60)

    def kill(self) -> None:
        self._server.kill()

    def stop(self) -> None:
        self._server.stop()

    def _format(self) -> None:
        self._properties.write_text(
            "\n".join(
                (
                    "process.roles=broker,controller",
                    "node.id=1",
                    f"controller.quorum.voters=1@127.0.0.1:{self.controller_port}",
                    f"listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port}",
                    f"advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}",
                    "controller.listener.names=CONTROLLER",
                    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
                    f"log.dirs={self._folder / 'data'}",
                    "auto.create.topics.enable=false",
                    "offsets.topic.replication.factor=1",
                    "offsets.topic.num.partitions=4",
                    "transaction.state.log.replication.factor=1",
                    "transaction.state.log.min.isr=1",
                    "share.coordinator.state.topic.replication.factor=1",
                    "share.coordinator.state.topic.min.isr=1",
                    # Tests start groups one member after the other and should not wait for more.
                    "group.initial.rebalance.delay.ms=0",
                    "",
                )
            )
        )
        _run(
            "Kafka's storage tool",
            [
                *("java", "-cp", self._jars, "kafka.tools.StorageTool", "format"),
                *("-t", CLUSTER_ID, "-c", str(self._properties)),
            ],
        )


def version() -> str:
    """The version of Kafka that the pom names."""
    found = re.search(r"<artifactId>kafka_2\.13</artifactId>\s*<version>([^<]+)<", POM.read_text())
    if not found:
        raise Unavailable(f"{POM} names no kafka_2.13")
    return found[1]


def jars() -> Path:
    """The folder of the server's jars in the user's cache, filled by Maven the first time (44 MB).

    Raises:
        Unavailable: without Java or, while the cache is empty, Maven.
    """
    _check_java()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tierline"
    libs = cache / f"apache-kafka-{version()}"
    if libs.is_dir():
        return libs
    if shutil.which("mvn") is None:
        raise Unavailable(f"Apache Kafka's jars need Maven once, and there is no mvn here; {HOW_TO_INSTALL}")
    cache.mkdir(parents=True, exist_ok=True)
    print(f"fetching Apache Kafka {version()} from Maven Central into {libs}", file=sys.stderr)  # noqa: T201
    # Moved into place whole, so that a broken download is never taken for a server.
    with tempfile.TemporaryDirectory(dir=cache) as unfinished:
        _run(
            "Maven",
            [
                *("mvn", "-q", "-B", "-ntp", "dependency:copy-dependencies", "-DincludeScope=runtime"),
                f"--file={POM}",
                f"-DoutputDirectory={unfinished}/libs",
            ],
        )
        try:
            Path(unfinished, "libs").rename(libs)
        except OSError:
            if not libs.is_dir():  # else another run was quicker
                raise
    return libs


def _check_java() -> None:
    if shutil.which("java") is None:
        raise Unavailable(
            f"Apache Kafka needs Java {JAVA_NEEDED} or newer, and there is no java here; {HOW_TO_INSTALL}"
        )
    words = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', words)
    if not found or int(found[1]) < JAVA_NEEDED:
        raise Unavailable(f"Apache Kafka needs Java {JAVA_NEEDED} or newer, here is: {words.strip()}; {HOW_TO_INSTALL}")


def _run(what: str, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Unavailable(f"{what} failed:\n{(done.stdout + done.stderr)[-2000:]}")
