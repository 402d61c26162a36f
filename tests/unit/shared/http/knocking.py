"""An app as a service makes it, with routes as they come, and somebody at its door."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Depends
from joserfc.jwk import OKPKey
from pydantic import BaseModel

from shared.http import AccessHooks, Page, PageParams, Principal, Problem, create_app, page_params, require
from shared.identity import Role, TokenSigner, TokenVerifier
from shared.logs import current_traceparent
from shared.metrics import Metrics

KEY = OKPKey.generate_key("Ed25519", auto_kid=True)
SIGNER = TokenSigner(KEY)


def bearer(role: Role) -> dict[str, str]:
    """The header of a person of that role."""
    return {"Authorization": f"Bearer {SIGNER.sign('p-1', role, 'field')}"}


GM = bearer(Role.GM)


class Note(BaseModel):
    words: str


def routes() -> APIRouter:
    """A service's routes as they come, some without asking who calls."""
    router = APIRouter()
    numbers = list(range(1, 26))

    @router.get("/whoami")
    async def whoami(who: Annotated[Principal, Depends(require(Role.GM, Role.REP))]) -> dict[str, str | None]:
        return {"person": who.person, "station": who.station}

    @router.get("/unguarded/{name}")
    async def unguarded(name: str) -> str:
        return name

    @router.get("/numbers")
    async def list_numbers(page: Annotated[PageParams, Depends(page_params)]) -> Page[int]:
        after = page.after_number
        return page.of([n for n in numbers if n > after][: page.limit], lambda number: number)

    @router.post("/notes")
    async def note(note: Note) -> int:
        return len(note.words)

    @router.get("/trace")
    async def trace() -> str | None:
        return current_traceparent()

    @router.get("/taken")
    async def taken() -> None:
        raise Problem(409, "taken", "somebody else was first", "已被他人抢先")

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError("password=hunter2")

    return router


@dataclass
class Door:
    """An app with its client, and what its hooks heard."""

    heard: list[tuple[Any, ...]] = field(default_factory=list)
    waiting_for: list[str] = field(default_factory=list)
    metrics: Metrics = field(default_factory=Metrics)

    def client(self, **hooks: Any) -> httpx.AsyncClient:
        async def hear(*what: object) -> None:
            self.heard.append(what)

        async def ready() -> list[str]:
            return self.waiting_for

        app = create_app(
            "customers",
            [routes()],
            TokenVerifier({"keys": [KEY.as_dict(private=False)]}),
            metrics=self.metrics,
            ready=ready,
            hooks=AccessHooks(login_failed=hear, denied=hear, **hooks),
        )
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://customers")


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that a response carries, which has to have words in both languages."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:tierline:problem:{code}")
    assert body["title"].isascii()
    assert not body["title_zh"].isascii()
    assert body["detail"].isascii()
    assert not body["detail_zh"].isascii()
    return body
