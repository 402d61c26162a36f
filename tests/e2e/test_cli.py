"""A stack as its user meets it: up, import, look, break, mend, down."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from deploy.cli.client import StackClient
from deploy.failure import ExitCode
from deploy.local.layout import Layout
from shared.engine.kafka import KafkaAddress, Message, OrderedProducer
from shared.roles import Role
from tests.e2e.stacks import Tierline, alive, eventually, kill

SERVICES = {"customers", "scoring", "followup", "archive"}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def tierline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tierline]:
    """A running stack that this file's tests share."""
    tierline = Tierline(tmp_path_factory.mktemp("stack") / "data")
    tierline.start()
    yield tierline
    tierline.end()


def publish(tierline: Tierline, *values: bytes) -> None:
    """Put raw records on orders.v1, as an order system of any quality would."""

    async def send() -> None:
        producer = OrderedProducer(KafkaAddress(tierline.run("status")["kafka"]), client_id="test")
        try:
            await producer.send([Message("orders.v1", None, value) for value in values])
        finally:
            await producer.close()

    asyncio.run(send())


def sheet(folder: Path, *rows: str) -> str:
    """A CSV of orders."""
    path = folder / "orders.csv"
    path.write_text("\n".join(("order_id,customer_id,amount,currency,placed_at,sold_by", *rows)), "utf-8")
    return str(path)


def test_status_says_where_everything_is(tierline: Tierline) -> None:
    """Addresses, process ids, lag: what a test or an operator needs to find, kill and drain a stack."""
    status = tierline.run("status")
    assert set(status["services"]) == SERVICES
    assert status["today"]
    for service in status["services"].values():
        assert service["ready"]
        assert alive(service["pid"])
        assert (service["outbox"], service["dead_letters"]) == (0, 0)


def test_imported_order_becomes_a_level_a_reminder_and_an_audit_entry(tierline: Tierline, tmp_path: Path) -> None:
    """CSV → orders.v1 → customers → scoring → followup → archive, looked at through the command alone."""
    today = datetime.now(UTC).date()
    before = tierline.run("audit", "verify")["entries"]
    done = tierline.run("import", sheet(tmp_path, f"IMP-1,IMP-C1,1200.50,CNY,{today},rep-1"))
    assert done["published"] == 1
    tierline.drain()
    tier = tierline.run("tiers", "IMP-C1")
    assert (tier["class"], tier["orders"], tier["amount"]) == ("contract", 1, "1200.50")
    audit = tierline.run("audit", "verify")
    assert audit["verified"]
    assert audit["entries"] > before
    assert tierline.run("reminders", "--rep", "rep-1") == []


def test_order_imported_twice_counts_once(tierline: Tierline, tmp_path: Path) -> None:
    """An import that was interrupted may simply be made again."""
    file = sheet(tmp_path, "IMP-2,IMP-C2,10,CNY,2026-03-02,rep-1", "IMP-3,IMP-C2,20,USD,2026-03-02,rep-1")
    for _ in range(2):
        tierline.run("import", file)
    tierline.drain()
    assert tierline.run("dlq", "list") == []


def test_import_with_bad_rows_publishes_nothing_unless_told(tierline: Tierline, tmp_path: Path) -> None:
    """Exit code 1 and every bad row by its number; --skip-bad publishes the others."""
    file = sheet(tmp_path, "IMP-4,IMP-C4,10,CNY,2026-03-02,", "IMP-5,IMP-C4,ten,CNY,2026-03-02,")
    found = tierline.run("import", file, expect=ExitCode.NOT_SO)
    assert (found["good"], found["published"], [row["number"] for row in found["bad"]]) == (1, 0, [3])
    assert tierline.run("import", file, "--dry-run", expect=ExitCode.NOT_SO)["published"] == 0
    assert tierline.run("import", file, "--skip-bad")["published"] == 1


def test_what_cannot_be_taken_can_be_listed_read_and_replayed(tierline: Tierline) -> None:
    """A dead letter says why, shows the original bytes, and stays when a replay fails again."""
    publish(tierline, b"{not json")
    tierline.drain()
    letter = tierline.run("dlq", "list")[-1]
    assert (letter["service"], letter["topic"], letter["code"]) == ("customers", "orders.v1", "not_json")
    assert tierline.run("dlq", "show", str(letter["id"]), "--service", "customers")["value"] == "{not json"
    replayed = tierline.run("dlq", "replay", expect=ExitCode.NOT_SO)["customers"]
    assert (replayed["replayed"], list(replayed["refused"])) == (0, [str(letter["id"])])


