"""Who may call an endpoint: bearer tokens, roles, and word to the audit when someone is turned away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.called import role_names
from shared.http.noting import Visit
from shared.http.problems import Problem
from shared.identity import Principal, TokenError, TokenVerifier
from shared.roles import Role
from shared.standing import Registry, standing_as

log = structlog.get_logger()

_scheme = HTTPBearer(
    scheme_name="bearer",
    bearerFormat="JWT",
    description="From `tierline token` or the company's OIDC issuer. 由 `tierline token` 或公司的 OIDC 签发。",
    auto_error=False,
)


async def _unheard(*_: object) -> None:
    return None


async def _unrecorded(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class AccessHooks:
    """What to do, before the answer goes out, when someone is turned away.

    `login_failed(station, reason, path)`: a token was shown and not believed. `denied(principal, path, reason)`: the
    person is known and may not. Paths are route patterns (`/customers/{customer_id}`). `visited(principal, visit)`: a
    request was served that no use case has noted. `standing(person)`: what the organisation says of them now, since a
    token outlives the day on which its holder left or moved.
    """

    login_failed: Callable[[str | None, str, str], Awaitable[None]] = _unheard
    denied: Callable[[Principal, str, str], Awaitable[None]] = _unheard
    visited: Callable[[Principal, Visit], Awaitable[None]] = _unheard
    standing: Registry = _unrecorded


@dataclass(frozen=True, slots=True)
class Gatekeeper:
    """How one app decides who comes in; kept in `app.state.gatekeeper`."""

    verifier: TokenVerifier
    hooks: AccessHooks


async def principal(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)]
) -> Principal:
    """FastAPI dependency: who is asking. Problem 401 without a token that proves it."""
    gatekeeper: Gatekeeper = request.app.state.gatekeeper
    station = request.client.host if request.client else None
    if credentials is None:
        # Nothing was tried, so there is nothing to audit.
        raise _unauthenticated("no bearer token was given", "请求未携带令牌", "")
    try:
        who = gatekeeper.verifier.verify(credentials.credentials, station)
    except TokenError as error:
        log.warning("login_failed", reason=error.reason, station=station, route=route_of(request.scope))
        await gatekeeper.hooks.login_failed(station, error.reason, route_of(request.scope))
        raise _unauthenticated(error.detail, "令牌无效或已过期", ' error="invalid_token"') from None
    # For whoever notes what became of the request.
    request.state.principal = who
    standing = standing_as(who, await gatekeeper.hooks.standing(who.person))
    if standing is None:
        asked = [f"{name}={value}" for name, value in sorted(request.path_params.items())]
        await gatekeeper.hooks.denied(who, route_of(request.scope), " ".join(["left_the_company", *asked])[:1000])
        raise Problem(403, "left_the_company", "who left the company is let in no more", "您已离职，不能再使用系统")
    request.state.principal = standing
    return standing


def require(*roles: Role) -> Callable[..., Awaitable[Principal]]:
    """A FastAPI dependency: who is asking, if of one of `roles`. Problem 403 for anyone else."""

    async def allowed(request: Request, who: Annotated[Principal, Depends(principal)]) -> Principal:
        if who.role in roles:
            return who
        gatekeeper: Gatekeeper = request.app.state.gatekeeper
        log.warning("denied", person=who.person, role=who.role, route=route_of(request.scope))
        await gatekeeper.hooks.denied(who, route_of(request.scope), "role")
        needed = role_names(roles)
        raise Problem(403, "role_not_allowed", f"this is for: {needed.en}", f"只有以下岗位可以办理：{needed.zh}")

    return allowed


def route_of(scope: object) -> str:
    """The pattern of the route that serves a request, so that ids and names stay out of logs and measures."""
    route = scope.get("route") if isinstance(scope, dict) else None
    return str(getattr(route, "path", "unmatched"))


def _unauthenticated(detail: str, detail_zh: str, challenge: str) -> Problem:
    return Problem(
        401, "not_authenticated", detail, detail_zh, headers={"WWW-Authenticate": f'Bearer realm="tierline"{challenge}'}
    )
