"""Followup's whole HTTP over a house, asked in anybody's name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from services.followup.api import (
    Acts,
    acts_router,
    desk_router,
    plans_router,
    reminders_router,
    reports_router,
    schedule_router,
    tasks_router,
)
from services.followup.store import PostgresPeople, PostgresTasks
from services.followup.usecases.tasks import ReadTasks
from shared.attendance import Attendance
from shared.http import AccessHooks, create_app
from shared.identity import JWKS_FILE, Role, TokenSigner, TokenVerifier, generate_keypair
from shared.metrics import Metrics
from shared.settings import IdentitySettings
from tests.integration.followup.house import House


class Asker(NamedTuple):
    """Somebody with a token."""

    who: str
    role: Role
    department: str | None = None


ANN = Asker("ann", Role.REP)
BO = Asker("bo", Role.REP)
MIA = Asker("mia", Role.DEPARTMENT_MANAGER)
BOSS = Asker("boss", Role.GM)
OP = Asker("op", Role.OPS)


@dataclass(frozen=True)
class Door:
    """Where anybody asks; an answer that is no success must be a problem in both languages."""

    client: httpx.AsyncClient
    signer: TokenSigner

    async def ask(
        self, who: Asker, method: str, path: str, body: Any = None, *, key: str | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.signer.sign(*who)}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        answer = await self.client.request(method, path, headers=headers, json=body)
        if not answer.is_success:
            problem = answer.json()
            assert answer.headers["content-type"] == "application/problem+json"
            assert problem["status"] == answer.status_code
            assert problem["detail"]
            assert problem["detail_zh"]
        return answer

    async def get(self, who: Asker, path: str) -> Any:
        answer = await self.ask(who, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, who: Asker, path: str, body: Any = None, *, key: str | None = None) -> Any:
        answer = await self.ask(who, "POST", path, body, key=key)
        assert answer.is_success, answer.text
        return answer.json()

    async def refused(self, who: Asker, method: str, path: str, body: Any = None) -> tuple[int, str]:
        answer = await self.ask(who, method, path, body)
        return answer.status_code, answer.json().get("code", "")

    async def only(self, who: Asker) -> dict[str, Any]:
        """The one reminder of today's list."""
        [item] = (await self.get(who, "/reminders"))["items"]
        return dict(item)


@asynccontextmanager
async def door_to(house: House, folder: Path) -> AsyncIterator[Door]:
    private = generate_keypair(folder)
    verifier = TokenVerifier.from_settings(IdentitySettings(jwks_file=folder / JWKS_FILE))

    async def ready() -> list[str]:
        return []

    routers = [
        reminders_router(house.read_reminders, house.report_contact),
        acts_router(Acts(house.snooze, house.skip, house.hand_over, house.hand_over_customer, house.look)),
        schedule_router(house.read_schedule),
        tasks_router(ReadTasks(house.desk, PostgresTasks())),
        desk_router(house.read_desk),
        plans_router(house.keep_plans),
        reports_router(house.keep_reports, house.clock.now),
    ]
    hooks = AccessHooks(left=Attendance(house.database, PostgresPeople().find).left)
    app = create_app("followup", routers, verifier, metrics=Metrics(), ready=ready, hooks=hooks)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://followup") as client:
        yield Door(client, TokenSigner.from_file(private))
