"""What ops may ask of a service, asked with what is no number and no name of anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.admin import Admin, admin_router
from shared.audit import AuditTrail
from shared.clock import FrozenClock
from shared.engine.deadletters import DeadLetters
from shared.engine.outbox import Outbox
from shared.engine.postgres import Database
from shared.http import create_app
from shared.identity import JWKS_FILE, Role, TokenSigner, TokenVerifier, generate_keypair
from shared.in_force import PolicyInForce
from shared.metrics import Metrics
from shared.policy import load_policy
from shared.settings import IdentitySettings
from tests.backends import Databases
from tests.integration.engine.ledger import NOW, prepare

pytestmark = pytest.mark.backend


@pytest.fixture
async def ops(databases: Databases, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody of operations before a service that has read nothing yet."""
    database = Database(await databases.copy_of("engine", prepare), application="test")
    clock = FrozenClock(NOW)
    admin = Admin(
        name="engine",
        clock=clock,
        in_force=PolicyInForce(load_policy(), clock),
        database=database,
        trail=AuditTrail("engine", database, Outbox("/test"), clock, wake=lambda: None),
        letters=DeadLetters(),
        readers=(),
        processors=(),
    )

    async def ready() -> list[str]:
        return []

    signer = TokenSigner.from_file(generate_keypair(tmp_path))
    verifier = TokenVerifier.from_settings(IdentitySettings(jwks_file=tmp_path / JWKS_FILE))
    app = create_app("engine", [admin_router(admin)], verifier, metrics=Metrics(), ready=ready)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://engine",
        headers={"Authorization": f"Bearer {signer.sign('ops', Role.OPS, None)}"},
    ) as client:
        yield client
    await database.close()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/dead-letters/{2**63}", None),
        ("GET", "/dead-letters/0", None),
        ("POST", "/dead-letters/replay", {"topic": "orders\x00"}),
        ("POST", "/partitions/resume", {"topic": "orders\x00"}),
        ("POST", "/partitions/resume", {"topic": "orders.v1", "partition": 2**31}),
    ],
)
async def test_what_no_table_can_hold_is_refused(ops: httpx.AsyncClient, method: str, path: str, body: Any) -> None:
    """As the caller's mistake, and not as a failure of the service."""
    response = await ops.request(method, path, json=body)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")


async def test_a_letter_that_is_not_there_is_not_found(ops: httpx.AsyncClient) -> None:
    """The greatest number that one could have included."""
    assert (await ops.get(f"/dead-letters/{2**63 - 1}")).status_code == 404
