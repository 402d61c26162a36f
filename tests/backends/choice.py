"""`--backend embedded|containers|apache|given`: one word, two servers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.backends import containers
from tests.backends.apache import ApacheKafka
from tests.backends.embedded import EmbeddedBroker, EmbeddedPostgres
from tests.backends.model import Broker, DatabaseServer, Unavailable

GIVEN_POSTGRES = "TIERLINE_TEST_POSTGRES"
GIVEN_KAFKA = "TIERLINE_TEST_KAFKA"


@dataclass(frozen=True)
class Backend:
    """How to make the two servers; nothing runs until one is made and started.

    `scratch_server` is the database server for tests that measure nothing.
    """

    name: str
    broker: Callable[[Path], Broker]
    database_server: Callable[[Path], DatabaseServer]
    scratch_server: Callable[[Path], DatabaseServer]
    check: Callable[[], None] = lambda: None


@dataclass
class GivenServer:
    """A server that someone else runs: tests use it and leave it running."""

    address: str
    pid: None = None
    # Nothing is known of it; tests that kill it do not run on it anyway.
    keeps_acknowledged: bool = True

    @property
    def name(self) -> str:
        return f"given {self.bootstrap if '://' not in self.address else 'PostgreSQL'}"

    @property
    def bootstrap(self) -> str:
        return self.address

    @property
    def dsn(self) -> str:
        return self.address

    def start(self) -> None:
        return

    def kill(self) -> None:
        raise Unavailable("a given server is not the tests' to kill")

    def stop(self) -> None:
        return


def _given(variable: str) -> Callable[[Path], GivenServer]:
    def make(_folder: Path) -> GivenServer:
        address = os.environ.get(variable)
        if not address:
            raise Unavailable(f"--backend given takes its address from {variable}, which is not set")
        return GivenServer(address)

    return make


SCRATCH = partial(EmbeddedPostgres, outlives_power_cuts=False)

BACKENDS: Mapping[str, Backend] = {
    backend.name: backend
    for backend in (
        Backend("embedded", EmbeddedBroker, EmbeddedPostgres, SCRATCH),
        Backend("apache", ApacheKafka, EmbeddedPostgres, SCRATCH),
        Backend(
            "containers",
            containers.KafkaContainer,
            containers.PostgresContainer,
            containers.PostgresContainer,
            containers.check_engine,
        ),
        Backend("given", _given(GIVEN_KAFKA), _given(GIVEN_POSTGRES), _given(GIVEN_POSTGRES)),
    )
}


def choose(name: str) -> Backend:
    """The backend of that name.

    Raises:
        Unavailable: when this machine cannot run it.
    """
    backend = BACKENDS[name]
    backend.check()
    return backend
