"""The operator's own images, through testcontainers, where a Docker engine answers."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from deploy.local.ports import free_port
from tests.backends.model import Unavailable
from tests.backends.processes import answers_kafka, answers_postgres, wait_until

POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = "apache/kafka:4.3.1"


def check_engine() -> None:
    """Raise `Unavailable`, with the engine's own words, unless a Docker engine answers."""
    try:
        import docker  # noqa: PLC0415 - only who asks for containers needs it

        # Tried by hand first: docker's client leaks the socket that it could not connect.
        address = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
        if address.startswith("unix://"):
            with socket.socket(socket.AF_UNIX) as engine:
                engine.connect(address.removeprefix("unix://"))
        # With a version named, the client is made without asking the engine, and can be closed when that fails.
        client = docker.from_env(timeout=10, version="1.41")
        try:
            client.ping()
        finally:
            client.close()
    except Exception as error:
        raise Unavailable(f"no Docker engine answers ({error}); start one, or take --backend embedded") from error


class ContainerServer:
    """A container with one port published at an address that outlives `kill` and `start`."""

    pid = None

    def __init__(self, image: str, port: int) -> None:
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415

        self.name = f"{image} (container)"
        self.port = free_port()
        self.container = DockerContainer(image).with_bind_ports(port, self.port)
        self._started = False

    def start(self) -> None:
        if self._started:
            self.container.get_wrapped_container().start()
        else:
            self.container.start()
            self._started = True
        wait_until(self.answers, f"{self.name} answering", within=120)

    def answers(self) -> bool:
        raise NotImplementedError

    def kill(self) -> None:
        self.container.get_wrapped_container().kill()
        self.container.get_wrapped_container().wait()

    def stop(self) -> None:
        if self._started:
            self.container.stop()


class PostgresContainer(ContainerServer):
    def __init__(self, _folder: Path) -> None:
        super().__init__(POSTGRES_IMAGE, 5432)
        self.dsn = f"postgresql://postgres:postgres@127.0.0.1:{self.port}/postgres"
        self.container.with_env("POSTGRES_PASSWORD", "postgres")
        self.container.with_command("postgres -c max_connections=200")

    def answers(self) -> bool:
        return answers_postgres(self.port)


class KafkaContainer(ContainerServer):
    """`apache/kafka`; testcontainers' own class knows Confluent's image only."""

    keeps_acknowledged = True

    def __init__(self, _folder: Path) -> None:
        super().__init__(KAFKA_IMAGE, 9092)
        self.bootstrap = f"127.0.0.1:{self.port}"
        for name, value in {
            "KAFKA_NODE_ID": "1",
            "KAFKA_PROCESS_ROLES": "broker,controller",
            "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
            "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{self.port}",
            "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
            "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
            "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        }.items():
            self.container.with_env(name, value)

    def answers(self) -> bool:
        return answers_kafka(self.port)
