"""The stack's services over HTTP, as someone whom the stack's own key vouches for."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from deploy.failure import ExitCode, Failure
from deploy.local.layout import Layout
from deploy.local.state import StackState, read_state
from shared.identity import KEY_FILE, TokenSigner
from shared.roles import Role
from shared.words import Language, Text, choose_language

# A command's token need not outlive the command, of which the longest is a demo on a slow machine.
TOKEN_LIFE = timedelta(hours=1)
# Verifying a long chain, or replaying thousands of letters, is one request.
TIMEOUT = httpx.Timeout(5.0, read=300.0)
PAGE = 1000


class StackClient:
    """Talks to the services of one running stack, in `role`; as `person` where an act is somebody's own."""

    def __init__(
        self, layout: Layout, role: Role, state: StackState | None = None, *, person: str | None = None
    ) -> None:
        self.state = state or read_state(layout)
        token = sign_token(layout, sub=person or f"cli-{user_name()}", role=role, department=None, life=TOKEN_LIFE)
        # A proxy that the environment names has no business between programs of one machine.
        self._http = httpx.Client(timeout=TIMEOUT, trust_env=False, headers={"Authorization": f"Bearer {token}"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def get(self, service: str, path: str, **params: Any) -> Any:
        """The JSON answer; Failure where there is none or it is a problem."""
        wanted = {name: value for name, value in params.items() if value is not None}
        return self._answer(service, "GET", path, params=wanted)

    def download(self, service: str, path: str, **params: Any) -> bytes:
        """What is not JSON: a file; Failure where there is none or it is a problem."""
        wanted = {name: value for name, value in params.items() if value is not None}
        response = self._asked(service, "GET", path, params=wanted)
        if response.is_success:
            return response.content
        raise problem(service, response.status_code, response.json())

    def lines(self, service: str, path: str) -> Iterator[str]:
        """The lines of an answer that is too long to hold; Failure where there is none, or it breaks off."""
        try:
            with self._http.stream("GET", self.state.services[service].url + path) as response:
                if not response.is_success:
                    response.read()
                    raise problem(service, response.status_code, response.json())
                yield from response.iter_lines()
        except (httpx.HTTPError, ValueError) as error:
            raise unanswered(service, error) from None

    def post(self, service: str, path: str, body: Any = None) -> Any:
        """The JSON answer; Failure where there is none or it is a problem."""
        return self._answer(service, "POST", path, json=body)

    def upload(self, service: str, path: str, content: bytes, **params: str) -> Any:
        """The JSON answer to a body that is a file; Failure where there is none or it is a problem."""
        return self._answer(service, "POST", path, content=content, params=params)

    def put(self, service: str, path: str, body: Any) -> Any:
        """The JSON answer; Failure where there is none or it is a problem."""
        return self._answer(service, "PUT", path, json=body)

    def delete(self, service: str, path: str) -> Any:
        """The JSON answer, None where it is empty; Failure where there is none or it is a problem."""
        response = self._asked(service, "DELETE", path)
        if response.is_success:
            return response.json() if response.content else None
        raise problem(service, response.status_code, response.json())

    def pages(self, service: str, path: str, limit: int | None = None, **params: Any) -> Iterator[Any]:
        """The items of all pages, or the first `limit` of them."""
        cursor, left = None, limit
        while True:
            size = PAGE if left is None else min(PAGE, left)
            page = self.get(service, path, **params, limit=size, cursor=cursor)
            yield from page["items"]
            left = None if left is None else left - len(page["items"])
            cursor = page["next"]
            if cursor is None or left == 0:
                return

    def _answer(self, service: str, method: str, path: str, **request: Any) -> Any:
        response = self._asked(service, method, path, **request)
        if response.is_success:
            return response.json()
        raise problem(service, response.status_code, response.json())

    def _asked(self, service: str, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = self._http.request(method, self.state.services[service].url + path, **request)
            if not response.is_success or response.headers.get("content-type", "").endswith("json"):
                response.json()
        except httpx.InvalidURL:
            raise overlong() from None
        except (httpx.HTTPError, ValueError) as error:
            raise unanswered(service, error) from None
        return response


def quoted(name: str) -> str:
    """An id as part of a path: ids may hold slashes and spaces."""
    return quote(name, safe="")


def unanswered(service: str, error: Exception) -> Failure:
    """A service that gave no answer, or none that can be read."""
    return Failure(
        Text(en=f"The service {service} does not answer.", zh=f"服务 {service} 没有应答。"),
        Text(en="See `tierline status` and `tierline doctor`.", zh="请看 `tierline status` 与 `tierline doctor`。"),
        detail=repr(error),
    )


def overlong() -> Failure:
    """What was typed makes no address: no id is that long."""
    return Failure(
        Text(en="What was typed is too long for an id or a filter.", zh="输入的编号或条件过长。"),
        code=ExitCode.USAGE,
    )


def problem(service: str, status: int, answer: Any) -> Failure:
    """A problem (RFC 9457) as a failure: the service's own words, in both languages."""
    told = answer if isinstance(answer, dict) else {}
    en = told.get("detail") or told.get("title") or f"{service} answered {status}"
    zh = told.get("detail_zh") or told.get("title_zh") or en
    server_error = 500
    code = ExitCode.UNREACHABLE if status >= server_error else ExitCode.NOT_SO
    wrong = [fault(error) for error in told.get("errors") or ()]
    return Failure(Text(en=str(en), zh=str(zh)), code=code, detail="\n".join(wrong))


def fault(error: Mapping[str, str]) -> str:
    """What is wrong with which field, in the user's language; an older service tells it in English only."""
    if choose_language() is Language.ZH and "message_zh" in error:
        return f"{error['path']}：{error['message_zh']}"
    return f"{error['path']}: {error['message']}"


def sign_token(layout: Layout, *, sub: str, role: Role, department: str | None, life: timedelta) -> str:
    """A bearer token signed by the stack's own key; Failure when the key is missing or may be read by others."""
    path = layout.keys / KEY_FILE
    try:
        return TokenSigner.from_file(path).sign(sub, role, department, life)
    except FileNotFoundError:
        raise Failure(
            Text(en=f"There is no signing key in {layout.keys}.", zh=f"{layout.keys} 中没有签名密钥。"),
            Text(
                en="`tierline up` makes one; or name another stack with --data.",
                zh="`tierline up` 会生成；或用 --data 指定其他目录。",
            ),
        ) from None
    except (PermissionError, ValueError) as error:
        raise Failure(
            Text(en="The signing key cannot be used.", zh="签名密钥不可用。"),
            Text(en=f"chmod 600 {path}", zh=f"chmod 600 {path}"),
            detail=str(error),
        ) from None


def user_name() -> str:
    """Who sits at the keyboard, for the audit."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
