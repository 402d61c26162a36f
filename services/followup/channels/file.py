"""The channels file: who speaks where, and with which keys. Read once, refused when others may read it.

No value of it is ever quoted: a mistake is told by its place.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from services.followup.channels.anything import Anything
from services.followup.channels.door import Door
from services.followup.channels.mail import Mail, Security, Server
from services.followup.channels.robots import DingTalk, Feishu, Robot, WayIn, WeCom
from services.followup.ports.messages import Channel, Company, Kind
from shared.environment import SettingsError
from shared.policy.document import Document, read_document
from shared.words import Text

# Mounted into one container alone, where the file's owner is somebody else.
MOUNTED: Final = Path("/run/secrets")
MINE: Final = "channels"

HOSTS: Final[Mapping[str, frozenset[str]]] = {
    "wecom": frozenset({"qyapi.weixin.qq.com"}),
    "dingtalk": frozenset({"oapi.dingtalk.com", "api.dingtalk.io"}),
    "feishu": frozenset({"open.feishu.cn", "open.larksuite.com"}),
}
ROBOTS: Final[Mapping[str, type[Robot]]] = {"wecom": WeCom, "dingtalk": DingTalk, "feishu": Feishu}

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
AMinute = Annotated[int, Field(strict=True, ge=1, le=10_000)]


class ChannelsError(SettingsError):
    """The channels file cannot be used; the message tells every mistake in both languages, and no value."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RobotPart(_Part):
    """A group robot: `webhook` as its app shows it, or a `url` of one's own (a relay) that may lead anywhere."""

    kind: Literal["wecom", "dingtalk", "feishu"]
    webhook: str | None = None
    url: str | None = None
    secret: str | None = None
    keyword: str | None = None
    a_minute: AMinute | None = None

    @model_validator(mode="after")
    def _leads_to_the_provider(self) -> Self:
        if (self.webhook is None) == (self.url is None):
            raise _fault("write either webhook or url", "请写 webhook 或 url 之一")
        address = urlsplit(self.webhook or self.url or "")
        if self.webhook is not None and (address.scheme != "https" or address.hostname not in HOSTS[self.kind]):
            hosts = ", ".join(sorted(HOSTS[self.kind]))
            raise _fault(
                f"a webhook of this kind begins with https:// and one of: {hosts} (a relay is given as url)",
                f"该类渠道的 webhook 以 https:// 开头，主机为：{hosts}（中转地址请写 url）",
            )
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise _fault("url begins with http:// or https://", "url 以 http:// 或 https:// 开头")
        return self


class MailPart(_Part):
    """A mail server."""

    kind: Literal["mail"]
    host: str
    port: Annotated[int, Field(strict=True, ge=1, le=65_535)]
    security: Security
    sender: Annotated[str, Field(pattern=r"^[^\r\n]*[^\s@<]+@[^\s@>]+>?$")]
    user: str | None = None
    password: str | None = None
    ca_file: str | None = None
    domains: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")], ...] = ()
    a_minute: AMinute = 300

    @model_validator(mode="after")
    def _keeps_the_password(self) -> Self:
        if self.security == "none" and self.password is not None:
            raise _fault("a password needs security: tls or starttls", "使用口令须设 security: tls 或 starttls")
        if (self.user is None) != (self.password is None):
            raise _fault("user and password go together", "user 与 password 须同时给出")
        return self


class ApprisePart(_Part):
    """Anything that apprise knows."""

    kind: Literal["apprise"]
    urls: Annotated[tuple[str, ...], Field(min_length=1)]
    a_minute: AMinute = 20


Part = Annotated[RobotPart | MailPart | ApprisePart, Field(discriminator="kind")]


class ChannelsFile(_Part):
    """All channels, and which of them hold for whoever has chosen none."""

    channels: dict[Name, Part] = {}
    everyone: tuple[str, ...] = ()
    departments: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        for name in {*self.everyone, *(name for names in self.departments.values() for name in names)}:
            if name not in self.channels:
                raise _fault(f"no channel is called {name}", f"没有名为 {name} 的渠道")
        return self


