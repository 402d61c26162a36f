"""The servers that tests run on: `--backend embedded|containers|apache|given`, or TIERLINE_TEST_BACKEND."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest
import structlog
from hypothesis import settings

from tests.backends import BACKENDS, Backend, Broker, Databases, DatabaseServer, Unavailable, choose
from tests.backends.stack import LocalStack


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backend",
        choices=tuple(BACKENDS),
        default=os.environ.get("TIERLINE_TEST_BACKEND", "embedded"),
        help="where PostgreSQL and the broker come from: wheels (embedded), Docker (containers), real Apache Kafka on "
        "the local Java (apache), or addresses in TIERLINE_TEST_POSTGRES and TIERLINE_TEST_KAFKA (given)",
    )


def pytest_configure() -> None:
    """A machine that does other work too is slow at times, which is no fault of the rule under test.

    And a failure that a test provokes is logged in plain words: drawn in boxes with all variables it takes seconds.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    )
    settings.register_profile("unhurried", parent=settings.default, deadline=None)
    settings.load_profile("unhurried")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what meets a broker, by its fixtures: on another broker all else would prove nothing new."""
    for item in items:
        if {"broker", "stack"}.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("broker")


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
    server = backend.scratch_server(tmp_path_factory.mktemp("postgres"))
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
def database_maker(postgres_dsn: str) -> Databases:
    """Makes databases, and keeps the templates of the session."""
    return Databases(postgres_dsn, secrets.token_hex(4))


@pytest.fixture
async def databases(database_maker: Databases) -> AsyncIterator[Databases]:
    """Makes a test's own databases: `await databases.fresh()`, `await databases.copy_of(name, prepare)`."""
    yield database_maker
    await database_maker.take_back()


@pytest.fixture
async def database_dsn(databases: Databases) -> str:
    """A superuser's libpq URL of a new, empty database for one test."""
    return await databases.fresh()


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """What the stack of this module is told beyond the usual; a module overrides it."""
    return {}


@pytest.fixture(scope="module")
def stack(
    backend: Backend, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalStack]:
    """A whole Tierline on servers of its own, which tests may kill."""
    if backend.name == "given":
        pytest.skip("given servers are not the tests' to kill")
    folder = tmp_path_factory.mktemp("stack")
    with ExitStack() as running:
        broker, database_server = backend.broker(folder / "broker"), backend.scratch_server(folder / "postgres")
        for server in (broker, database_server):
            running.callback(server.stop)
            server.start()
        stack = LocalStack(folder, broker, database_server, environment=environment)
        running.callback(stack.stop)
        stack.start()
        yield stack
