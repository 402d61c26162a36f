"""One folder, one stack; its secrets are its owner's."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest

from deploy.failure import Failure
from deploy.local.layout import Layout, is_running, locked
from deploy.local.placement import renew
from deploy.local.state import ServiceState, StackState, read_state, remembered_ports

STATE = StackState(
    supervisor=1,
    kafka="127.0.0.1:9092",
    postgres="127.0.0.1:5432",
    today=date(2026, 3, 2),
    embedded={"postgres": 12, "kafka": None},
    services={
        "customers": ServiceState("http://127.0.0.1:8001", 7),
        "scoring": ServiceState("http://[::1]:8002", None),
    },
)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """An empty data folder, laid out."""
    layout = Layout(tmp_path / "data")
    layout.create()
    return layout


def test_second_stack_on_a_folder_is_refused(layout: Layout) -> None:
    """Two supervisors on one cluster would fight; the message says that one runs."""
    with locked(layout):
        assert is_running(layout)
        with pytest.raises(Failure, match="already running"), locked(layout):
            pass
    assert not is_running(layout)


def test_passwords_are_made_once_and_private(layout: Layout) -> None:
    """The second run must find the password that the first gave PostgreSQL."""
    first = layout.password_file("customers_app")
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(layout.secrets.stat().st_mode) == 0o700
    text = first.read_text("utf-8")
    assert layout.password_file("customers_app").read_text("utf-8") == text
    assert layout.password_file("scoring_app").read_text("utf-8") != text


def test_other_commands_read_what_the_stack_wrote(layout: Layout) -> None:
    """Addresses, process ids and the business date come back as they were."""
    STATE.write(layout)
    with locked(layout):
        assert read_state(layout) == STATE


def test_state_of_a_stack_that_is_gone_is_not_believed(layout: Layout) -> None:
    """After a SIGKILL the file still names processes that do not run."""
    STATE.write(layout)
    with pytest.raises(Failure, match="No stack is running"):
        read_state(layout)


def test_ports_are_remembered_for_the_next_run(layout: Layout) -> None:
    """A bookmark of yesterday's address works today."""
    STATE.write(layout)
    assert remembered_ports(layout) == {"kafka": 9092, "postgres": 5432, "customers": 8001, "scoring": 8002}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"services": 1}', '{"kafka": "x", "postgres": "y", "services": {}}']
)
def test_broken_state_costs_only_the_memory_of_ports(layout: Layout, text: str) -> None:
    """A file that was cut off in a crash must not keep a stack from starting."""
    layout.state.write_text(text, "utf-8")
    assert remembered_ports(layout) == {}


def test_demo_does_not_touch_data_that_is_not_a_demos(layout: Layout) -> None:
    """Someone's orders are worth more than a demo."""
    STATE.write(layout)
    password = layout.password_file("customers_app")
    with pytest.raises(Failure, match="not a demo's"):
        renew(layout)
    assert password.exists()


def test_demo_begins_anew_but_keeps_its_downloads(layout: Layout) -> None:
    """The second demo starts from nothing, and needs no network for it."""
    renew(layout)
    STATE.write(layout)
    layout.cache.mkdir()
    (layout.cache / "orders.txt").write_text("x", "utf-8")
    password = layout.password_file("customers_app")
    renew(layout)
    assert not password.exists()
    assert not layout.state.exists()
    assert (layout.cache / "orders.txt").exists()