def read_channels(path: Path | None) -> Company:
    """The company's channels; none without a file. ChannelsError tells everything that is wrong with it."""
    if path is None:
        return Company({}, samples=samples())
    document = read_document(_private_text(path))
    mistakes = [(flaw.place.line, flaw.path, flaw.what) for flaw in document.flaws]
    if mistakes:
        # The reader's own words may quote a line.
        raise _error(path, [(line, at, NO_YAML) for line, at, _ in mistakes])
    try:
        written = ChannelsFile.model_validate(document.value or {})
    except ValidationError as error:
        found = [(_line(document, issue["loc"]), issue["loc"], _words(issue)) for issue in error.errors()]
        raise _error(path, found) from None
    door = Door()
    beside = [url for part in written.channels.values() if isinstance(part, ApprisePart) for url in part.urls]
    channels = {name: _built(name, part, door, beside) for name, part in written.channels.items()}
    for name, channel in channels.items():
        if isinstance(channel, Anything) and not channel.understood:
            at = (MINE, name, "urls")
            raise _error(path, [(_line(document, at), at, NOT_APPRISES)])
    return Company(channels, written.everyone, written.departments, samples())


def samples() -> Mapping[Kind, Channel]:
    """A channel of each kind that leads nowhere."""
    door, nowhere = Door(), "https://example.invalid/"
    robots: dict[Kind, Channel] = {robot.kind: robot(robot.kind, WayIn(nowhere), door) for robot in ROBOTS.values()}
    server = Server("example.invalid", 465, "tls", "tierline@example.invalid")
    return {**robots, "mail": Mail("mail", server, 1)}


NO_YAML = Text(zh="YAML 语法错误", en="this is not valid YAML")
NOT_APPRISES = Text(zh="apprise 不认识其中的地址", en="apprise does not know one of these addresses")
MISSING = Text(zh="缺少这个键", en="this key is missing")
UNKNOWN = Text(zh="没有这个键", en="there is no such key")
KINDS = Text(
    zh="kind 应为 wecom、dingtalk、feishu、mail、apprise 之一",
    en="kind is wecom, dingtalk, feishu, mail or apprise",
)
WRONG = Text(zh="值不正确", en="the value is not as it should be")


def _private_text(path: Path) -> str:
    try:
        # The mode is asked of the open file: asked of the path, the answer could be about another file.
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077 and MOUNTED not in path.absolute().parents:
                raise ChannelsError(
                    f"the channels file {path} holds keys and can be read by others (mode {mode:o}): chmod 600 {path}"
                    f" / 渠道文件含密钥却可被他人读取：请执行 chmod 600 {path}"
                )
            return file.read()
    except UnicodeDecodeError:
        raise ChannelsError(f"the channels file {path} is not UTF-8 text / 渠道文件不是 UTF-8 文本") from None
    except OSError as error:
        raise ChannelsError(f"the channels file {path} cannot be read: {error.strerror} / 渠道文件无法读取") from None


def _error(path: Path, mistakes: list[tuple[int, tuple[int | str, ...], Text]]) -> ChannelsError:
    lines = [
        f"  line {line}, {'.'.join(map(str, at)) or '-'}: {what.en} / 第 {line} 行：{what.zh}"
        for line, at, what in sorted(mistakes, key=lambda mistake: (mistake[0], str(mistake[1])))
    ]
    return ChannelsError("\n".join([f"the channels file {path} cannot be used / 渠道文件无法使用:", *lines]))


def _line(document: Document, at: tuple[int | str, ...]) -> int:
    """The line of a place, or of what it should be in; pydantic puts the kind of a channel into its places."""
    steps: tuple[int | str, ...] = tuple(step for index, step in enumerate(at) if index != len((MINE, "")))
    for place in _shorter(at, steps):
        found = document.keys.get(place) or document.values.get(place)
        if found is not None:
            return found.line
    return 1


def _shorter(*places: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    for length in range(max(map(len, places)), 0, -1):
        yield from (place for place in places if len(place) == length)
        yield from (place[:length] for place in places if len(place) > length)


def _words(issue: Any) -> Text:
    if issue["type"] == "channels":
        return Text(zh=issue["ctx"]["zh"], en=issue["ctx"]["en"])
    if issue["type"].startswith("union_tag"):
        return KINDS
    return {"missing": MISSING, "extra_forbidden": UNKNOWN}.get(issue["type"], WRONG)


def _fault(en: str, zh: str) -> PydanticCustomError:
    return PydanticCustomError("channels", "{en}", {"en": en, "zh": zh})


def _built(name: str, part: RobotPart | MailPart | ApprisePart, door: Door, beside: Sequence[str]) -> Channel:
    if isinstance(part, RobotPart):
        address = part.webhook or part.url or ""
        return ROBOTS[part.kind](name, WayIn(address, part.secret, part.keyword, part.a_minute), door)
    if isinstance(part, ApprisePart):
        return Anything(name, part.urls, part.a_minute, beside)
    server = Server(
        part.host, part.port, part.security, part.sender, part.user, part.password, part.ca_file, part.domains
    )
    return Mail(name, server, part.a_minute)
