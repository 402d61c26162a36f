import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from shared.logs import configure_logs, current_traceparent, mask_secrets, new_traceparent, traced
from shared.settings import LogSettings


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Other tests find the logs as they left them."""
    root = logging.getLogger()
    handlers, level, configured = list(root.handlers), root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.configure(**configured)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """What was logged as JSON."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json() -> None:
    """With its fields, level, time and service; Chinese stays readable."""
    out = io.StringIO()
    configure_logs(LogSettings(format="auto"), service="scoring", stream=out)
    structlog.get_logger().info("tier_changed", customer_id="C-42", to="重点客户")
    (line,) = lines(out)
    assert (line["event"], line["level"], line["service"], line["customer_id"]) == (
        "tier_changed",
        "info",
        "scoring",
        "C-42",
    )
    assert line["timestamp"].endswith("Z")
    assert "重点客户" in out.getvalue()


def test_a_terminal_gets_words() -> None:
    """`auto` is pretty where a human looks."""
    out = Terminal()
    configure_logs(LogSettings(format="auto"), service="scoring", stream=out)
    structlog.get_logger().info("tier_changed", customer_id="C-42")
    assert "tier_changed" in out.getvalue()
    assert not out.getvalue().startswith("{")


def test_libraries_speak_through_the_same_log() -> None:
    """Their warnings, not their steps, in our form, and Python's own warnings too."""
    out = io.StringIO()
    configure_logs(LogSettings(format="json"), service="scoring", stream=out)
    logging.getLogger("uvicorn.error").info("listening")
    logging.getLogger("uvicorn.error").warning("socket %s away", "s1", extra={"node": 1})
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    away, old = lines(out)
    assert (away["event"], away["node"], away["service"]) == ("socket s1 away", 1, "scoring")
    assert "old" in old["event"]


@pytest.mark.parametrize(("level", "told"), [("debug", 1), ("info", 0)])
def test_a_broker_that_is_away_is_not_reported_ten_times_a_second(level: Any, told: int) -> None:
    """The Kafka client repeats itself until it is back; readers and relay say it once."""
    out = io.StringIO()
    configure_logs(LogSettings(format="json", level=level), service="scoring", stream=out)
    logging.getLogger("aiokafka.client").error("no broker")
    assert len(lines(out)) == told


@pytest.mark.parametrize(("level", "told"), [("debug", 3), ("info", 2), ("error", 1)])
def test_the_level_is_the_operators(level: Any, told: int) -> None:
    """Lower levels cost nothing and say nothing."""
    out = io.StringIO()
    configure_logs(LogSettings(format="json", level=level), service="scoring", stream=out)
    log = structlog.get_logger()
    log.debug("a")
    log.info("b")
    log.error("c")
    assert len(lines(out)) == told


def test_the_last_configuration_holds() -> None:
    """Two calls do not write each line twice."""
    first, second = io.StringIO(), io.StringIO()
    configure_logs(LogSettings(format="json"), service="scoring", stream=first)
    configure_logs(LogSettings(format="json"), service="scoring", stream=second)
    structlog.get_logger().info("a")
    assert first.getvalue() == ""
    assert len(lines(second)) == 1


SECRET = "hunter2"  # noqa: S105 - the bait


@pytest.mark.parametrize("form", ["json", "pretty"])
@pytest.mark.parametrize(
    "fields",
    [
        {"password": SECRET},
        {"sasl_plain_password": SECRET},
        {"Authorization": f"Bearer {SECRET}"},
        {"access_token": SECRET},
        {"note": f"tried Bearer {SECRET}"},
        {"dsn": f"postgresql://app:{SECRET}@db/customers"},
        {"dsn": f"host=db password={SECRET} user=app"},
        {"settings": {"database": {"password": SECRET, "urls": [f"postgresql://app:{SECRET}@db/x"]}}},
        {"headers": [("cookie", "a"), {"cookie": SECRET}]},
        {"note": f"eyJhbGciOiJFZDI1NTE5In0.{SECRET}.{SECRET}"},
        {"password": 20061225, "note": "numbers are passwords too"},
    ],
)
def test_secrets_stay_out(form: Any, fields: dict[str, Any]) -> None:
    """By the name of the field or by the look of the value, at any depth."""
    out = io.StringIO()
    configure_logs(LogSettings(format=form), service="scoring", stream=out)
    structlog.get_logger().warning("connecting", **fields)
    assert SECRET not in out.getvalue()
    assert "20061225" not in out.getvalue()
    assert "***" in out.getvalue()


@pytest.mark.parametrize("form", ["json", "pretty"])
def test_an_exception_shows_where_not_what(form: Any) -> None:
    """Its message is masked, and local variables are not shown."""
    out = io.StringIO()
    configure_logs(LogSettings(format=form), service="scoring", stream=out)

    def connect() -> None:
        local = "-".join(["local", *["variable"]])
        raise ConnectionError(f"postgresql://app:{'hun' + 'ter2'}@db refused after {len(local)}")

    try:
        connect()
    except ConnectionError:
        structlog.get_logger().exception("database_away")
    assert "ConnectionError" in out.getvalue()
    assert SECRET not in out.getvalue()
    assert "local-variable" not in out.getvalue()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1), anything, max_size=5))
def test_no_value_breaks_a_log_line(fields: dict[str, Any]) -> None:
    """A record of bytes, surrogates or NaN is logged, not raised about."""
    masked = mask_secrets(None, "info", dict(fields))
    assert json.dumps(masked, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")


def test_lines_within_a_trace_carry_its_id() -> None:
    """From event to reminder one id; outside there is none."""
    out = io.StringIO()
    configure_logs(LogSettings(format="json"), service="scoring", stream=out)
    log = structlog.get_logger()
    trace = new_traceparent()
    with traced(trace) as inside:
        assert inside == current_traceparent() == trace
        log.info("within")
        with traced("nonsense") as other:
            assert other == current_traceparent() != trace
        assert current_traceparent() == trace
    log.info("without")
    within, without = lines(out)
    assert within["trace_id"] == trace.split("-")[1]
    assert "trace_id" not in without
    assert current_traceparent() is None
