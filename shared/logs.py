"""One log for our own events and the libraries' lines: JSON for machines, pretty on a terminal, secrets in neither."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TextIO

import structlog
from structlog.contextvars import bound_contextvars
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor

from shared.settings import LogSettings

_SECRET_KEY: Final = re.compile(
    r"pass(word|wd|phrase)|secret|token|authorization|cookie|api_?key|private_?key|credential", re.IGNORECASE
)
_SECRET_VALUES: Final = (
    # The password of a URL: postgresql://login:password@host.
    (re.compile(r"(\w+://[^\s:/@]*):[^\s@/]+@"), r"\1:***@"),
    (re.compile(r"(?i)\b(password|passwd|sslpassword)=('[^']*'|\S+)"), r"\1=***"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 ***"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "***"),
)
MASK: Final = "***"

# Libraries that narrate: their warnings matter, their steps do not.
_TALKATIVE: Final = ("aiokafka", "asyncio", "faststream", "httpx", "httpcore", "uvicorn")

_TRACEPARENT: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_trace: ContextVar[str | None] = ContextVar("tierline_trace", default=None)


def configure_logs(settings: LogSettings, *, service: str, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's records to `stream` (default: stderr), each with the service's name.

    May be called again; the last call holds.
    """
    out = sys.stderr if stream is None else stream
    pretty = settings.format == "pretty" or (settings.format == "auto" and out.isatty())
    level = logging.getLevelNamesMapping()[settings.level.upper()]

    def add_service(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("service", service)
        return event

    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
        # Exceptions become data before secrets are masked: their messages may quote a DSN. Local variables stay out.
        structlog.processors.format_exc_info
        if pretty
        else structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=20)),
        mask_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *common,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=24
        )
        if pretty
        else structlog.processors.JSONRenderer(serializer=_to_json)
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(max(level, logging.WARNING))
    if level > logging.DEBUG:
        # While a broker is away it repeats that ten times a second; readers and the relay say it once.
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.captureWarnings(capture=True)


def mask_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank what must not be read in a log: values of telling keys, passwords in URLs, bearer tokens."""
    for key, value in event.items():
        event[key] = _masked(key, value)
    return event


def _masked(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if _SECRET_KEY.search(key):
        return MASK
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {inner: _masked(str(inner), content) for inner, content in value.items()}
    if isinstance(value, list | tuple):
        return [_masked("", item) for item in value]
    text = value if isinstance(value, str) else str(value)
    for pattern, blank in _SECRET_VALUES:
        text = pattern.sub(blank, text)
    # A lone surrogate cannot be written as UTF-8, and a log line must never fail.
    return text.encode("utf-8", "backslashreplace").decode()


def _to_json(event: Any, **_: Any) -> str:
    return json.dumps(event, ensure_ascii=False, default=str)


def new_traceparent() -> str:
    """A W3C trace context that begins here."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def current_traceparent() -> str | None:
    """The trace context of the work being done in this task, for what it publishes."""
    return _trace.get()


@contextmanager
def traced(traceparent: str | None) -> Iterator[str]:
    """Work within a trace: every log line inside carries its `trace_id`. A missing or malformed one begins anew."""
    trace = traceparent if traceparent is not None and _TRACEPARENT.fullmatch(traceparent) else new_traceparent()
    before = _trace.set(trace)
    try:
        with bound_contextvars(trace_id=trace[3:35]):
            yield trace
    finally:
        _trace.reset(before)
