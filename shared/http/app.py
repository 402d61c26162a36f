"""Builds the app of one service: its own routes behind bearer tokens, and what every service answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from shared.contracts.asyncapi import asyncapi_document
from shared.http import problems
from shared.http.bearer import AccessHooks, Gatekeeper, principal
from shared.http.middleware import Bounded, Observed
from shared.http.noting import Noted
from shared.http.openapi import WHATEVER_ELSE, document_problems
from shared.identity import TokenVerifier
from shared.metrics import Metrics

# The pages that FastAPI makes load these from a CDN, which is blocked or slow for our users.
_ASSETS: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}


def create_app(  # noqa: PLR0913 - the parts of one app, named
    service: str,
    routers: Iterable[APIRouter],
    verifier: TokenVerifier,
    *,
    metrics: Metrics,
    ready: Callable[[], Awaitable[list[str]]],
    hooks: AccessHooks | None = None,
    open_routers: Iterable[APIRouter] = (),
    streamed: re.Pattern[str] | None = None,
    alarms: Callable[[], Sequence[str]] = tuple,
) -> FastAPI:
    """The app of `service`. Every route of `routers` needs a bearer token; /healthz, /readyz, /metrics, /docs do not.

    Neither do `open_routers`, which see to it themselves that nobody gets what is not theirs.

    Bodies for paths that match `streamed` are not bounded here: their routes read them with `read_streamed`.

    `ready` names what the service still waits for (nothing: it is ready), `alarms` what is wrong although it serves.
    """
    app = FastAPI(
        title=f"Tierline {service}",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        responses=dict(WHATEVER_ELSE),
    )
    app.state.gatekeeper = Gatekeeper(verifier, hooks or AccessHooks())
    problems.install(app)
    for router in routers:
        app.include_router(router, dependencies=[Depends(principal)])
    for router in open_routers:
        app.include_router(router)
    app.include_router(_open_routes(service, app, metrics, ready, alarms))
    document_problems(app)
    # Added first, so innermost: it notes what the routes did.
    app.add_middleware(Noted, note=app.state.gatekeeper.hooks.visited)
    app.add_middleware(Bounded, streamed=streamed)
    # Added last, so outermost: it sees what the limit refuses.
    app.add_middleware(Observed, metrics=metrics)
    return app


def _open_routes(
    service: str,
    app: FastAPI,
    metrics: Metrics,
    ready: Callable[[], Awaitable[list[str]]],
    alarms: Callable[[], Sequence[str]],
) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"service": service, "status": "alive"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        waiting_for = await ready()
        body = {"service": service, "ready": not waiting_for, "waiting_for": waiting_for, "alarms": [*alarms()]}
        return JSONResponse(body, status_code=503 if waiting_for else 200)

    @router.get("/metrics")
    async def exposition() -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="docs/openapi.json",
            title=app.title,
            swagger_js_url="docs/swagger-ui-bundle.js",
            swagger_css_url="docs/swagger-ui.css",
            swagger_favicon_url="docs/favicon-32x32.png",
        )

    @router.get("/docs/openapi.json")
    async def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    @router.get("/docs/asyncapi")
    async def asyncapi_document() -> JSONResponse:
        return JSONResponse(_asyncapi())

    @router.get("/docs/{asset}")
    async def docs_asset(asset: str) -> Response:
        if asset not in _ASSETS:
            raise problems.Problem(404, "not_found", "there is no such page", "没有这个页面")
        content = files("fastapi_swagger").joinpath("resources", asset).read_bytes()
        return Response(content, media_type=_ASSETS[asset], headers={"Cache-Control": "public, max-age=86400"})

    return router


@cache
def _asyncapi() -> dict[str, Any]:
    """The topics of the whole system: made once, at the first question."""
    return asyncapi_document()
