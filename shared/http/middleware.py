"""What happens around every request, as plain ASGI: limits, trace, one log line, one measure, no naked error."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from time import perf_counter
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.bearer import route_of
from shared.http.problems import INTERNAL, Problem
from shared.logs import traced
from shared.metrics import Metrics

log = structlog.get_logger()

LARGEST_BODY: Final = 256 * 1024

# Asked every few seconds by machines: worth a measure, not a line.
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})


# A method is a word of the client's choosing, and each new one would be a new series for Prometheus.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observed:
    """Gives each request a trace, a log line without its query, a measure; answers 500 when the app fails."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        status = 0

        with traced(Headers(scope=scope).get("traceparent")) as trace:

            async def watched(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    headers = MutableHeaders(scope=message)
                    headers["traceparent"] = trace
                    headers["X-Content-Type-Options"] = "nosniff"
                    # Answers hold customer files: no proxy or browser keeps them unless the route says so.
                    headers.setdefault("Cache-Control", "no-store")
                await send(message)

            try:
                await self._app(scope, receive, watched)
            except Exception:
                log.exception("request_failed", method=_method(scope), route=route_of(scope))
                if status:
                    # Half an answer is out: only a broken connection still tells the client.
                    raise
                await INTERNAL.response()(scope, receive, watched)
            finally:
                seconds = perf_counter() - begun
                self._metrics.answered(_method(scope), route_of(scope), status, seconds)
                note = log.debug if route_of(scope) in _QUIET else log.info
                note(
                    "http_request",
                    method=_method(scope),
                    route=route_of(scope),
                    status=status,
                    ms=round(seconds * 1000, 1),
                )


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "OTHER"


class Bounded:
    """Refuses bodies over 256 KiB, and addresses with a NUL, which PostgreSQL cannot hold.

    Bodies for the paths in `streamed` are let through as they come: their routes see who sends them, and stop reading
    at a bound of their own.
    """

    def __init__(self, app: ASGIApp, largest: int = LARGEST_BODY, streamed: re.Pattern[str] | None = None) -> None:
        self._app = app
        self._largest = largest
        self._streamed = streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            await _BAD_ADDRESS.response()(scope, receive, send)
            return
        if self._streamed is not None and self._streamed.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        body = None
        if not length.isdecimal() or int(length) <= self._largest:
            body = await self._read(receive)
        if body is None:
            await _TOO_LARGE.response()(scope, receive, send)
            return
        await self._app(scope, _replaying(body, receive), send)

    async def _read(self, receive: Receive) -> list[Message] | None:
        """All messages of the body, or None when it is too large (a chunked one does not say so beforehand)."""
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self._largest:
                return None
            if message["type"] != "http.request" or not message.get("more_body", False):
                return messages


def _replaying(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replay() -> Message:
        # After the body the real channel, on which a client that went away is heard.
        return next(waiting, None) or await receive()

    return replay


async def read_streamed(chunks: AsyncIterator[bytes], most: int) -> bytes:
    """The body of a streamed route, of at most `most` bytes; Problem 413 as soon as there are more."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise too_large(most)
    return bytes(body)


def too_large(most: int) -> Problem:
    """A body of more than `most` bytes."""
    return Problem(
        413,
        "too_large",
        f"a request body is at most {most // 1024} KiB",
        f"请求内容不得超过 {most // 1024} KiB",
        # The rest of the body is not read, so the connection cannot be used again.
        headers={"Connection": "close"},
    )


_TOO_LARGE: Final = too_large(LARGEST_BODY)
_BAD_ADDRESS: Final = Problem(400, "bad_address", "the address contains a NUL character", "地址中含有空字符")
