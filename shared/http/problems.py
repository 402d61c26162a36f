"""Errors as RFC 9457 problems, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request

from shared.http.faults import in_chinese
from shared.words import Text

MEDIA_TYPE: Final = "application/problem+json"

_TITLES: Final = {
    400: Text(zh="请求有误", en="Bad request"),
    401: Text(zh="未登录或登录已失效", en="Not authenticated"),
    403: Text(zh="无权访问", en="Not allowed"),
    404: Text(zh="未找到", en="Not found"),
    405: Text(zh="不支持的方法", en="Method not allowed"),
    409: Text(zh="与当前状态冲突", en="Conflict with the present state"),
    410: Text(zh="已不存在", en="Gone"),
    413: Text(zh="请求内容过大", en="Request too large"),
    415: Text(zh="不支持的内容类型", en="Unsupported content type"),
    422: Text(zh="请求内容不符合要求", en="The request is not as it should be"),
    429: Text(zh="请求过多", en="Too many requests"),
    500: Text(zh="服务内部错误", en="Internal error"),
    503: Text(zh="服务暂不可用", en="Service unavailable"),
}

# What the framework itself refuses, before any of our code is asked.
_STARLETTES: Final = {
    404: Text(zh="没有这个地址；全部接口见 /docs", en="there is nothing at this address; /docs lists what there is"),
    405: Text(zh="此地址不支持这种方法；全部接口见 /docs", en="this address has other methods; /docs lists them"),
}


class FieldError(BaseModel):
    """One field that is not as it should be; `path` is where, `body.amount` or `query.limit`."""

    path: str
    message: str
    message_zh: str


class ProblemBody(BaseModel):
    """RFC 9457 problem details; `code` is the error in one word, for programs."""

    type: str
    code: str
    status: int
    title: str
    title_zh: str
    detail: str
    detail_zh: str
    errors: list[FieldError] | None = None


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """An answer that is not the one asked for; raise it in an endpoint or in what it calls."""

    def __init__(  # noqa: PLR0913 - the members of RFC 9457
        self,
        status: int,
        code: str,
        detail: str,
        detail_zh: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Iterable[FieldError] = (),
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.detail_zh = detail_zh
        self.headers = dict(headers or {})
        self.errors = list(errors)

    def response(self) -> JSONResponse:
        """The problem as it goes over the wire."""
        title = title_of(self.status)
        body = ProblemBody(
            type=f"urn:tierline:problem:{self.code}",
            code=self.code,
            status=self.status,
            title=title.en,
            title_zh=title.zh,
            detail=self.detail,
            detail_zh=self.detail_zh,
            errors=self.errors or None,
        )
        return JSONResponse(
            body.model_dump(exclude_none=True), self.status, headers=self.headers, media_type=MEDIA_TYPE
        )


def title_of(status: int) -> Text:
    """What a status says to people."""
    return _TITLES.get(status) or Text(zh="请求未完成", en=HTTPStatus(status).phrase)


INTERNAL: Final = Problem(
    500,
    "internal_error",
    "something went wrong here, not in your request; the trace id in the response finds it in the log",
    "服务内部出错，不是请求的问题；可凭响应中的跟踪号在日志里查找",
)

_NOT_JSON: Final = Problem(
    415,
    "not_json",
    "send the body as JSON, with the header Content-Type: application/json",
    "请以 JSON 发送内容，并带上请求头 Content-Type: application/json",
)


def install(app: FastAPI) -> None:
    """Let every error of `app` leave as a problem."""

    async def problem(request: Request, error: Exception) -> JSONResponse:
        return _as_problem(error, request.headers.get("content-type", "")).response()

    for kind in (Problem, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, problem)


def _as_problem(error: Exception, content_type: str) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        faulty_body = any(tuple(item["loc"]) == ("body",) for item in error.errors())
        return _NOT_JSON if faulty_body and "json" not in content_type else _invalid(error.errors())
    if isinstance(error, HTTPException):
        what = _STARLETTES.get(error.status_code, Text(zh=str(error.detail), en=str(error.detail)))
        code = HTTPStatus(error.status_code).name.lower()
        return Problem(error.status_code, code, what.en, what.zh, headers=error.headers)
    return INTERNAL


def _invalid(details: Iterable[Any]) -> Problem:
    # Only where and what, never the value: it may be somebody's data, and the answer may be logged on the way.
    errors = [
        FieldError(path=".".join(str(part) for part in item["loc"]), message=item["msg"], message_zh=in_chinese(item))
        for item in details
    ]
    paths = ", ".join(error.path for error in errors)
    return Problem(
        422, "invalid_request", f"not as it should be: {paths}", f"以下内容不符合要求：{paths}", errors=errors
    )
