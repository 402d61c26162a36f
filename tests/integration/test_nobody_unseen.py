"""Every door of every service, as its OpenAPI lists them: who was answered is in the audit, or there was no answer."""

from __future__ import annotations

import importlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi.routing import APIRoute
from joserfc.jwk import OKPKey
from structlog.testing import capture_logs

from deploy.attachment_keys import ATTACHMENT_KEYS_FILE, make_attachment_keys
from deploy.local.layout import write_private
from services.archive.settings import ArchiveSettings, CheckpointSettings
from shared.audit import AuditTrail
from shared.contracts.registry import SERVICES
from shared.http import AccessHooks, create_app
from shared.http.noting import EXEMPT
from shared.identity import TokenSigner, TokenVerifier
from shared.metrics import Metrics
from shared.proof.notes import new_signing_key
from shared.roles import Role
from shared.runtime import Service
from shared.settings import DatabaseSettings, ObjectSettings, ServiceSettings
from tests.backends import Databases
from tests.integration.tables import as_login, tables_of

pytestmark = [pytest.mark.backend, pytest.mark.slow]

# A value for each name that stands in an address; what none of these is answers 404 or 422, and shows nothing.
ADDRESS = {"week": "2026-W10", "rep": "ann", "person": "gm", "department": "d1", "seq": "1", "letter_id": "1"}
QUERY = {"what": "customers", "days": "7", "from": "2026-03-01", "to": "2026-03-02", "day": "2026-03-02"}
EXEMPT_DOORS = {
    "archive": {"GET /audit/verification", "GET /audit/checkpoint", "GET /audit/proofs/consistency"},
    "customers": set(),
    "followup": {"GET /calendar", "GET /reminders/choices", "GET /messages/status"},
    "scoring": {"GET /policy", "GET /policy/versions", "GET /policy/versions/{version:path}"},
}


@dataclass
class Open:
    """A service with its doors open, over a database of its own, without a broker."""

    service: Service
    dsn: str
    key: OKPKey
    client: httpx.AsyncClient
    routes: list[APIRoute]

    async def ask(self, method: str, path: str, role: Role) -> httpx.Response:
        token = TokenSigner(self.key).sign("gm", role, "d1", timedelta(hours=1))
        return await self.client.request(method, path, headers={"Authorization": f"Bearer {token}"}, params=QUERY)

    async def told(self) -> int:
        """How many facts of access wait in the outbox."""
        rows = await self.service.database.fetch("SELECT record_values FROM outbox WHERE topic = 'audit.v1'")
        return sum(len(row["record_values"]) for row in rows)

    def doors(self) -> list[tuple[APIRoute, str, str]]:
        """Every route with a method and an address to try."""
        filled = [
            (route, re.sub(r"\{(\w+)(:path)?\}", lambda m: ADDRESS.get(m[1], "x"), route.path)) for route in self.routes
        ]
        return [(route, method, path) for route, path in filled for method in sorted(route.methods or ())]


def settings_of(name: str, dsn: str, folder: Path) -> ServiceSettings:
    common: dict[str, Any] = {"database": DatabaseSettings(dsn=as_login(dsn, f"{name}_app"))}
    if name == "archive":
        key = folder / "checkpoint.key"
        key.write_text(new_signing_key().encode(), encoding="utf-8")
        make_attachment_keys(folder, write_private)
        return ArchiveSettings(
            **common,
            checkpoints=CheckpointSettings(url=(folder / "checkpoints").as_uri(), key_file=key),
            objects=ObjectSettings(url=(folder / "objects").as_uri()),
            master_keys_file=folder / ATTACHMENT_KEYS_FILE,
        )
    own: type[ServiceSettings] = getattr(
        importlib.import_module(f"services.{name}.settings"), f"{name.capitalize()}Settings", ServiceSettings
    )
    return own(**common)


@pytest.fixture(params=SERVICES)
async def opened(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> AsyncIterator[Open]:
    """Each of the four services."""
    name = request.param
    dsn = await databases.copy_of(name, tables_of(name))
    service: Service = importlib.import_module(f"services.{name}.__main__").build(settings_of(name, dsn, tmp_path))
    trail = AuditTrail(name, service.database, service.outbox, service.clock, wake=lambda: None)
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)

    async def ready() -> list[str]:
        return []

    app = create_app(
        name,
        service.routers,
        TokenVerifier({"keys": [key.as_dict(private=False)]}),
        metrics=Metrics(),
        ready=ready,
        hooks=AccessHooks(login_failed=trail.login_failed, denied=trail.denied, visited=trail.visited),
    )
    # As they were given: the app wraps them.
    routes = [route for router in service.routers for route in router.routes if isinstance(route, APIRoute)]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("10.0.0.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{name}") as client:
        yield Open(service, dsn, key, client, routes)
    await service.database.close()


async def test_whoever_is_answered_is_in_the_audit(opened: Open) -> None:
    """Each door, as the GM and as a rep: shown, done or refused, it leaves an entry, unless it says why it does not."""
    silent, answered = list[str](), set[str]()
    for route, method, path in opened.doors():
        for role in (Role.GM, Role.REP):
            before = await opened.told()
            status = (await opened.ask(method, path, role)).status_code
            if status < 400 or status == 403:
                answered.add(f"{method} {route.path}")
                exempt = EXEMPT in (route.openapi_extra or {}) and status != 403
                if await opened.told() != before + (0 if exempt else 1):
                    silent.append(f"{method} {route.path} as {role}: {status}")
    assert silent == []
    # What needs a body or something that exists answers otherwise, and shows nothing.
    assert len(answered) > len(opened.routes) / 3


async def test_no_audit_no_data(opened: Open) -> None:
    """Where the entry cannot be made durable nothing is shown, by any door that shows anything of a file."""
    connection = await asyncpg.connect(opened.dsn)
    name = opened.service.name
    await connection.execute(f"REVOKE INSERT ON outbox FROM {name}_app")
    await connection.close()
    # Spelling out each failure for a terminal takes longer than the request.
    with capture_logs():
        shown = [
            f"{method} {route.path}: {status}"
            for route, method, path in opened.doors()
            if EXEMPT not in (route.openapi_extra or {})
            for status in [(await opened.ask(method, path, Role.GM)).status_code]
            if status < 400
        ]
    assert shown == []


async def test_what_is_exempt_is_named(opened: Open) -> None:
    """A door that leaves no entry is a decision: it stands in this list, with its reason in the API."""
    exempt = {
        f"{m} {r.path}": extra[EXEMPT]
        for r, m, _ in opened.doors()
        for extra in [r.openapi_extra or {}]
        if EXEMPT in extra
    }
    assert set(exempt) == EXEMPT_DOORS[opened.service.name]
    assert all(exempt.values())


async def test_a_refused_login_is_in_the_audit(opened: Open) -> None:
    """Each door, with a token that is none."""
    for route, method, path in opened.doors():
        before = await opened.told()
        answer = await opened.client.request(method, path, headers={"Authorization": "Bearer nonsense"})
        assert answer.status_code == 401
        assert await opened.told() == before + 1, route.path
