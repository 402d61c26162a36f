"""Nobody sees a file unseen: what a use case has not noted in the audit itself is noted at the door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import Problem
from shared.identity import Principal

log = structlog.get_logger()

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# A 404 is a refusal too: nobody else can tell whether there was nothing, or nothing for this person.
_REFUSED: Final = frozenset({403, 404})
_FAILED: Final = 400
EXEMPT: Final = "x-audit"

_noted: ContextVar[list[None] | None] = ContextVar("tierline_noted", default=None)


def note_taken() -> None:
    """Say that this request has its entry."""
    holder = _noted.get()
    if holder is not None:
        holder.append(None)


def no_file(why: str) -> dict[str, Any]:
    """What a route says (`openapi_extra`) that shows nothing of a file and changes nothing: it leaves no entry."""
    return {EXEMPT: why}


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that was served, or refused: by which route, about which customer, with which ids in its address."""

    action: str
    changes: bool
    refused: bool
    customer: str | None
    about: str | None


Note = Callable[[Principal, Visit], Awaitable[None]]


class Noted:
    """Notes, before an answer goes out, who was given it; without the note there is no answer.

    Innermost of all: a use case that noted for itself, in the transaction that read, is left alone.
    """

    def __init__(self, app: ASGIApp, note: Note) -> None:
        self._app = app
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        holder: list[None] = []
        token = _noted.set(holder)
        withheld = False

        async def noting(message: Message) -> None:
            nonlocal withheld
            if message["type"] == "http.response.start" and not holder:
                withheld = not await self._take(scope, message["status"])
                if withheld:
                    await no_audit().response()(scope, receive, send)
            if not withheld:
                await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            _noted.reset(token)

    async def _take(self, scope: Scope, status: int) -> bool:
        """Whether the answer may go out."""
        who = scope.get("state", {}).get("principal")
        visit = visit_of(scope, status)
        if who is None or visit is None:
            return True
        try:
            await self._note(who, visit)
        except Exception as error:  # noqa: BLE001 - whatever it is, the entry is not durable
            log.warning("answer_withheld", action=visit.action, error=repr(error))
            return False
        return True


def visit_of(scope: Mapping[str, Any], status: int) -> Visit | None:
    """What is to be noted of a request; None where there is nothing: it failed, or its route is exempt."""
    route = scope.get("route")
    extra = getattr(route, "openapi_extra", None) or {}
    if route is None or (status >= _FAILED and status not in _REFUSED):
        return None
    if EXEMPT in extra and status not in _REFUSED:
        return None
    method = scope["method"]
    ids = dict(scope.get("path_params") or {})
    customer = ids.pop("customer_id", None)
    about = " ".join(f"{name}={value}" for name, value in sorted(ids.items()))
    return Visit(
        action=f"{method} {getattr(route, 'path', 'unmatched')}"[:128],
        changes=method not in _SAFE,
        refused=status in _REFUSED,
        customer=customer,
        about=about[:1000] or None,
    )


def no_audit() -> Problem:
    """Why an answer is withheld."""
    return Problem(
        503,
        "no_audit",
        "this could not be noted in the audit, so it is not shown; an act may have taken effect: look before you "
        "repeat it",
        "无法记入审计，因此不予显示；若为操作，可能已生效，请先查看再重试",
    )
