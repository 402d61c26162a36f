"""One HTTP client for all robots: bounded in time and size, follows nothing, says nothing that it should not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import httpx

from services.followup.channels.codes import NO_ANSWER, Codes, judge
from services.followup.channels.secrets import Redactor
from services.followup.domain.delivering import Verdict
from services.followup.domain.pacing import LONGEST_SILENCE

# A robot answers in a fraction of a second; whoever takes longer is away.
TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
WHOLE_SECONDS: Final = 20.0
LARGEST_ANSWER: Final = 64 * 1024
LONGEST_CODE: Final = 40


class Answer(NamedTuple):
    """What came back, whatever it was."""

    status: int
    body: bytes
    retry_after: str | None


class Door:
    """Posts JSON and passes judgement on the answer."""

    def __init__(self, whole_seconds: float = WHOLE_SECONDS) -> None:
        self._whole_seconds = whole_seconds
        # A proxy of the environment would read the keys in the addresses.
        self._client = httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False)

    async def post(self, url: str, payload: Mapping[str, Any], codes: Codes, redact: Redactor) -> Verdict:
        """Post once; never raises but for a cancellation."""
        try:
            async with asyncio.timeout(self._whole_seconds):
                answer = await self._ask(url, encoded(payload))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            words = redact(error) or "no words"
            return Verdict("again", type(error).__name__, words, NO_ANSWER)
        code, said = _told(answer.body)
        code = None if code is None else redact(code)[:LONGEST_CODE]
        return judge(codes, code, redact(said), answer.status, _silence(answer.retry_after))

    async def close(self) -> None:
        """Let go of open connections."""
        await self._client.aclose()

    async def _ask(self, url: str, body: bytes) -> Answer:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        async with self._client.stream("POST", url, content=body, headers=headers) as response:
            read = bytearray()
            async for piece in response.aiter_bytes():
                read += piece
                if len(read) > LARGEST_ANSWER:
                    break
            wait = response.headers.get("retry-after") or response.headers.get("x-ogw-ratelimit-reset")
            return Answer(response.status_code, bytes(read[:LARGEST_ANSWER]), wait)


def encoded(payload: Mapping[str, Any]) -> bytes:
    """JSON as it is sent, and as it is measured: characters as themselves, not as escapes."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _told(body: bytes) -> tuple[str | None, str]:
    """The provider's own code, where there is one, and its words."""
    text = body.decode("utf-8", "replace")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None, text
    if not isinstance(told, dict):
        return None, text
    for code, words in (("errcode", "errmsg"), ("code", "msg"), ("StatusCode", "StatusMessage")):
        if isinstance(told.get(code), int | str) and not isinstance(told.get(code), bool):
            return str(told[code]), str(told.get(words, ""))
    return None, text


def _silence(header: str | None) -> timedelta | None:
    try:
        seconds = float(header or "")
    except ValueError:
        return None
    return timedelta(seconds=seconds) if 0 < seconds <= LONGEST_SILENCE.total_seconds() else None
