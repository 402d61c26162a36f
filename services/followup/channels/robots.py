"""The group robots of WeCom, DingTalk and Feishu: each its own card, limit, signature and size."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, NamedTuple
from urllib.parse import urlencode

from services.followup.channels.codes import DINGTALK, FEISHU, WECOM, Codes
from services.followup.channels.door import Door, encoded
from services.followup.channels.markdown import WIDEST_NUMBER, in_bytes, in_json, markdown_pages, plain
from services.followup.channels.secrets import Redactor, secrets_of
from services.followup.domain.delivering import Verdict
from services.followup.domain.letters import Letter, Page
from services.followup.domain.pacing import Limit
from services.followup.ports.messages import Addressee, Kind, Shown

# Real time, not the business date: a demo that plays in another year must still sign for today.
Now = Callable[[], float]
SIGNED_ROOM: Final = 200


class WayIn(NamedTuple):
    """A robot's address, and what its own settings ask for."""

    url: str
    secret: str | None = None
    keyword: str | None = None
    a_minute: int | None = None


class Robot:
    """What the three have in common."""

    kind: ClassVar[Kind]
    codes: ClassVar[Codes]
    usual_limits: ClassVar[tuple[Limit, ...]]
    limit: ClassVar[int]
    """Bytes that one message may take."""

    def __init__(self, name: str, way_in: WayIn, door: Door, now: Now = time.time) -> None:
        self.name = name
        self.limits: Sequence[Limit] = self.usual_limits if way_in.a_minute is None else (Limit(way_in.a_minute, 60),)
        self._url = way_in.url
        self._secret = way_in.secret
        self._keyword = way_in.keyword
        self._door = door
        self._now = now
        self._redact = Redactor({*secrets_of(way_in.url), *([way_in.secret] if way_in.secret else [])})

    def reaches(self, to: Addressee) -> bool:
        return True

    def pages(self, letter: Letter, to: Addressee) -> Sequence[Page]:
        return markdown_pages(letter, self._room(letter, to), self.measure)

    def show(self, page: Page, to: Addressee) -> Shown:
        payload = self.payload(page, to)
        return Shown(page, "json", encoded(payload).decode(), self.size(page, to), self.limit)

    async def send(self, page: Page, to: Addressee, message_id: str) -> Verdict:
        url, payload = self.signed(self.payload(page, to))
        return await self._door.post(url, payload, self.codes, self._redact)

    def payload(self, page: Page, to: Addressee) -> dict[str, Any]:
        """What is posted, without the signature."""
        raise NotImplementedError

    def signed(self, payload: dict[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Where it is posted, and what, with the signature where the robot asks for one."""
        return self._url, payload

    def measure(self, text: str) -> int:
        """How much of the limit a piece of a page's text takes."""
        return in_json(text)

    def size(self, page: Page, to: Addressee) -> int:
        """The bytes that the provider counts."""
        return len(encoded(self.payload(page, to)))

    def title(self, page: Page) -> str:
        """The page's title, with the keyword without which the robot's own settings refuse a message."""
        if self._keyword is None or self._keyword in page.title:
            return page.title
        return f"{page.title} · {self._keyword}"

    def _room(self, letter: Letter, to: Addressee) -> int:
        empty = Page(1, 1, letter.title + WIDEST_NUMBER, "")
        return self.limit - self.size(empty, to) - SIGNED_ROOM


class WeCom(Robot):
    """企业微信群机器人: markdown of at most 4,096 bytes, 20 messages a minute."""

    kind = "wecom"
    codes = WECOM
    usual_limits = (Limit(20, 60),)
    limit = 4096

    def payload(self, page: Page, to: Addressee) -> dict[str, Any]:
        return {"msgtype": "markdown", "markdown": {"content": self._content(page, to)}}

    def measure(self, text: str) -> int:
        # WeCom counts the text, not the JSON around it.
        return in_bytes(text)

    def size(self, page: Page, to: Addressee) -> int:
        return in_bytes(self._content(page, to))

    def _content(self, page: Page, to: Addressee) -> str:
        mention = f"\n<@{plain(to.mention)}>" if to.mention and page.number == 1 else ""
        return f"### {plain(self.title(page))}\n{page.text}{mention}"


class DingTalk(Robot):
    """钉钉自定义机器人: markdown of at most 20,000 bytes, signed, 20 messages a minute.

    Not an action card: that mentions nobody, so that a digest in a group would reach no one's eye.
    """

    kind = "dingtalk"
    codes = DINGTALK
    usual_limits = (Limit(20, 60),)
    limit = 20_000

    def payload(self, page: Page, to: Addressee) -> dict[str, Any]:
        # DingTalk joins lines that no empty line parts, unless two spaces end them.
        title = self.title(page)
        text = f"### {plain(title)}\n\n" + page.text.replace("\n\n", "\x00").replace("\n", "  \n").replace(
            "\x00", "\n\n"
        )
        mention = to.mention if page.number == 1 else None
        if mention is None:
            return {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
        kind = "atMobiles" if mention.removeprefix("+").replace("-", "").isdigit() else "atUserIds"
        return {
            "msgtype": "markdown",
            "markdown": {"title": title, "text": f"{text}\n\n@{plain(mention)}"},
            "at": {kind: [mention], "isAtAll": False},
        }

    def signed(self, payload: dict[str, Any]) -> tuple[str, Mapping[str, Any]]:
        if self._secret is None:
            return self._url, payload
        timestamp = str(round(self._now() * 1000))
        digest = hmac.new(self._secret.encode(), f"{timestamp}\n{self._secret}".encode(), hashlib.sha256).digest()
        query = urlencode({"timestamp": timestamp, "sign": base64.b64encode(digest).decode()})
        return f"{self._url}{'&' if '?' in self._url else '?'}{query}", payload

    def _room(self, letter: Letter, to: Addressee) -> int:
        # Each line may get two spaces at its end; no line of ours is shorter than four bytes.
        return super()._room(letter, to) * 2 // 3


class Feishu(Robot):
    """飞书自定义机器人: an interactive card, signed in its own way; 20 KB, 100 a minute and 5 a second."""

    kind = "feishu"
    codes = FEISHU
    usual_limits = (Limit(100, 60), Limit(5, 1))
    limit = 20_000

    def payload(self, page: Page, to: Addressee) -> dict[str, Any]:
        mention = f'\n<at id="{plain(to.mention)}"></at>' if to.mention and page.number == 1 else ""
        return {
            "msg_type": "interactive",
            "card": {
                "config": {"wide_screen_mode": True},
                "header": {"template": "blue", "title": {"tag": "plain_text", "content": self.title(page)}},
                "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": page.text + mention}}],
            },
        }

    def signed(self, payload: dict[str, Any]) -> tuple[str, Mapping[str, Any]]:
        if self._secret is None:
            return self._url, payload
        timestamp = str(int(self._now()))
        # Time and secret are the key, and nothing at all is what is signed.
        digest = hmac.new(f"{timestamp}\n{self._secret}".encode(), b"", hashlib.sha256).digest()
        return self._url, {"timestamp": timestamp, "sign": base64.b64encode(digest).decode(), **payload}
