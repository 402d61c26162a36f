"""The servers that tests run on: `--backend embedded|containers|apache|given`, or TIERLINE_TEST_BACKEND."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest

from tests.backends import BACKENDS, Backend, Broker, Databases, DatabaseServer, Unavailable, choose


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backend",
        choices=tuple(BACKENDS),
        default=os.environ.get("TIERLINE_TEST_BACKEND", "embedded"),
        help="where PostgreSQL and the broker come from: wheels (embedded), Docker (containers), real Apache Kafka on "
        "the local Java (apache), or addresses in TIERLINE_TEST_POSTGRES and TIERLINE_TEST_KAFKA (given)",
    )


def pytest_report_header(config: pytest.Config) -> str:
    return f"backend: {config.getoption('--backend')}"


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> Backend:
    """The chosen backend; without a Docker engine, tests on containers are skipped with the engine's words.

    A machine that was asked for Apache Kafka and lacks Java fails: a skipped fault test would look like a passed one.
    """
    name = request.config.getoption("--backend")
    try:
        return choose(name)
    except Unavailable as reason:
        if name == "containers":
            pytest.skip(str(reason))
        raise


@pytest.fixture(scope="session")
def broker(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The session's broker, running."""
    broker = backend.broker(tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def database_server(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """The session's PostgreSQL, running."""
    server = backend.database_server(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def kafka_bootstrap(broker: Broker) -> str:
    """`host:port` of the session's broker. Topics are not isolated: take names of your own."""
    return broker.bootstrap


@pytest.fixture(scope="session")
def postgres_dsn(database_server: DatabaseServer) -> str:
    """A superuser's libpq URL on the session's PostgreSQL."""
    return database_server.dsn


@pytest.fixture(scope="session")
def databases(postgres_dsn: str) -> Databases:
    """Makes a test's own databases: `await databases.fresh()`, `await databases.copy_of(name, prepare)`."""
    return Databases(postgres_dsn, secrets.token_hex(4))


@pytest.fixture
async def database_dsn(databases: Databases) -> str:
    """A superuser's libpq URL of a new, empty database for one test."""
    return await databases.fresh()
