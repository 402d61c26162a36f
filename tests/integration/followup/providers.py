"""WeCom, DingTalk and Feishu as they document their robots, on this machine's own loopback."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

KEY = "key-3f9c2d71-never-to-be-seen"
SECRET = "SEC-81ab77-never-to-be-seen"  # noqa: S105 - one that opens nothing

Kind = Literal["wecom", "dingtalk", "feishu"]
Trouble = Literal["reset", "hang", "cut"]


class Reply(NamedTuple):
    """What is answered instead of what is documented."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


class Request(NamedTuple):
    """A message as it arrived."""

    kind: Kind
    query: Mapping[str, str]
    payload: Any
    size: int

    @property
    def text(self) -> str:
        """What people read of it, title and all."""
        if self.kind == "feishu":
            card = self.payload["card"]
            return f"{card['header']['title']['content']}\n{card['elements'][0]['text']['content']}"
        markdown = self.payload["markdown"]
        return str(markdown.get("content", markdown.get("text")))


@dataclass
class Providers:
    """One server for all three. `now` is the time by which it counts its limits; what it took is in `taken`."""

    now: Callable[[], float] = time.time
    taken: list[Request] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    def __post_init__(self) -> None:
        self._script: deque[Reply | Trouble] = deque()
        self._always: Reply | Trouble | None = None
        self._times: dict[Kind, list[float]] = {"wecom": [], "dingtalk": [], "feishu": []}
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await self._server.wait_closed()

    def url(self, kind: Kind) -> str:
        paths = {
            "wecom": f"/cgi-bin/webhook/send?key={KEY}",
            "dingtalk": f"/robot/send?access_token={KEY}",
            "feishu": f"/open-apis/bot/v2/hook/{KEY}",
        }
        return f"http://127.0.0.1:{self.port}{paths[kind]}"

    def answers(self, *replies: Reply | Trouble) -> None:
        """Answer the next requests like this, and those after as documented."""
        self._script.extend(replies)

    def always(self, reply: Reply | Trouble | None) -> None:
        """Answer all requests like this until told otherwise."""
        self._always = reply

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            # The last one is the end of the test.
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while await self._answer(reader, writer):
                    pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")
        )
        body = await reader.readexactly(length)
        request = self._understood(head.split()[1], body)
        self.asked.append(request)
        self.arrived.set()
        reply = self._script.popleft() if self._script else self._always
        if reply == "hang":
            await asyncio.Event().wait()
        if reply == "reset":
            writer.transport.abort()
            return False
        if reply == "cut":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
            await writer.drain()
            return False
        assert not isinstance(reply, str)
        reply = reply or self._documented(request)
        told = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body, ensure_ascii=False).encode()
        headers = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
        writer.write(f"HTTP/1.1 {reply.status} X\r\ncontent-length: {len(told)}\r\n{headers}\r\n".encode() + told)
        await writer.drain()
        return True

    def _understood(self, target: str, body: bytes) -> Request:
        parts = urlsplit(target)
        kind: Kind = "wecom" if "cgi-bin" in parts.path else "dingtalk" if "robot/send" in parts.path else "feishu"
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        query["hook"] = parts.path.rpartition("/")[2]
        return Request(kind, query, json.loads(body), len(body))

    def _documented(self, request: Request) -> Reply:
        reply = {"wecom": self._wecom, "dingtalk": self._dingtalk, "feishu": self._feishu}[request.kind](request)
        if reply.body.get("errcode", reply.body.get("code")) == 0:
            self.taken.append(request)
        return reply

    def _too_fast(self, kind: Kind, *limits: tuple[int, float]) -> bool:
        now, times = self.now(), self._times[kind]
        if any(sum(at > now - seconds for at in times) >= most for most, seconds in limits):
            return True
        times.append(now)
        return False

    def _wecom(self, request: Request) -> Reply:
        if request.query.get("key") != KEY:
            return Reply({"errcode": 93000, "errmsg": f"invalid webhook url, key {request.query.get('key')}"})
        if len(request.payload["markdown"]["content"].encode()) > 4096:
            return Reply({"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"})
        if self._too_fast("wecom", (20, 60)):
            return Reply({"errcode": 45009, "errmsg": "api freq out of limit"})
        return Reply({"errcode": 0, "errmsg": "ok"})

    def _dingtalk(self, request: Request) -> Reply:
        timestamp = request.query.get("timestamp", "0")
        signed = hmac.new(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256).digest()
        if request.query.get("access_token") != KEY:
            return Reply({"errcode": 300001, "errmsg": "token is not exist"})
        if abs(int(timestamp) / 1000 - time.time()) > 3600:
            return Reply({"errcode": 310000, "errmsg": "invalid timestamp"})
        if request.query.get("sign") != base64.b64encode(signed).decode():
            return Reply({"errcode": 310000, "errmsg": "sign not match"})
        if request.size > 20_000:
            return Reply({"errcode": 460101, "errmsg": "message too long, exceed 20000 bytes"})
        if self._too_fast("dingtalk", (20, 60)):
            return Reply({"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"})
        return Reply({"errcode": 0, "errmsg": "ok"})

    def _feishu(self, request: Request) -> Reply:
        timestamp = request.payload.get("timestamp", "0")
        signed = hmac.new(f"{timestamp}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
        if request.query["hook"] != KEY:
            return Reply({"code": 19001, "msg": "param invalid: incoming webhook access token invalid"})
        stale = abs(int(timestamp) - time.time()) > 3600
        if stale or request.payload.get("sign") != base64.b64encode(signed).decode():
            told = "sign match fail or timestamp is not within one hour from current time"
            return Reply({"code": 19021, "msg": told, "data": {}})
        if request.size > 20_480:
            return Reply({"code": 9499, "msg": "Bad Request", "data": {}}, 400)
        if self._too_fast("feishu", (100, 60), (5, 1)):
            return Reply({"code": 11232, "msg": "frequency limited psm"})
        return Reply({"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})
