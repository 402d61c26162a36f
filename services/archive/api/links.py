"""The page behind the link in a personal message: it asks once more, and decides only when told to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html import escape
from typing import Annotated, Final
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from services.archive.api.doors import lawful
from services.archive.domain.asking import ACTS
from services.archive.usecases import DecideByLink
from services.archive.usecases.links import Question

LONGEST_FORM: Final = 16_384
LONGEST_REASON: Final = 1000
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
OVER: Final = (
    "<p>该链接已失效或已处理。请到系统中查看。</p>"
    "<p>This link is over or has been used. Please look it up in Tierline.</p>"
)
PAGE: Final = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>Tierline</title>
<style>body{{margin:0;padding:24px;background:#f4f5f7;color:#1f2329;font:16px/1.6 system-ui,sans-serif}}
main{{max-width:560px;margin:0 auto;background:#fff;border-radius:8px;padding:20px 24px}}
dt{{color:#646a73}}dd{{margin:0 0 10px;overflow-wrap:anywhere}}textarea{{width:100%;box-sizing:border-box}}
button{{font:inherit;padding:8px 16px;margin:12px 8px 0 0}}</style></head><body><main>{body}</main></body></html>"""

Token = Annotated[str, Path(min_length=1, max_length=1300, pattern=r"^[A-Za-z0-9_.-]+$")]


def links_router(decide: DecideByLink, zone: Callable[[], ZoneInfo]) -> APIRouter:
    """Open to whoever has the link, which says whose decision it is; every other answer is the same."""
    router = APIRouter(tags=["links"], include_in_schema=False)

    @router.get("/decide/{token}")
    async def look(request: Request, token: Token) -> HTMLResponse:
        """Show what is asked. Nothing is decided: mail programs and their guards open links by themselves."""
        question = await decide.look(token, station_of(request))
        return page(OVER, 404) if question is None else page(asked(question, zone()))

    @router.post("/decide/{token}")
    async def answer(request: Request, token: Token) -> HTMLResponse:
        """Decide, once."""
        said = await form_of(request)
        reason, decision = said.get("reason", "").strip(), said.get("decision")
        if not reason or "\x00" in reason or len(reason) > LONGEST_REASON or decision not in {"approve", "refuse"}:
            question = await decide.look(token, station_of(request))
            return page(OVER, 404) if question is None else page(asked(question, zone(), missing=True), 422)
        with lawful():
            standing = await decide.answer(
                token, approved=decision == "approve", reason=reason, station=station_of(request)
            )
        if standing is None:
            return page(OVER, 404)
        zh, en = ("已批准", "Approved") if decision == "approve" else ("已退回", "Refused")
        return page(f"<p>{zh}。{en}.</p>")

    return router


def station_of(request: Request) -> str | None:
    """The address that somebody asks from."""
    return request.client.host if request.client is not None else None


async def form_of(request: Request) -> dict[str, str]:
    """The fields of the form, as browsers send it; of what is no such form none."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            return {}
    try:
        fields = parse_qs(body.decode(), max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def page(body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(PAGE.format(body=body), status, HEADERS)


def shown(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as the business's clock shows it."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def asked(question: Question, zone: ZoneInfo, *, missing: bool = False) -> str:
    """The question in both languages; whatever people wrote is text, never markup."""
    request, act = question.standing.request, ACTS[question.step.act]
    wish = request.wish
    rows = (
        ("申请人 · Asked by", request.asker),
        ("档案 · File", wish.file),
        ("内容 · Sections", ", ".join(request.subject.sections)),
        (
            "方式 · How",
            ("复制 copy" if wish.copy_allowed else "查阅 view") + (" · 借原件 original" if wish.original else ""),
        ),
        ("用途 · Why", wish.purpose),
        *(() if wish.not_before is None else (("起始 · From", shown(wish.not_before, zone)),)),
        ("截止 · Until", shown(wish.until, zone)),
        ("您是 · You are", question.person.person),
    )
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    hint = "<p><strong>请写明理由。Please give a reason.</strong></p>" if missing else ""
    return (
        f"<h1>{escape(act.zh)} · {escape(act.en.capitalize())}</h1><dl>{listed}</dl>{hint}"
        '<form method="post"><label>理由 · Reason<br><textarea name="reason" rows="3" maxlength="1000" required>'
        "</textarea></label><br>"
        '<button name="decision" value="approve">批准 · Approve</button>'
        '<button name="decision" value="refuse">退回 · Refuse</button></form>'
    )