@pytest.mark.slow
def test_killed_service_is_started_again(tierline: Tierline) -> None:
    """And what it missed takes effect."""
    pid = tierline.run("status")["services"]["scoring"]["pid"]
    kill(pid)

    eventually(lambda: tierline.run("status", expect=None)["services"]["scoring"]["pid"] not in {pid, None}, "another")
    tierline.drain()


def test_second_stack_on_the_same_data_is_refused(tierline: Tierline) -> None:
    """It says that one runs, and leaves that one alone."""
    answer = tierline.run("up", expect=ExitCode.UNREACHABLE)
    assert "already running" in answer["error"]["what"]
    assert tierline.run("status")


def test_doctor_finds_a_running_stack_well(tierline: Tierline) -> None:
    """Each service is looked at."""
    findings = tierline.run("doctor")
    assert {finding["about"] for finding in findings["findings"]} >= SERVICES


def test_a_manager_runs_the_example_of_ten_shops(tierline: Tierline) -> None:
    """D1, D3: as shipped, every pack given, the newcomer, the poor city and the rivals as the source argues."""
    answer = tierline.run("allocate", "--resource", "trial-pack", "--quantity", "10000", "--example")
    units = {share["customer_id"]: share["units"] for share in answer["shares"]}
    assert (len(units), sum(units.values())) == (10, 10_000)
    assert units["客户3"] > units["客户2"] > units["客户1"]
    assert units["客户10"] > 1000


@pytest.mark.slow
def test_another_stack_runs_beside_and_leaves_nothing_behind(tierline: Tierline, tmp_path: Path) -> None:
    """Killed outright, nothing of it survives but its data; Ctrl-C ends it within ten seconds."""
    other = Tierline(tmp_path / "data")
    ours, theirs = tierline.run("status"), other.start()
    assert ours["kafka"] != theirs["kafka"]
    other.run("import", sheet(tmp_path, "IMP-9,IMP-C9,1,CNY,2026-03-02,"))
    other.drain()
    pids = other.pids()
    assert len(pids) >= len(SERVICES)
    other.end(signal.SIGKILL)
    eventually(lambda: not any(map(alive, pids)), "all gone after SIGKILL")

    again = other.start()
    assert again["kafka"] == theirs["kafka"]
    assert other.run("tiers", "IMP-C9")["class"] == "contract"
    pids, began = other.pids(), time.monotonic()
    assert other.end() == ExitCode.OK
    assert time.monotonic() - began < 10
    assert not any(map(alive, pids))


@pytest.mark.slow
def test_days_people_work_and_what_their_calendars_show(tierline: Tierline) -> None:
    """F8: the company's October, a rep's leave there and back, and an address that a calendar program reads until."""
    october = tierline.run("calendar", "2026-10")
    assert [day["day"] for day in october if day["kind"] == "holiday"] == ["2026-10-01", "2026-10-02"]
    assert len(tierline.run("calendar", "2026")) == 365

    with StackClient(Layout(tierline.data), Role.HR) as client:
        client.post("customers", "/people", {"person": "ann", "role": "rep", "department": "field"})
    tierline.drain()
    today = datetime.now(UTC).date()
    added = tierline.run("leave", "add", "ann", "--first", f"{today + timedelta(days=30)}")
    tierline.drain()
    assert [leave["leave_id"] for leave in tierline.run("leave", "list", "--person", "ann")] == [added["id"]]
    tierline.run("leave", "cancel", "ann", added["id"])
    tierline.drain()
    assert tierline.run("leave", "list") == []

    made = tierline.run("feed", "create", "ann", "--language", "en")
    answer = httpx.get(made["url"], trust_env=False)
    assert (answer.status_code, answer.text.splitlines()[0]) == (200, "BEGIN:VCALENDAR")
    assert [feed["feed_id"] for feed in tierline.run("feed", "list")] == [made["feed_id"]]
    tierline.run("feed", "revoke", made["feed_id"])
    assert httpx.get(made["url"], trust_env=False).status_code == 404
    assert tierline.run("reassignments") == []
